"""Identification of a hall's sheets (p.38): the automatic part, protocol versions, the commission's decisions.

Nothing here reads an answer, a key or a point, and every entry is refused once the shift is past identification.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.attendance import balance_problems
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.identification import (
    HallIdentification,
    IdentityDecision,
    LineState,
    decision_problems,
)
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.omr.load import ImageFile
from mab_desktop.services import balances, hall_sheets, shifts, who
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.doubtful import protocol_version
from mab_desktop.services.images import kept_image
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.base_university import CommissionMember
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import (
    AnswerSheet,
    Decision,
    Protocol,
    Reading,
    ScannedPage,
    VariantSeat,
)

_NEW_PAGES = ("pass-scanned", "page-rescanned", "page-named")


@dataclass(frozen=True)
class ProtocolVersion:
    """An issued version of a hall's protocol; `last` has no open line and shows the state as it is."""

    shift: int
    hall: str
    version: int
    last: bool
    open_lines: int
    content: dict[str, Any]
    issued_at: str
    issued_by: str
    signed_at: str
    signed_by: tuple[str, ...]


@dataclass(frozen=True)
class SheetImage:
    """Where a sheet's picture is: file, page, the map from mm to pixels (9 numbers, () when not found)."""

    serial: str
    image: ImageFile
    image_page: int
    placement: tuple[float, ...]


@dataclass(frozen=True)
class HallView:
    """A hall's identification as it stands: matches, both tables, pictures of the sheets in doubt, versions, problems.

    `may_decide` is true when the newest version is signed by all, so that its decisions may be entered.
    """

    shift: int
    hall: str
    result: HallIdentification
    images: dict[str, SheetImage]
    versions: tuple[ProtocolVersion, ...]
    may_decide: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class DecisionLine:
    """A decision as it was entered, standing or taken back."""

    id: int
    kind: str
    serial: str
    student: str
    value: dict[str, Any]
    ground: str
    protocol_version: int
    at: str
    by: str
    undone_at: str
    field: str = ""  # of a mark: the group of bubbles
    column: int = 0


def hall_view(ctx: Context, shift: int, hall: str) -> HallView:
    """Everything the commission's page shows of a hall."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        result = result_of(session, shift, hall)
        versions = _versions(session, shift, hall, result)
        read = {hall: hall_sheets.sheets(session, shift, hall).get(hall, [])}
        numbers = balances.balances(session, shift, {hall: result}, read)[hall]
        images = sheet_images(ctx, session, [line.sheet.serial for line in result.sheets])
        may = bool(versions) and bool(versions[-1].signed_at)
        may = may and not _scanned_since(session, shift, hall)
        return HallView(shift, hall, result, images, tuple(versions), may, tuple(balance_problems(numbers)))


def merged_halls(ctx: Context, shift: int) -> frozenset[str]:
    """The halls both passes of which agree, so that their sheets can be identified."""
    with ctx.store.read() as session:
        return hall_sheets.merged_halls(session, shift)


def result_of(session: Session, shift: int, hall: str) -> HallIdentification:
    """The identification of one hall; UserError for a hall without seats."""
    found = hall_sheets.identifications(session, shift, hall).get(hall)
    if found is None:
        raise UserError(N_("No seats are drawn for hall {hall} in shift {n} (p.30)."), hall=hall, n=shift)
    return found


def issue_protocol(ctx: Context, shift: int, hall: str) -> ProtocolVersion:
    """Fix the hall's protocol as it stands as a new version, or give the newest one again if nothing has changed."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        result = result_of(session, shift, hall)
        versions = _versions(session, shift, hall, result)
        digest = balances.protocol_digest(result)
        fresh = bool(versions) and _scanned_since(session, shift, hall)
        if versions and not fresh and _digest(session, versions[-1]) == digest:
            return versions[-1]
    require_person(ctx, PersonRole.PROGRAMMER)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.OPEN)
        _both_passes_merged(tx.session, shift, hall)
        result = result_of(tx.session, shift, hall)
        row = Protocol(
            shift=shift, hall=hall, version=protocol_version(tx.session, shift, hall) + 1,
            content=balances.protocol_content(result), digest=balances.protocol_digest(result),
            open_lines=result.open_lines, issued_at=stamp(ctx), issued_by=ctx.actor.login,
        )  # fmt: skip
        tx.session.add(row)
        tx.note("protocol-issued", f"{shift}-{hall}", version=row.version, open_lines=row.open_lines, digest=row.digest)
        tx.session.flush()
        return _version(row, row.digest)


