"""Doubtful marks: looked at one by one and decided by eye; the reading stays beside the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.omr.load import ImageFile
from mab_desktop.services import hall_sheets, shifts, who
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.images import kept_image
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import Decision, Protocol, Reading, ScannedPage


@dataclass(frozen=True)
class Shot:
    """A mark as one pass saw it: its image file, the page in it, the map from mm to pixels (9 numbers), the reading."""

    image: ImageFile
    image_page: int
    placement: tuple[float, ...]
    mark: str


@dataclass(frozen=True)
class MarkWord:
    """What a person decided of a mark, who and when; `id` takes it back (`identification.undo`)."""

    id: int
    values: tuple[str, ...]
    by: str
    at: str


@dataclass(frozen=True)
class DoubtfulMark:
    """A group of bubbles that waits for an eye, or was decided: what was read, in both passes, and what was decided."""

    serial: str
    hall: str
    field: str
    column: int
    read: str
    first: Shot
    second: Shot
    decided: tuple[str, ...] | None = None
    word: MarkWord | None = None


@dataclass(frozen=True)
class MarkDecision:
    """What a person sees in a group: no value, one, or several."""

    serial: str
    field: str
    column: int
    values: tuple[str, ...]
    ground: str = ""


def doubtful_marks(
    ctx: Context, shift: int, hall: str = "", *, numbers: bool = False, decided: bool = False
) -> list[DoubtfulMark]:
    """Doubtful answers of used sheets by hall and place in the envelope.

    `numbers` takes code, seat and variant in too (they may also be left to the protocol), `decided` those that a person
    has decided already.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        known = hall_sheets.decided(session, shift, hall)
        fields = reading.subject_fields(hall_sheets.exam_profile(session).subjects)
        fields = (*reading.DIGIT_FIELDS, *fields) if numbers else fields
        found: list[tuple[hall_sheets.Sheet, reading.Group]] = []
        for sheets in hall_sheets.sheets(session, shift, hall, known, doubted=True).values():
            for sheet in sheets:
                if sheet.used and sheet.serial not in known.unused:
                    marks = sheet.read if decided else sheet.marks
                    found += [(sheet, group) for group, _ in reading.doubtful(marks, fields)]
        return _with_shots(ctx, session, shift, found, known)


def decide_mark(ctx: Context, serial: str, field: str, column: int, values: Sequence[str], ground: str = "") -> None:
    """Decide one doubtful group by eye."""
    decide_marks(ctx, [MarkDecision(serial, field, column, tuple(values), ground)])


def decide_marks(ctx: Context, decisions: Sequence[MarkDecision]) -> list[int]:
    """Decide doubtful groups by eye, all or none; gives what `undo_marks` takes back.

    A second decision on a group takes the place of the first. Only what the reader doubted, or what the two passes read
    differently, can be decided; the key is not open yet.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    with ctx.store.write(ctx.actor) as tx:
        profile = hall_sheets.exam_profile(tx.session)
        return [_decide(ctx, tx, decision, profile) for decision in decisions]


def undo_marks(ctx: Context, ids: Sequence[int]) -> None:
    """Take decisions on marks back, all or none: the marks wait again; what was decided stays on record."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    with ctx.store.write(ctx.actor) as tx:
        for number in ids:
            row = tx.session.get(Decision, number)
            if row is None or row.undone_at is not None or row.kind != hall_sheets.MARK:
                raise UserError(N_("There is no such decision that stands."))
            shifts.require_state(tx.session, row.shift, ShiftState.OPEN)
            row.undone_at, row.undone_by = stamp(ctx), ctx.actor.login
            tx.note("decision-undone", f"{row.shift}-{row.hall}", decision=row.id, kind=row.kind, serial=row.serial)


def protocol_version(session: Session, shift: int, hall: str) -> int:
    """The newest issued version of a hall's protocol, 0 before the first."""
    query = select(Protocol.version).where(Protocol.shift == shift, Protocol.hall == hall)
    return max(session.scalars(query), default=0)


