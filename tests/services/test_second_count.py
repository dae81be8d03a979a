"""The centre's second count on a real exam: it agrees, and one thing changed shows as exactly what it changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mab_desktop.domain.answer_key import AnswerKey, encode_answer_key
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import centre_final
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.centre import CentreKey, KeyEnvelope, VariantHall
from tests.conftest import KEY, MakeContext
from tests.services.exam_room import BASE, SUBJECTS, key_of
from tests.services.final_stand import Contexts, Final, deliver, make_final

Told = tuple[str, str, str, int, Any, Any]
"""What, whose code, subject, item, reported, counted again."""
DIGEST = "…"


@pytest.fixture(scope="module")
def played(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Final]:
    """The exam, played once for all tests here."""
    contexts = Contexts(empty_database, tmp_path_factory.mktemp("final"))
    yield make_final(contexts, contexts.folder)
    contexts.close()


@pytest.fixture
def final(played: Final, tmp_path: Path) -> Iterator[Final]:
    """The exam with a centre of this test's own."""
    with played.centre.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copied = tmp_path / "centre.db"
    copied.write_bytes(played.centre.store.path.read_bytes())
    centre = replace(played.centre, store=Store(copied, KEY, played.centre.clock))
    yield replace(played, centre=centre, records=copy.deepcopy(played.records))
    centre.store.close()


def differences(final: Final) -> list[Told]:
    report = centre_final.recount(final.centre, BASE)
    return [
        (d.what, d.code, d.subject, d.item, *(DIGEST if len(str(v)) == 64 else v for v in (d.reported, d.recounted)))
        for d in report.differences
    ]


def of_kind(final: Final, record_type: str, /, **wanted: Any) -> dict[str, Any]:
    return next(
        v for k, v in final.records if k == record_type and all(v[name] == value for name, value in wanted.items())
    )


def edited(final: Final, change: Callable[[], None]) -> list[Told]:
    """What the centre finds when one thing was changed in what came."""
    before = copy.deepcopy(final.records)
    change()
    deliver(final)
    found = differences(final)
    final.records = before
    return found


CLOSED: Told = ("marks", "", "", 0, DIGEST, DIGEST)


def test_both_counts_agree(final: Final) -> None:
    assert differences(final) == []
    report = centre_final.recount(final.centre, BASE)
    assert (report.students, report.total_before, report.total_after) == (3, 374, 375)


def test_one_raw_mark_one_decision_one_appeal_show_what_they_change(final: Final) -> None:
    plain, doubt, unknown = (final.codes[name] for name in ("plain", "doubt", "unknown"))
    first, second, third = (final.room.serial(n) for n in (1, 2, 3))

    def raw_mark() -> None:
        reading = of_kind(final, "reading", serial=first, scan_pass=1)
        start = reading["marks"].index("subject3:") + len("subject3:")
        was = reading["marks"][start]
        reading["marks"] = reading["marks"][:start] + "ABCDE"["EABCD".index(was)] + reading["marks"][start + 1 :]

    letter = key_of(1).letters[of_kind(final, "sheet", serial=first)["variant"], SUBJECTS[2]][0]
    assert edited(final, raw_mark) == [
        ("answer", plain, SUBJECTS[2], 1, letter, "-"), ("before", plain, SUBJECTS[2], 0, 25, 24),
        ("after", plain, SUBJECTS[2], 0, 25, 24), CLOSED,
    ]  # fmt: skip

    def decision() -> None:
        of_kind(final, "decision", kind="mark")["value_json"] = '{"values":[]}'

    letter = key_of(1).letters[of_kind(final, "sheet", serial=second)["variant"], SUBJECTS[1]][0]
    assert edited(final, decision) == [
        ("answer", doubt, SUBJECTS[1], 1, letter, "-"), ("before", doubt, SUBJECTS[1], 0, 25, 24),
        ("after", doubt, SUBJECTS[1], 0, 25, 24), CLOSED,
    ]  # fmt: skip

    def identity() -> None:
        word = of_kind(final, "decision", kind="identity")
        word["undone_at"], word["undone_by"] = "2011-05-10T12:00:00+00:00", "x"

    lost = [(what, unknown, subject, 0, 25, None) for subject in SUBJECTS for what in ("before", "after")]
    seat, variant = (of_kind(final, "sheet", serial=third)[name] for name in ("seat", "variant"))
    assert edited(final, identity) == [
        ("code", unknown, "", 0, unknown, ""), ("seat", unknown, "", 0, seat, None),
        ("variant", unknown, "", 0, variant, ""), *lost, CLOSED,
    ]  # fmt: skip

    def appeal() -> None:
        of_kind(final, "appeal-item")["satisfied"] = False

    assert edited(final, appeal) == [("after", plain, SUBJECTS[0], 0, 25, 24)]

    def undecided() -> None:
        of_kind(final, "appeal")["state"] = "absent"

    assert edited(final, undecided) == [("after", plain, SUBJECTS[0], 0, 25, 24)]

    def stranger() -> None:
        of_kind(final, "appeal-item")["item"] = 26

    assert edited(final, stranger) == [
        ("after", plain, SUBJECTS[0], 0, 25, 24), ("appeal", plain, SUBJECTS[0], 26, 1, None),
    ]  # fmt: skip

    def point() -> None:
        of_kind(final, "score", code=doubt, subject=SUBJECTS[4])["before"] = 24

    assert edited(final, point) == [("before", doubt, SUBJECTS[4], 0, 24, 25)]


