"""Final data of an exam in which everybody filled in everything rightly, as a ministry programmer would send them."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import select

from mab_desktop.domain import seating
from mab_desktop.domain.carrier_records import FINAL_DATA_RECORDS
from mab_desktop.exchange import canonical, envelope, key_envelope
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.services import centre_evidence, centre_secrets
from mab_desktop.services.carriers_ntc import _take_final_data
from mab_desktop.services.closed_marks import STATEMENT_TYPE
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived
from mab_desktop.storage.tables.centre import KeyEnvelope, VariantHall
from mab_desktop.storage.tables.students import Allotment

Record = tuple[str, dict[str, Any]]
LOCAL = bytes(range(32))


def perfect(centre: Context, base: str, shift: int, ministry: DeviceKeys) -> list[Record]:
    """Everything of a shift; one appeal item is granted on a wrong letter of the first student."""
    with centre.store.write(centre.actor) as tx:
        session = tx.session
        draw = centre_evidence.draw_again(session, base, shift, LOCAL)
        assert draw is not None
        allotted = {row.student: row for row in session.scalars(select(Allotment).where(Allotment.shift == shift))}
        halls = session.scalars(select(VariantHall).where(VariantHall.shift == shift))
        laid = {row.hall: row.variants for row in halls}
        key = centre_secrets.centre_key(session, shift).only(centre_secrets.allotted_subjects(session, base, shift))
        # The salt is in the envelope only; a commitment of this test's own stands for the one announced.
        announced = key_envelope.commitment(centre_secrets.encode_answer_key(key), LOCAL)
        session.get_one(KeyEnvelope, (base, shift)).commitment = announced
        tx.note("answer-key-sealed", "test")
    found: list[Record] = [
        ("seating", {
            "shift": shift, "commitment": draw.frozen.commitment, "roster": draw.frozen.roster,
            "halls": draw.frozen.halls, "local": LOCAL.hex(), "code": draw.code,
            "result": seating.result_digest(draw.seats), "drawn_at": "x", "drawn_by": "x",
        }),
        *(("key-letters", {"shift": shift, "variant": variant, "subject": subject, "letters": letters})
          for (variant, subject), letters in sorted(key.letters.items())),
        ("opened-key", {"shift": shift, "commitment": announced, "salt": LOCAL.hex(), "holders": "chair,ministry",
                        "chair": "Төраға", "at": "x", "by": "x"}),
    ]  # fmt: skip
    closed = hashlib.sha256()
    for n, ((hall, seat), student) in enumerate(sorted(draw.seats.items())):
        row, variant = allotted[student], laid[hall][seat - 1]
        own = [row.subject1, row.subject2, row.subject3, row.subject4, row.subject5]
        given = [key.letters[variant, subject] for subject in own]
        if n == 0:
            given[0] = ("B" if given[0][0] == "A" else "A") + given[0][1:]
            found += [
                ("appeal", {"id": "a1", "shift": shift, "code": row.code, "received_at": "x", "state": "decided"}),
                ("appeal-item", {"appeal": "a1", "subject": own[0], "item": 1, "satisfied": True}),
            ]
        here = {"serial": f"S{shift}{n:04d}", "shift": shift, "hall": hall}
        marks = f"code:{row.code} seat:{seat:03d} variant:{variant} "
        marks += " ".join(f"subject{i}:{text}" for i, text in enumerate(given, 1))
        found += [
            ("reading", {**here, "page": 10_000 * shift + 10 * n + p, "scan_pass": p, "position": n + 1, "attempt": 1,
                         "ok": True, "sha256": "0" * 64, "marks": marks})
            for p in (1, 2)
        ]  # fmt: skip
        found += [
            ("seat", {"student": student, "shift": shift, "hall": hall, "seat": seat}),
            ("sheet", {**here, "passes": 2, "code": row.code, "seat": seat, "variant": variant,
                       "answers": "".join(given)}),
            ("identification", {**here, "state": "auto", "code": row.code}),
            *(("score", {"shift": shift, "code": row.code, "subject": subject, "before": 25 - (n == i == 0),
                         "after": 25}) for i, subject in enumerate(own)),
        ]  # fmt: skip
        closed.update(f"{hall}|{here['serial']}|{student}|{seat}|{variant}|{'|'.join(given)}\n".encode())
    values = {"shift": shift, "digest": closed.hexdigest(), "sheets": len(draw.seats), "at": "x", "by": "x"}
    said = {"form": "mab-marks-closed-1", "campaign": centre.season.campaign, **values, "shift": f"{base}-{shift}"}
    statement = envelope.sign(canonical.encode(said), STATEMENT_TYPE, [ministry.signing]).decode()
    found.append(("marks-closed", {**values, "statement": statement}))
    return found


def deliver(centre: Context, found: list[Record], base: str) -> None:
    """Put them in as a carrier would."""

    def every() -> Any:
        for record_type, values in found:
            spec = FINAL_DATA_RECORDS[record_type]
            assert spec.problems(values) == []
            yield record_type, {**dict.fromkeys(spec.names), **values}

    arrived = Arrived("final-data", f"mp{base}", "f" * 64, {}, every)
    with centre.store.write(centre.actor) as tx:
        _take_final_data(centre, tx, arrived)
        tx.note("carrier-accepted", "test")
