"""A small exam for tests: students with halls and shifts, the centre's secrets, and sheets drawn as real images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from sqlalchemy import insert, select

from mab_desktop.domain.answer_key import AnswerKey, encode_answer_key
from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.names import search_form, sort_key
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.sealed import seed_header, shift_name
from mab_desktop.domain.sheet import layout
from mab_desktop.exchange import kdf, key_envelope, seal
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.services import documents, envelopes, identification, seating, shifts, trusting
from mab_desktop.services.context import Context
from mab_desktop.services.seating import SeatLine
from mab_desktop.storage.tables.core import DeviceKey
from mab_desktop.storage.tables.exam import ReadinessReport, SheetStack, ShiftSeal, VariantSeat
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.results import SealedKey
from mab_desktop.storage.tables.students import Allotment, Shift, Student
from tests.conftest import MakeContext

BASE = "013"
VARIANTS = ("1002", "1019", "1027", "1034", "1041", "1058", "1066", "1073", "1080")
SUBJECTS = ("SUB1", "SUB2", "SUB3", "SUB4", "SUB5")
SECRET = bytes(range(32, 64))
CHEAP = kdf.KdfParams(64, 1)
SEAT_PASSWORD, MINISTRY, CHAIR = "K7Q2M-9XD3T-RV8", "AAAAA-AAAAA-AAA", "BBBBB-BBBBB-BBB"
FIRST_DAY = date(2011, 5, 10)


def password(thirteen: str) -> str:
    """A whole password of 13 symbols: its check symbol is found by trying."""
    from mab_desktop.exchange import passwords

    bare = thirteen.replace("-", "")
    return next(bare + c for c in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if passwords.is_whole(bare + c))


def key_of(shift: int) -> AnswerKey:
    """A key with a pattern of its own for every variant and subject."""
    letters = {
        (variant, subject): "".join("ABCDE"[(i + v + 2 * s + shift) % 5] for i in range(25))
        for v, variant in enumerate(VARIANTS)
        for s, subject in enumerate(SUBJECTS)
    }
    return AnswerKey(shift, letters)


@dataclass
class Room:
    """The exam: its workplace and what the tests decided about it."""

    ctx: Context
    folder: Path
    secret: bytes = SECRET
    codes: dict[str, str] = field(default_factory=dict)

    def day(self, day: date, hour: int = 9) -> None:
        """Go on to a moment."""
        self.ctx.clock.set(datetime(day.year, day.month, day.day, hour, tzinfo=self.ctx.clock.now().tzinfo))  # type: ignore[attr-defined]

    @property
    def representative(self) -> Context:
        """The same workplace with the ministry representative at it."""
        return self.ctx.as_person("rep", "Өкіл Өкілов", "representative")

    def seat(self, shift: int = 1) -> None:
        """Freeze and draw the seats of a shift."""
        seating.freeze_seating(self.ctx, shift)
        seating.draw_seating(self.ctx, shift, password(SEAT_PASSWORD))

    def lines(self, shift: int = 1, hall: str = "101") -> list[SeatLine]:
        """The seated students of a hall."""
        return seating.seat_lines(self.ctx, shift, hall)

    def serial(self, number: int, shift: int = 1, hall: str = "101") -> str:
        """A serial of a hall's stack."""
        return f"{BASE}{shift:02d}{int(hall):03d}{number:04d}"

    def scan(self, sheets: Sequence[tuple[str, Mapping[str, str]]], shift: int = 1, hall: str = "101") -> None:
        """Put an envelope through the scanner twice: serial and what is filled in, field by field."""
        used = sum(any(k not in ("shift", "hall") for k in marks) for _, marks in sheets)
        envelopes.receive_envelope(self.ctx, shift, hall, used, len(sheets) - used)
        for scan_pass in (1, 2):
            paths = self.images(sheets, f"{shift}-{hall}-{scan_pass}")
            envelopes.scan_pass(self.ctx, shift, hall, scan_pass, paths)

    def images(self, sheets: Sequence[tuple[str, Mapping[str, str]]], name: str) -> list[Path]:
        """Image files of filled sheets."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for n, (serial, marks) in enumerate(sheets):
            paths.append(folder / f"{n:03d}.png")
            cv2.imwrite(str(paths[-1]), filled(serial, marks))
        return paths

    def sign(self, shift: int = 1, hall: str = "101") -> int:
        """Issue the protocol and have it signed."""
        version = identification.issue_protocol(self.ctx, shift, hall)
        if not version.signed_at:
            identification.sign_protocol(self.ctx, shift, hall, version.version, ["Бірінші", "Екінші"])
        return version.version

    def print_as(self, document: str, shift: int) -> None:
        """Log the printing of a paper that a guard asks for."""
        documents.print_document(self.ctx, document, str(shift), lambda _: b"%PDF /Type /Page\n", copies=3)

    def finish_identification(self, shift: int = 1) -> None:
        """Last protocol of every hall, then the representative's word."""
        for line in envelopes.envelope_lines(self.ctx, shift):
            identification.issue_protocol(self.ctx, shift, line.hall)
        shifts.confirm_identification(self.representative, shift)