def test_one_key_letter_shows_on_both_sides(final: Final) -> None:
    plain = final.codes["plain"]
    variant = of_kind(final, "sheet", serial=final.room.serial(1))["variant"]
    right = key_of(1).letters[variant, SUBJECTS[3]]
    other = "ABCDE"["EABCD".index(right[6])]
    changed = right[:6] + other + right[7:]

    def theirs() -> None:
        of_kind(final, "key-letters", variant=variant, subject=SUBJECTS[3])["letters"] = changed

    assert edited(final, theirs) == [
        ("commitment", "", "", 0, DIGEST, DIGEST), ("key", "", SUBJECTS[3], 7, other, right[6]),
    ]  # fmt: skip
    deliver(final)
    letters = {**key_of(1).letters, (variant, SUBJECTS[3]): changed}
    with final.centre.store.write(final.centre.actor) as tx:
        tx.session.get_one(CentreKey, 1).content = encode_answer_key(AnswerKey(1, letters))
        tx.note("answer-key-made", "1")
    assert differences(final) == [
        ("key", "", SUBJECTS[3], 7, right[6], other), ("before", plain, SUBJECTS[3], 0, 25, 24),
        ("after", plain, SUBJECTS[3], 0, 25, 24),
    ]  # fmt: skip


def test_seats_variants_scans_and_proofs_are_the_centre_s_own(final: Final) -> None:
    plain, first = final.codes["plain"], final.room.serial(1)
    student = next(s for s, code in final.room.codes.items() if code == plain)
    seat = of_kind(final, "seat", student=student)["seat"]

    def moved() -> None:
        of_kind(final, "seat", student=student)["seat"] = 9

    assert edited(final, moved) == [("seat", plain, "", 0, 9, seat)]

    def other_draw() -> None:
        of_kind(final, "seating")["result"] = "0" * 64

    assert edited(final, other_draw) == [("draw", "", "", 0, DIGEST, DIGEST)]

    def lost_page() -> None:
        final.records.remove(("reading", of_kind(final, "reading", serial=first, scan_pass=2)))

    found = edited(final, lost_page)
    assert found[0] == ("scan", "", "", 0, None, None)
    assert {line[0] for line in found} == {"scan", "sheet", "before", "after", "appeal", "marks"}

    def unasked() -> None:
        word = copy.deepcopy(of_kind(final, "decision", kind="mark"))
        word.update(id=99, serial=first, field="subject5", column=24, value_json=json.dumps({"values": ["A"]}))
        final.records.append(("decision", word))

    mark = key_of(1).letters[of_kind(final, "sheet", serial=first)["variant"], SUBJECTS[4]][24]
    assert edited(final, unasked) == [("mark", plain, SUBJECTS[4], 25, "A", f"{mark} {mark}")]

    def unsigned() -> None:
        of_kind(final, "marks-closed")["sheets"] += 1

    assert edited(final, unsigned) == [("signature", "", "", 0, DIGEST, None)]
    deliver(final)
    with final.centre.store.write(final.centre.actor) as tx:
        told = tx.session.get_one(KeyEnvelope, (BASE, 1))
        right, told.marks = told.marks, "0" * 12
        tx.note("answer-key-released", BASE)
    assert differences(final) == [("told", "", "", 0, right, "0" * 12)]
    with final.centre.store.write(final.centre.actor) as tx:
        tx.session.get_one(KeyEnvelope, (BASE, 1)).marks = right
        laid = tx.session.get_one(VariantHall, (BASE, 1, "101"))
        laid.variants = [variant if n != seat else "9999" for n, variant in enumerate(laid.variants, 1)]
        tx.note("variants-laid", BASE)
    found = {line[0] for line in differences(final)}
    assert found == {"code", "seat", "variant", "before", "after", "appeal", "marks"}


def test_what_cannot_be_read_or_has_not_come_is_told(final: Final, make_context: MakeContext) -> None:
    def torn() -> None:
        of_kind(final, "reading", serial=final.room.serial(1), scan_pass=1)["marks"] = "code:12(3"

    torn()
    deliver(final)
    with pytest.raises(UserError, match="cannot be read"):
        centre_final.recount(final.centre, BASE)
    with pytest.raises(OutOfOrder, match="has not come"):
        centre_final.recount(make_context(Role.NTC), BASE)