def _decide(ctx: Context, tx: Transaction, d: MarkDecision, profile: ExamProfile) -> int:
    sheet = hall_sheets.sheet(tx.session, d.serial)
    if sheet is None:
        raise UserError(N_("There is no sheet {serial} among the scans (p.38)."), serial=d.serial)
    shift = hall_sheets.shift_of(tx.session, d.serial)
    shifts.require_state(tx.session, shift, ShiftState.OPEN)
    columns = sheet.read.get(d.field, [])
    if not 0 <= d.column < len(columns) or reading.state_of(columns[d.column]) != "doubtful":
        raise UserError(
            N_("Sheet {serial}: this mark was read without doubt in both passes (p.38). Nothing was changed."),
            serial=d.serial,
        )
    known = profile.options if d.field in profile.subject_fields() else tuple("0123456789")
    if len(set(d.values)) != len(d.values) or not set(d.values) <= set(known):
        raise UserError(N_("Sheet {serial}: there is no such bubble. Nothing was changed."), serial=d.serial)
    query = select(Decision).where(
        Decision.serial == d.serial, Decision.kind == hall_sheets.MARK, Decision.field == d.field,
        Decision.column == d.column, Decision.undone_at.is_(None),
    )  # fmt: skip
    for row in tx.session.scalars(query):
        row.undone_at, row.undone_by = stamp(ctx), ctx.actor.login
    tx.session.flush()
    word = Decision(
        shift=shift, hall=sheet.hall, kind=hall_sheets.MARK, serial=d.serial, field=d.field, column=d.column,
        value={"values": list(d.values)}, ground=d.ground[:500], at=stamp(ctx), by=ctx.actor.login,
        protocol_version=protocol_version(tx.session, shift, sheet.hall),
    )  # fmt: skip
    tx.session.add(word)
    place = f"{d.serial}:{d.field}:{d.column}"
    tx.note("mark-decided", place, values=list(d.values), read=columns[d.column], ground=d.ground[:500])
    tx.session.flush()
    return word.id


def _with_shots(
    ctx: Context, session: Session, shift: int, found: Sequence[tuple[hall_sheets.Sheet, reading.Group]],
    known: hall_sheets.Decided,
) -> list[DoubtfulMark]:  # fmt: skip
    ids = {page for sheet, _ in found for page in (sheet.page1, sheet.page2)}
    query = select(
        ScannedPage.id, ScannedPage.image, ScannedPage.image_page, Reading.placement, Reading.fields
    ).join(Reading, Reading.page == ScannedPage.id).where(ScannedPage.id.in_(ids))  # fmt: skip
    pages = {row[0]: row[1:] for row in session.execute(query)} if ids else {}
    words = _words(session, shift) if found else {}

    def shot(page: int, group: reading.Group) -> Shot:
        image, image_page, placement, fields = pages[page]
        columns = fields.get(group[0], [])
        mark = columns[group[1]] if group[1] < len(columns) else reading.DOUBT
        return Shot(kept_image(ctx, image), image_page, tuple(placement), mark)

    read = {sheet.serial: sheet.read for sheet, _ in found}
    return [
        DoubtfulMark(
            s.serial, s.hall, group[0], group[1], read[s.serial][group[0]][group[1]], shot(s.page1, group),
            shot(s.page2, group), known.marks.get(s.serial, {}).get(group), words.get((s.serial, *group)),
        )
        for s, group in found
    ]  # fmt: skip


def _words(session: Session, shift: int) -> dict[tuple[str, str, int], MarkWord]:
    """What stands decided of each mark."""
    query = select(Decision).where(
        Decision.shift == shift, Decision.kind == hall_sheets.MARK, Decision.undone_at.is_(None)
    )
    found, names = {}, who.names(session)
    for row in session.scalars(query):
        word = MarkWord(row.id, tuple(row.value["values"]), names.get(row.by, row.by), row.at)
        found[row.serial or "", row.field or "", row.column or 0] = word
    return found