def own_marks(line: SeatLine, shift: int = 1, wrong: int = 0) -> dict[str, str]:
    """What a careful student fills in; the first `wrong` items of his first subject are wrong."""
    key, subjects = key_of(shift), {}
    for n, subject in enumerate(SUBJECTS):
        letters = key.letters[line.variant, subject]
        if n == 0:
            letters = "".join("ABCDE"[("ABCDE".index(c) + 1) % 5] for c in letters[:wrong]) + letters[wrong:]
        subjects[f"subject{n + 1}"] = letters
    return {"code": line.code, "seat": f"{line.seat:03d}", "variant": line.variant, **subjects}


@cache
def _blank(serial: str) -> NDArray[np.uint8]:
    sheet = layout(default_profile())
    pdf = draw_sheets(sheet, [SheetPrint(serial=serial)])
    page = pypdfium2.PdfDocument(pdf)[0]
    image: NDArray[np.uint8] = page.render(scale=200 / 72, grayscale=True).to_numpy()
    return np.ascontiguousarray(image.reshape(image.shape[0], image.shape[1]))


def filled(serial: str, marks: Mapping[str, str]) -> NDArray[np.uint8]:
    """A sheet's image: one character a column, `-` for none, `BC` not possible here (use `+` before a pair's field)."""
    image = _blank(serial).copy()
    dots = image.shape[1] / 210
    for bubble in layout(default_profile()).bubbles:
        text = marks.get(bubble.field, "")
        pair = marks.get(f"+{bubble.field}:{bubble.column}", "")
        if (bubble.column < len(text) and text[bubble.column] == bubble.value) or bubble.value in pair:
            centre = (round(bubble.x * dots), round(bubble.y * dots))
            cv2.circle(image, centre, round(bubble.rx * dots), 20, -1, cv2.LINE_AA)
    return image