def issue_last(ctx: Context, shift: int, hall: str) -> ProtocolVersion:
    """Issue the hall's last version: it has no open line (p.38). OutOfOrder with how many there are still."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        _both_passes_merged(session, shift, hall)
        waiting = result_of(session, shift, hall).open_lines
    if waiting:
        raise OutOfOrder(
            N_("{n} lines of the protocol of hall {hall} are open: the last version has none (p.38)."),
            next_step=N_("Enter the commission's decisions first."), n=waiting, hall=hall,
        )  # fmt: skip
    return issue_protocol(ctx, shift, hall)


def protocol_versions(ctx: Context, shift: int, hall: str) -> list[ProtocolVersion]:
    """Every issued version of a hall's protocol, the first one first."""
    with ctx.store.read() as session:
        return _versions(session, shift, hall, result_of(session, shift, hall))


def issued_versions(ctx: Context, shift: int) -> dict[str, list[int]]:
    """The numbers of the versions that every hall of a shift has, the newest first."""
    query = select(Protocol.hall, Protocol.version).where(Protocol.shift == shift).order_by(Protocol.version.desc())
    found: dict[str, list[int]] = {}
    with ctx.store.read() as session:
        for hall, version in session.execute(query):
            found.setdefault(hall, []).append(version)
    return found


def sign_protocol(ctx: Context, shift: int, hall: str, version: int, signed_by: Sequence[str]) -> None:
    """Record that the paper of a version is signed by every member of the state commission (p.38).

    Where the commission's list is loaded, all its members who vote must be named.
    """
    _may_decide(ctx)
    names = [name.strip() for name in signed_by if name.strip()]
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.OPEN)
        row = tx.session.get(Protocol, (shift, hall, version))
        if row is None or version != protocol_version(tx.session, shift, hall):
            raise OutOfOrder(N_("Only the newest version of the protocol can be signed (p.38)."))
        if row.signed_at is not None:
            raise OutOfOrder(N_("This version is signed already (p.38)."))
        missing = [m for m in _voting_members(tx.session) if m not in names]
        if missing or not names:
            raise UserError(
                N_("All members of the state commission sign the protocol (p.38). Not named: {names}."),
                names=", ".join(missing) or "–",
            )
        row.signed_at, row.signed_by = stamp(ctx), names
        tx.note("protocol-signed", f"{shift}-{hall}", version=version, members=names)


def decide_identities(ctx: Context, shift: int, hall: str, decisions: Sequence[IdentityDecision]) -> None:
    """Enter from the signed protocol whose sheets these are: true code, seat and variant of each (p.38); all or none.

    Given together, two decisions can put right a swap. Refused with every reason when they cannot stand.
    """
    _may_decide(ctx)
    with ctx.store.write(ctx.actor) as tx:
        paper = _signed(tx.session, shift, hall)
        known = hall_sheets.decided(tx.session, shift, hall)
        places = hall_sheets.places(tx.session, shift, hall).get(hall, [])
        sheets = hall_sheets.sheets(tx.session, shift, hall, known).get(hall, [])
        seats = hall_sheets.hall_seats(tx.session, ctx.university).get(hall, 0)
        laid = tx.session.scalars(
            select(VariantSeat.variant).where(VariantSeat.shift == shift, VariantSeat.hall == hall).distinct()
        ).all()
        problems = decision_problems(
            places, [s.numbers() for s in sheets], known.identities.values(), decisions, known.absent, seats, laid
        )
        problems += _not_on_paper(paper, decisions)
        blank = [d.serial for d in decisions if d.serial in known.unused]
        if blank:
            text = N_("Sheet {serial} is entered as not used. Take that back first.")
            problems += [Problem(f"{serial}:serial", text, (("serial", serial),)) for serial in blank]
        if problems:
            raise Refused(problems)
        for d in decisions:
            _take_back(ctx, tx, hall_sheets.IDENTITY, serial=d.serial)
            value = {"code": d.code, "seat": d.seat, "variant": d.variant}
            _add(ctx, tx, shift, hall, hall_sheets.IDENTITY, paper.version, value, serial=d.serial, ground=d.ground)
        shown = [{"serial": d.serial, "code": d.code, "seat": d.seat, "variant": d.variant} for d in decisions]
        tx.note("sheets-identified", f"{shift}-{hall}", version=paper.version, sheets=shown)


