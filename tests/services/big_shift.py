"""A shift of any size at the ministry's PC, brought quickly into the states of the day; the benchmark plays it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import cv2
from sqlalchemy import false, update

from mab_desktop.omr.files import read_files
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import GroupReading
from mab_desktop.services import envelopes, hall_sheets, keys, results, shifts
from mab_desktop.services.context import Context
from mab_desktop.services.scans import Seen
from mab_desktop.storage.tables.exam import AnswerSheet, Decision, Seat, VariantSeat
from mab_desktop.storage.tables.students import Allotment, Student
from tests.services.exam_room import CHAIR, FIRST_DAY, MINISTRY, Room, filled, give_key, own_marks, password

PLANNED, SEATED, OPEN = "before the seats are drawn", "seats drawn", "shift open, nothing scanned"
SCANNED, IDENTIFIED, COUNTED = "all envelopes scanned", "identification confirmed", "points counted"
ANNOUNCED, APPEAL_CLOSED, CLOSED = "results announced", "appeal closed", "shift closed"
STATES = (PLANNED, SEATED, OPEN, SCANNED, IDENTIFIED, COUNTED, ANNOUNCED, APPEAL_CLOSED, CLOSED)


def states(room: Room, halls: Mapping[str, int]) -> Iterator[str]:
    """Bring shift 1 from one state to the next; each is named when it is reached."""
    yield PLANNED
    room.seat()
    yield SEATED
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    yield OPEN
    scan(room, halls)
    yield SCANNED
    room.finish_identification()
    give_key(room)
    yield IDENTIFIED
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    results.score_shift(room.ctx, 1)
    yield COUNTED
    room.print_as(shifts.RESULTS_BEFORE, 1)
    shifts.announce_results(room.ctx, 1)
    yield ANNOUNCED
    room.day(FIRST_DAY + timedelta(days=1), 23)
    shifts.close_appeal(room.ctx, 1)
    yield APPEAL_CLOSED
    for document in (shifts.LAST_REGISTER, shifts.MINUTES, shifts.RESULTS_AFTER):
        room.print_as(document, 1)
    shifts.close_shift(room.ctx, 1)
    yield CLOSED


def bring(room: Room, halls: Mapping[str, int], state: str) -> Iterator[str]:
    """Bring shift 1 to a state; what comes after it is given back."""
    play = states(room, halls)
    while next(play) != state:
        pass
    return play


def scan(room: Room, halls: Mapping[str, int]) -> None:
    """Every envelope in two passes, saved by the real service.

    One sheet is drawn and read; the other pages bear its picture and scores, and the marks and serials of their own.
    """
    picture = room.folder / "sheet.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(picture), filled(room.serial(1), own_marks(room.lines()[0])))
    for hall in halls:
        lines = room.lines(1, hall)
        envelopes.receive_envelope(room.ctx, 1, hall, len(lines), 0)
        for scan_pass in (1, 2):
            facts = envelopes.run_facts(room.ctx, 1, hall, scan_pass)
            (template,) = read_files([picture], facts.form)
            found = [Seen(_page(template, room.serial(n + 1, 1, hall), own_marks(line, wrong=n % 20)))
                     for n, line in enumerate(lines)]  # fmt: skip
            envelopes.save_run(room.ctx, facts, found, hall)


def write_something(ctx: Context) -> None:
    """A word on a sheet comes and is taken back at once: who asks next must identify the shift's sheets anew."""
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Decision(
            shift=1, hall="101", kind=hall_sheets.UNUSED, serial="000000000000", value={}, protocol_version=0,
            at="2011-05-16T08:00:00+00:00", by=ctx.actor.login, undone_at="2011-05-16T08:00:00+00:00",
            undone_by=ctx.actor.login,
        ))  # fmt: skip
        tx.note("sheets-unused", "1-101")


def touch_everything(ctx: Context) -> None:
    """Every table of the shift counts as written, though no row is another: nothing worked out before helps."""
    with ctx.store.write(ctx.actor) as tx:
        for table in (AnswerSheet, Seat, VariantSeat, Allotment, Student):
            key = next(iter(table.__table__.primary_key))
            tx.session.execute(update(table).where(false()).values({key: key}))
        tx.note("exam-data-loaded", "another")
    write_something(ctx)


def _page(template: SheetReading, serial: str, marks: dict[str, str]) -> SheetReading:
    fields = {
        name: {n: _group(marks.get(name, ""), n, group) for n, group in columns.items()}
        for name, columns in template.fields.items()
    }
    return replace(template, serial=serial, fields=fields)


def _group(marks: str, place: int, group: GroupReading) -> GroupReading:
    return replace(group, values=(marks[place],)) if len(marks) > place else group