def make_room(
    make_context: MakeContext, folder: Path, halls: Mapping[str, int] | None = None, shift_count: int = 1
) -> Room:
    """A ministry programmer's workplace on the eve: `halls` gives students per hall in every shift."""
    ctx = make_context(Role.MINISTRY_PROGRAMMER, BASE)
    room, plan = Room(ctx, folder), halls or {"101": 4}
    students, allotments, laid, stacks = [], [], [], []
    for shift in range(1, shift_count + 1):
        for hall, count in plan.items():
            first = int(f"{BASE}{shift:02d}{int(hall):03d}0001")
            stacks.append({"shift": shift, "hall": hall, "first_serial": f"{first:012d}", "count": count + 3})
            laid += [
                {"shift": shift, "hall": hall, "seat": n + 1, "variant": VARIANTS[(n + int(hall)) % len(VARIANTS)]}
                for n in range(count + 2)
            ]
            for n in range(count):
                identity = f"{shift:08d}{int(hall):012d}{n:012d}"
                students.append(_student(identity, n, hall, shift))
                allotments.append(_allotment(identity, n, hall, shift))
    with ctx.store.write(ctx.actor) as tx:
        session = tx.session
        session.add(Building(base_university=BASE, code="01", name="Бас корпус", address="Абай көшесі, 1"))
        for hall, count in plan.items():
            session.add(Hall(base_university=BASE, number=hall, building="01", floor=1, kind="hall", rows=10,
                             places_in_row=10, seats=count + 2))  # fmt: skip
        for shift in range(1, shift_count + 1):
            day = FIRST_DAY + timedelta(days=shift - 1)
            session.add(Shift(number=shift, exam_date=day, start_time="09:00", state="planned"))
            header = seed_header(ctx.season.campaign, "test", BASE, shift)
            box = seal.seal(SECRET, password(SEAT_PASSWORD), header, params=CHEAP)
            session.add(
                ShiftSeal(shift=shift, commitment=seal.commitment(SECRET), sealed_seed=box.decode(), received_at="")
            )
        session.add(
            ReadinessReport(n=1, at="2011-05-09T09:00:00+00:00", made_by="", confirmed_by="Өкіл Өкілов", ready=False,
                            reason="an exam of the tests", content={}, digest="")
        )  # fmt: skip
        session.flush()
        for table, rows in ((Student, students), (Allotment, allotments), (VariantSeat, laid), (SheetStack, stacks)):
            session.execute(insert(table), rows)
        if tx.session.scalar(select(DeviceKey.keyid)) is None:
            keys = DeviceKeys.generate(ctx.organisation, ctx.organisation, ctx.role.value, ctx.entropy)
            trusting.put_device_keys(ctx, tx, keys)
        tx.note("exam-data-loaded", "test")
    room.codes = {a["student"]: a["code"] for a in allotments}
    room.day(FIRST_DAY - timedelta(days=1), 15)
    return room


def give_key(room: Room, shift: int = 1) -> None:
    """The centre's sealed key of a shift arrives."""
    ctx = room.ctx
    envelope = key_envelope.make(
        encode_answer_key(key_of(shift)), campaign=ctx.season.campaign, mode="test", shift=shift_name(BASE, shift),
        ways=[{"ministry": password(MINISTRY), "chair": password(CHAIR)}], params=CHEAP,
    )  # fmt: skip
    announced = key_envelope.read_header(envelope).commitment
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(SealedKey(shift=shift, commitment=announced, envelope=envelope.decode(), received_at=""))
        tx.note("exam-data-loaded", f"key-{shift}")


def _student(identity: str, n: int, hall: str, shift: int) -> dict[str, object]:
    surname = "АБВГДЕЖЗИК"[n % 10] + "сан" + "абвгдежзик"[int(hall) % 10] + "ов" * (1 + n // 10)
    name = f"{surname} Әли Болатұлы"
    return {
        "id": identity, "university": "027" if n % 2 else "041", "base_university": BASE, "surname": surname,
        "first_name": "Әли", "patronymic": "Болатұлы", "birth_date": date(1991, 4, 12), "citizenship": "398",
        "nationality": "005", "sex": "1", "specialty": "050102", "course": "2", "study_language": "1",
        "study_form": "1", "payment": "3", "to_code": f"{int(hall):04d}{n:04d}", "certificate": "12345678",
        "grant_certificate": None,
        "identity_document": "012345678", "admission_year": 2009, "record_book": "77", "foreign_language": "1",
        "created_by": "x", "created_at": "x", "changed_by": "x", "changed_at": "x", "search": search_form(name),
        "sort_name": sort_key(name),
    }  # fmt: skip


def _allotment(identity: str, n: int, hall: str, shift: int) -> dict[str, object]:
    return {
        "student": identity, "code": f"{shift}{int(hall):03d}{n * 37 % 100:02d}{n:02d}", "shift": shift,
        "building": "01", "hall": hall, "test_language": "1", **{f"subject{i + 1}": s for i, s in enumerate(SUBJECTS)},
    }  # fmt: skip