def mark_absent(ctx: Context, shift: int, hall: str, students: Sequence[str]) -> None:
    """Enter «Келмеді» for students of table 1 (p.38); refused for one who has a sheet."""
    _may_decide(ctx)
    with ctx.store.write(ctx.actor) as tx:
        version = _signed(tx.session, shift, hall).version
        lines = {line.place.student: line for line in result_of(tx.session, shift, hall).missing}
        for student in students:
            if student not in lines or lines[student].remark is not LineState.OPEN:
                raise UserError(N_("Only a student of an open line of table 1 can be marked «Келмеді» (p.38)."))
            _add(ctx, tx, shift, hall, hall_sheets.ABSENT, version, {}, student=student)
        tx.note("students-absent", f"{shift}-{hall}", version=version, students=list(students))


def mark_unused(ctx: Context, shift: int, hall: str, serials: Sequence[str], ground: str) -> None:
    """Enter that sheets of table 2 were not used by anybody: specks, an imprint, a sheet spoilt before it was given."""
    _may_decide(ctx)
    if not ground.strip():
        raise UserError(N_("State the ground."))
    with ctx.store.write(ctx.actor) as tx:
        version = _signed(tx.session, shift, hall).version
        open_lines = {
            line.sheet.serial for line in result_of(tx.session, shift, hall).sheets if line.state is LineState.OPEN
        }
        for serial in serials:
            if serial not in open_lines:
                raise UserError(N_("Only a sheet of an open line of table 2 can be entered as not used (p.38)."))
            _add(ctx, tx, shift, hall, hall_sheets.UNUSED, version, {}, serial=serial, ground=ground.strip())
        tx.note("sheets-unused", f"{shift}-{hall}", version=version, serials=list(serials), ground=ground.strip())


def undo(ctx: Context, decision: int) -> None:
    """Take a decision of the protocol back while the shift is still being identified; it stays on record."""
    _may_decide(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(Decision, decision)
        if row is None or row.undone_at is not None or row.page is not None:
            raise UserError(N_("There is no such decision that stands."))
        shifts.require_state(tx.session, row.shift, ShiftState.OPEN)
        row.undone_at, row.undone_by = stamp(ctx), ctx.actor.login
        tx.note("decision-undone", f"{row.shift}-{row.hall}", decision=row.id, kind=row.kind, serial=row.serial)


def decisions(ctx: Context, shift: int, hall: str = "", *, standing_only: bool = False) -> list[DecisionLine]:
    """What was decided, in order."""
    query = select(Decision).where(Decision.shift == shift).order_by(Decision.id)
    query = query.where(Decision.hall == hall) if hall else query
    query = query.where(Decision.undone_at.is_(None)) if standing_only else query
    with ctx.store.read() as session:
        names = who.names(session)
        return [
            DecisionLine(
                r.id, r.kind, r.serial or "", r.student or "", dict(r.value), r.ground, r.protocol_version, r.at,
                names.get(r.by, r.by), r.undone_at or "", r.field or "", r.column or 0,
            )
            for r in session.scalars(query)
        ]  # fmt: skip


def _may_decide(ctx: Context) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)


def _both_passes_merged(session: Session, shift: int, hall: str) -> None:
    if not hall_sheets.is_merged(session, shift, hall):
        raise OutOfOrder(
            N_("The two passes of hall {hall} are not scanned or do not agree yet (p.38)."),
            next_step=N_("Settle the list of differences first."), hall=hall,
        )  # fmt: skip


def _signed(session: Session, shift: int, hall: str) -> Protocol:
    """The newest version when it is signed by all; entries follow a signed protocol only (p.38)."""
    shifts.require_state(session, shift, ShiftState.OPEN)
    version = protocol_version(session, shift, hall)
    row = session.get(Protocol, (shift, hall, version)) if version else None
    if row is None or row.signed_at is None:
        raise OutOfOrder(
            N_("Changes are entered from a protocol that all members of the state commission have signed (p.38)."),
            next_step=N_("Issue the protocol of hall {hall}, have it signed and confirm that."), hall=hall,
        )  # fmt: skip
    _both_passes_merged(session, shift, hall)
    if _scanned_since(session, shift, hall):
        raise OutOfOrder(
            N_("The envelope of hall {hall} was scanned after this version of the protocol was issued (p.38)."),
            next_step=N_("Issue the protocol of hall {hall}, have it signed and confirm that."), hall=hall,
        )  # fmt: skip
    return row


def _scanned_since(session: Session, shift: int, hall: str) -> bool:
    """Some page came, or got its serial, after the newest protocol was issued: the paper is about other sheets.

    The log's order says so, not the times in it: a clock that was put back or forward in between would turn them round.
    """
    query = select(func.max(AuditEntry.n)).where(AuditEntry.object == f"{shift}-{hall}")
    scanned = session.scalar(query.where(AuditEntry.event.in_(_NEW_PAGES))) or 0
    return scanned > (session.scalar(query.where(AuditEntry.event == "protocol-issued")) or 0)


def _not_on_paper(paper: Protocol, decisions: Sequence[IdentityDecision]) -> list[Problem]:
    """What the signed paper does not list was added to it by hand, and the entry says on what ground."""
    listed = {line["serial"] for line in paper.content["sheets"]}
    text = N_("Sheet {serial} does not stand in version {n} of the protocol. State the ground (act).")
    return [
        Problem(f"{d.serial}:ground", text, (("serial", d.serial), ("n", paper.version)))
        for d in decisions
        if d.serial not in listed and not d.ground.strip()
    ]


def unmarked_sheets(ctx: Context, shift: int, hall: str) -> list[SheetImage]:
    """The hall's sheets without a mark that nobody has decided on: a name alone may stand on one of them."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        known = hall_sheets.decided(session, shift, hall)
        found = hall_sheets.sheets(session, shift, hall, known).get(hall, [])
        serials = [s.serial for s in found if not s.used and s.serial not in known.identities]
        images = sheet_images(ctx, session, serials)
    return [images[serial] for serial in serials if serial in images]


def _voting_members(session: Session) -> list[str]:
    query = select(CommissionMember.full_name).where(CommissionMember.role != "observer")
    return sorted(session.scalars(query))


def _take_back(ctx: Context, tx: Transaction, kind: str, serial: str) -> None:
    query = select(Decision).where(Decision.kind == kind, Decision.serial == serial, Decision.undone_at.is_(None))
    for row in tx.session.scalars(query):
        row.undone_at, row.undone_by = stamp(ctx), ctx.actor.login
    tx.session.flush()


def _add(
    ctx: Context, tx: Transaction, shift: int, hall: str, kind: str, version: int, value: dict[str, Any], *,
    serial: str | None = None, student: str | None = None, ground: str = "",
) -> None:  # fmt: skip
    tx.session.add(
        Decision(
            shift=shift, hall=hall, kind=kind, serial=serial, student=student, value=value, ground=ground[:500],
            protocol_version=version, at=stamp(ctx), by=ctx.actor.login,
        )
    )  # fmt: skip


def _versions(session: Session, shift: int, hall: str, result: HallIdentification) -> list[ProtocolVersion]:
    query = select(Protocol).where(Protocol.shift == shift, Protocol.hall == hall).order_by(Protocol.version)
    digest = balances.protocol_digest(result)
    return [_version(row, digest) for row in session.scalars(query)]


def _version(row: Protocol, present: str) -> ProtocolVersion:
    return ProtocolVersion(
        row.shift, row.hall, row.version, row.open_lines == 0 and row.digest == present, row.open_lines,
        dict(row.content), row.issued_at, row.issued_by, row.signed_at or "", tuple(row.signed_by),
    )  # fmt: skip


def _digest(session: Session, version: ProtocolVersion) -> str:
    row = session.get(Protocol, (version.shift, version.hall, version.version))
    return row.digest if row else ""


def sheet_images(ctx: Context, session: Session, serials: Sequence[str]) -> dict[str, SheetImage]:
    """The pictures of some sheets from the first pass."""
    query = (
        select(AnswerSheet.serial, ScannedPage.image, ScannedPage.image_page, Reading.placement)
        .join(ScannedPage, ScannedPage.id == AnswerSheet.page1)
        .join(Reading, Reading.page == ScannedPage.id)
        .where(AnswerSheet.serial.in_(serials))
    )
    return {
        serial: SheetImage(serial, kept_image(ctx, image), page, tuple(placement))
        for serial, image, page, placement in session.execute(query)
    }
