"""Envelopes: the act's counts, two passes through the scanner, their comparison, the hall's balance (p.34, p.38)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.attendance import Balance, balance_problems, remarks
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sheet import layout
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.omr.compare import merge_readings
from mab_desktop.omr.geometry import Geometry, layout_geometry
from mab_desktop.omr.read import SheetReading, read_files
from mab_desktop.services import balances, hall_sheets, shifts
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.scans import (
    Belonging,
    as_reading,
    hall_folder,
    image_files,
    image_path,
    keep_images,
    page_problems,
    spelled,
)
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import (
    AnswerSheet,
    Decision,
    Envelope,
    Reading,
    ScanBatch,
    ScannedPage,
    SheetStack,
)

PASSES = (1, 2)


@dataclass(frozen=True)
class EnvelopeLine:
    """A hall of the shift: its act, its two passes, and what does not agree yet."""

    hall: str
    balance: Balance
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    open_lines: int
    doubtful: int

    @property
    def balanced(self) -> bool:
        """True when every number of the hall agrees."""
        return not self.problems


@dataclass(frozen=True)
class PassReport:
    """One run through the scanner: pages, used and blank sheets, pages refused or without a serial (their ids)."""

    pages: int
    used: int
    unused: int
    refused: tuple[int, ...]
    nameless: tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    """Both passes side by side: serials seen in one only or twice, pages to settle, groups read differently."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    twice: tuple[str, ...]
    nameless: tuple[int, ...]
    refused: tuple[int, ...]
    differing: Mapping[str, tuple[reading.Group, ...]]
    merged: bool


@dataclass(frozen=True)
class PageLine:
    """A scanned page; `image` is the file, `image_page` its page, `placement` maps mm to pixels (9 numbers)."""

    page: int
    position: int
    attempt: int
    image: Path
    image_page: int
    serial: str
    ok: bool
    rotation: int
    problems: tuple[Problem, ...]
    placement: tuple[float, ...]
    used: bool


@dataclass(frozen=True)
class _Entry:
    """A page as it counts: its serial (also one read by a person) and marks, None while nobody can tell them."""

    page: int
    position: int
    serial: str
    marks: Mapping[str, Sequence[str]] | None
    scores: bytes = b""


def envelope_lines(ctx: Context, shift: int) -> list[EnvelopeLine]:
    """Every hall of a shift with its balance."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        work = hall_sheets.work(session, shift)
        known, results, read = work.known, work.results, work.sheets
        subjects = hall_sheets.exam_profile(session).subjects
        numbers = balances.balances(session, shift, results, read)
        return [
            EnvelopeLine(
                hall, b, tuple(balance_problems(b)), tuple(remarks(b)),
                results[hall].open_lines if hall in results and b.read2 is not None else 0,
                hall_sheets.open_doubts(read.get(hall, ()), known.unused, subjects),
            )
            for hall, b in numbers.items()
        ]  # fmt: skip


def balance(ctx: Context, shift: int, hall: str) -> EnvelopeLine:
    """The balance of one hall; UserError for a hall that the shift does not have."""
    for line in envelope_lines(ctx, shift):
        if line.hall == hall:
            return line
    raise _no_hall(shift, hall)


def receive_envelope(ctx: Context, shift: int, hall: str, used: int, unused: int, remark: str = "") -> None:
    """Enter the act's counts of used and unused sheets before the envelope is scanned (p.34)."""
    _may_work(ctx)
    if used < 0 or unused < 0:
        raise UserError(N_("The number of sheets cannot be less than nothing."))
    with ctx.store.write(ctx.actor) as tx:
        _open_hall(tx.session, shift, hall)
        stack = tx.session.get(SheetStack, (shift, hall))
        if stack is not None and used + unused > stack.count:
            raise UserError(
                N_("The hall got {due} sheets; {found} cannot have come back. Nothing was saved."),
                due=stack.count, found=used + unused,
            )  # fmt: skip
        tx.session.merge(
            Envelope(
                shift=shift, hall=hall, used=used, unused=unused, remark=remark, received_at=stamp(ctx),
                received_by=ctx.actor.login,
            )
        )  # fmt: skip
        tx.note("envelope-received", f"{shift}-{hall}", used=used, unused=unused)


def scan_pass(
    ctx: Context, shift: int, hall: str, scan_pass: int, paths: Sequence[Path], progress: Progress = Silent()
) -> PassReport:
    """Read a hall's envelope once from image files (or folders) and save it; all sheets or none.

    Stops at once, with nothing saved, at a sheet of another university, shift or hall. Every image is copied beside the
    database with its place in the envelope.
    """
    _may_work(ctx)
    with ctx.store.read() as session:
        _open_hall(session, shift, hall)
        _pass_in_order(session, shift, hall, scan_pass)
        profile, stack = hall_sheets.exam_profile(session), session.get(SheetStack, (shift, hall))
        belongs = Belonging(
            ctx.university, shift, hall, stack.first_serial if stack else "", stack.count if stack else 0
        )
    found: list[SheetReading] = []
    for read in read_files(image_files(paths), layout(profile), progress):
        belongs.check(read.serial, Path(read.file).name)
        found.append(read)
    if not found:
        raise UserError(N_("There is no image of an answer sheet there. Nothing was saved."))
    folder = hall_folder(ctx, shift, hall) / f"pass-{scan_pass}-{new_id(ctx.entropy)[:8]}"
    kept = keep_images(found, folder)
    with ctx.store.write(ctx.actor) as tx:
        _open_hall(tx.session, shift, hall)
        _pass_in_order(tx.session, shift, hall, scan_pass)
        batch = ScanBatch(
            shift=shift, hall=hall, scan_pass=scan_pass, source=str(paths[0])[:300], at=stamp(ctx), by=ctx.actor.login
        )
        tx.session.add(batch)
        tx.session.flush()
        for position, read in enumerate(found, 1):
            _save_page(ctx, tx, batch, position, 1, read, kept[read.file])
        tx.note("pass-scanned", f"{shift}-{hall}", scan_pass=scan_pass, pages=len(found))
        _settle(tx, shift, hall)
        return _report(tx.session, shift, hall, scan_pass)


def discard_pass(ctx: Context, shift: int, hall: str, scan_pass: int, why: str) -> None:
    """Set a run aside so that the envelope can be scanned again; its images and readings stay on record."""
    _may_work(ctx)
    if not why.strip():
        raise UserError(N_("Write down why the run is set aside."))
    with ctx.store.write(ctx.actor) as tx:
        _open_hall(tx.session, shift, hall)
        _undecided(tx.session, shift, hall)
        rows = _standing(tx.session, shift, hall)
        if scan_pass not in rows:
            raise UserError(N_("Pass {n} of hall {hall} is not scanned."), n=scan_pass, hall=hall)
        for number in (n for n in PASSES if n >= scan_pass and n in rows):
            rows[number].discarded_at, rows[number].discarded_by = stamp(ctx), ctx.actor.login
            rows[number].discarded_why = why.strip()[:300]
        tx.note("pass-discarded", f"{shift}-{hall}", scan_pass=scan_pass, why=why.strip()[:300])
        _settle(tx, shift, hall)


def rescan_page(ctx: Context, page: int, path: Path) -> PassReport:
    """Scan one page of a standing run again, in its place: a streak, a folded corner, a page the reader refused."""
    _may_work(ctx)
    with ctx.store.read() as session:
        old, batch = _page(session, page)
        _open_hall(session, batch.shift, batch.hall)
        profile, stack = hall_sheets.exam_profile(session), session.get(SheetStack, (batch.shift, batch.hall))
        first, count = (stack.first_serial, stack.count) if stack else ("", 0)
        belongs = Belonging(ctx.university, batch.shift, batch.hall, first, count)
        position, shift, hall, scan_pass = old.position, batch.shift, batch.hall, batch.scan_pass
    found = list(read_files([path], layout(profile)))
    if len(found) != 1:
        raise UserError(N_("One page is needed, {n} were given. Nothing was saved."), n=len(found))
    belongs.check(found[0].serial, path.name)
    kept = keep_images(found, hall_folder(ctx, shift, hall) / f"pass-{scan_pass}-{new_id(ctx.entropy)[:8]}")
    with ctx.store.write(ctx.actor) as tx:
        _open_hall(tx.session, shift, hall)
        _undecided(tx.session, shift, hall)
        _, batch = _page(tx.session, page)
        newest = balances.newest_pages(tx.session, shift, hall)[scan_pass]
        attempt = next(p.attempt for p, _ in newest if p.position == position) + 1
        _save_page(ctx, tx, batch, position, attempt, found[0], kept[found[0].file])
        tx.note("page-rescanned", f"{shift}-{hall}", scan_pass=scan_pass, position=position, attempt=attempt)
        _settle(tx, shift, hall)
        return _report(tx.session, shift, hall, scan_pass)


def name_page(ctx: Context, page: int, serial: str) -> None:
    """Type the printed serial of a page whose code could not be read; the page itself was read well."""
    _word_on_page(ctx, page, hall_sheets.SERIAL, serial)


def put_to_eye(ctx: Context, page: int, serial: str) -> None:
    """Give up reading a page by machine: every mark of its sheet becomes doubtful and is decided by eye."""
    _word_on_page(ctx, page, hall_sheets.BY_EYE, serial)


def set_aside(ctx: Context, page: int, why: str) -> None:
    """Say that a page the reader refused is no answer sheet: the cover, a note, the back of a page."""
    _word_on_page(ctx, page, hall_sheets.ASIDE, "", why)


def comparison(ctx: Context, shift: int, hall: str) -> Comparison:
    """The two passes of a hall, compared sheet by sheet and bubble by bubble."""
    with ctx.store.read() as session:
        entries = _entries(session, shift, hall)
        merged = session.scalar(select(AnswerSheet.serial).where(_of_hall(shift, hall)).limit(1)) is not None
        return _compare(entries, merged)


def page_lines(ctx: Context, shift: int, hall: str, scan_pass: int) -> list[PageLine]:
    """The pages of a standing run in the envelope's order, each with its image."""
    with ctx.store.read() as session:
        pages = balances.newest_pages(session, shift, hall).get(scan_pass, [])
        serials = {e.page: e.serial for e in _entries(session, shift, hall).get(scan_pass, [])}
        return [page_line(ctx, page, read, serials.get(page.id, "")) for page, read in pages]


def page_line(ctx: Context, page: ScannedPage, read: Reading, serial: str = "") -> PageLine:
    """A page as others show it."""
    return PageLine(
        page.id, page.position, page.attempt, image_path(ctx, page.image), page.image_page, serial or read.serial,
        read.ok, read.rotation, page_problems(read.problems), tuple(read.placement),
        bool(read.fields) and reading.is_used(read.fields),
    )  # fmt: skip


def _may_work(ctx: Context) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)


def _no_hall(shift: int, hall: str) -> UserError:
    return UserError(N_("Shift {n} has no hall {hall}."), n=shift, hall=hall)


def _open_hall(session: Session, shift: int, hall: str) -> None:
    shifts.require_state(session, shift, ShiftState.OPEN)
    if hall not in hall_sheets.halls_of(session, shift):
        raise _no_hall(shift, hall)


def _standing(session: Session, shift: int, hall: str) -> dict[int, ScanBatch]:
    query = select(ScanBatch).where(ScanBatch.shift == shift, ScanBatch.hall == hall, ScanBatch.discarded_at.is_(None))
    return {row.scan_pass: row for row in session.scalars(query)}


def _pass_in_order(session: Session, shift: int, hall: str, scan_pass: int) -> None:
    if scan_pass not in PASSES:
        raise ValueError(scan_pass)
    if session.get(Envelope, (shift, hall)) is None:
        raise OutOfOrder(N_("First enter the counts of the act of hall {hall} (p.34)."), hall=hall)
    standing = _standing(session, shift, hall)
    if scan_pass in standing:
        raise OutOfOrder(
            N_("Pass {n} of hall {hall} is scanned already."),
            next_step=N_("Set it aside first if it must be scanned again."), n=scan_pass, hall=hall,
        )  # fmt: skip
    if scan_pass == 2 and 1 not in standing:
        raise OutOfOrder(N_("The first pass of hall {hall} is not scanned yet."), hall=hall)


def _undecided(session: Session, shift: int, hall: str) -> None:
    """Pages may change only while nothing was decided on the hall's sheets."""
    kinds = (hall_sheets.MARK, hall_sheets.IDENTITY, hall_sheets.UNUSED, hall_sheets.ABSENT)
    standing = hall_sheets.count(
        session, Decision, Decision.shift == shift, Decision.hall == hall, Decision.undone_at.is_(None),
        Decision.kind.in_(kinds),
    )  # fmt: skip
    if standing:
        raise OutOfOrder(
            N_("{n} decisions stand on the sheets of hall {hall}. Nothing was changed."),
            next_step=N_("Take them back first."), n=standing, hall=hall,
        )  # fmt: skip


def _save_page(
    ctx: Context,
    tx: Transaction,
    batch: ScanBatch,
    position: int,
    attempt: int,
    read: SheetReading,
    kept: tuple[str, str],
) -> None:
    page = ScannedPage(
        batch=batch.id, position=position, attempt=attempt, image=kept[0], image_page=read.page, sha256=kept[1],
        at=stamp(ctx),
    )  # fmt: skip
    tx.session.add(page)
    tx.session.flush()
    tx.session.add(
        Reading(
            page=page.id, scan_pass=batch.scan_pass, ok=read.ok, serial=read.serial, rotation=read.rotation,
            problems=[{"code": p.code, "params": dict(p.params)} for p in read.problems], fields=spelled(read.fields),
            scores=read.scores, thresholds=dict(read.thresholds), placement=list(read.placement), at=stamp(ctx),
        )
    )  # fmt: skip


def _entries(session: Session, shift: int, hall: str) -> dict[int, list[_Entry]]:
    """The pages of both standing runs as they count."""
    known = hall_sheets.decided(session, shift, hall)
    blank = reading.all_doubtful(_columns(session))
    found: dict[int, list[_Entry]] = {}
    for scan_pass, pages in balances.newest_pages(session, shift, hall).items():
        entries = found.setdefault(scan_pass, [])
        for page, read in pages:
            if page.id in known.aside:
                continue
            if page.id in known.by_eye:
                entries.append(_Entry(page.id, page.position, known.by_eye[page.id], blank))
            else:
                serial = known.serials.get(page.id, read.serial)
                marks = read.fields if read.ok else None
                entries.append(_Entry(page.id, page.position, serial, marks, read.scores))
    return found


def _columns(session: Session) -> dict[str, int]:
    """How many columns each field of the sheet has."""
    columns: dict[str, int] = {}
    for field, column in layout(hall_sheets.exam_profile(session)).groups():
        columns[field] = max(columns.get(field, 0), column + 1)
    return columns


def _compare(entries: Mapping[int, Sequence[_Entry]], merged: bool) -> Comparison:
    every = [entry for run in entries.values() for entry in run]
    first, second = (Counter(e.serial for e in entries.get(n, ()) if e.serial) for n in PASSES)
    marks = [{e.serial: e.marks for e in entries.get(n, ()) if e.serial and e.marks} for n in PASSES]
    differing = {
        serial: tuple(different)
        for serial in sorted(marks[0].keys() & marks[1].keys())
        if (different := reading.differences(marks[0][serial], marks[1][serial]))
    }
    both = 2 in entries
    return Comparison(
        tuple(sorted(first.keys() - second.keys())) if both else (), tuple(sorted(second.keys() - first.keys())),
        tuple(sorted({s for run in (first, second) for s, n in run.items() if n > 1})),
        tuple(e.page for e in every if not e.serial and e.marks is not None),
        tuple(e.page for e in every if e.marks is None), differing, merged,
    )  # fmt: skip


def _settle(tx: Transaction, shift: int, hall: str) -> None:
    """Merge the two passes into sheets once nothing is open between them; otherwise the hall has no sheets yet."""
    entries = _entries(tx.session, shift, hall)
    seen = _compare(entries, merged=False)
    tx.session.execute(delete(AnswerSheet).where(_of_hall(shift, hall)))
    whole = set(entries) == set(PASSES)
    if not whole or seen.only_first or seen.only_second or seen.twice or seen.nameless or seen.refused:
        return
    second = {e.serial: e for e in entries[2]}
    geometry = layout_geometry(layout(hall_sheets.exam_profile(tx.session)))
    rows = [_merged(shift, hall, e, second[e.serial], geometry) for e in entries[1]]
    if rows:
        tx.session.execute(insert(AnswerSheet), rows)
    groups = sum(len(columns) for columns in seen.differing.values())
    tx.note("passes-compared", f"{shift}-{hall}", sheets=len(rows), differing=groups)


def _merged(shift: int, hall: str, first: _Entry, second: _Entry, geometry: Geometry) -> dict[str, Any]:
    """One sheet of both passes: what they read alike stands; for the rest the mean of both is asked before a person."""
    assert first.marks is not None
    assert second.marks is not None
    marks = reading.merge(first.marks, second.marks)
    if first.scores and second.scores and next(reading.doubtful(marks), None) is not None:
        fields, _ = merge_readings(
            first.serial,
            as_reading(first.serial, first.marks, first.scores),
            as_reading(second.serial, second.marks, second.scores),
            geometry,
        )
        marks = spelled(fields)
    return {
        "serial": first.serial, "shift": shift, "hall": hall, "page1": first.page, "page2": second.page,
        "position": first.position, "marks": marks, "differing": len(reading.differences(first.marks, second.marks)),
        "used": reading.is_used(marks),
    }  # fmt: skip


def _of_hall(shift: int, hall: str) -> Any:
    return (AnswerSheet.shift == shift) & (AnswerSheet.hall == hall)


def _report(session: Session, shift: int, hall: str, scan_pass: int) -> PassReport:
    entries = _entries(session, shift, hall).get(scan_pass, [])
    used = sum(e.marks is None or reading.is_used(e.marks) for e in entries)
    return PassReport(
        len(entries), used, len(entries) - used, tuple(e.page for e in entries if e.marks is None),
        tuple(e.page for e in entries if e.marks is not None and not e.serial),
    )  # fmt: skip


def _page(session: Session, page: int) -> tuple[ScannedPage, ScanBatch]:
    row = session.get(ScannedPage, page)
    batch = session.get(ScanBatch, row.batch) if row else None
    if row is None or batch is None or batch.discarded_at is not None:
        raise UserError(N_("This page is not among the scans that count."))
    return row, batch


def _word_on_page(ctx: Context, page: int, kind: str, serial: str, why: str = "") -> None:
    _may_work(ctx)
    with ctx.store.write(ctx.actor) as tx:
        row, batch = _page(tx.session, page)
        _open_hall(tx.session, batch.shift, batch.hall)
        _undecided(tx.session, batch.shift, batch.hall)
        read = tx.session.get(Reading, page)
        if kind == hall_sheets.ASIDE:
            if read is None or read.ok or not why.strip():
                raise UserError(N_("Only a page that the reader refused can be set aside, with a reason."))
        else:
            stack = tx.session.get(SheetStack, (batch.shift, batch.hall))
            first, count = (stack.first_serial, stack.count) if stack else ("", 0)
            if not serial:
                raise UserError(N_("Type the serial that is printed on the sheet."))
            Belonging(ctx.university, batch.shift, batch.hall, first, count).check(serial, f"{row.position}")
        _take_back_words(ctx, tx, page)
        tx.session.add(
            Decision(
                shift=batch.shift, hall=batch.hall, kind=kind, page=page, serial=serial or None,
                value={"serial": serial}, ground=why.strip()[:500], protocol_version=0, at=stamp(ctx),
                by=ctx.actor.login,
            )
        )  # fmt: skip
        tx.note("page-named", f"{batch.shift}-{batch.hall}", page=page, kind=kind, serial=serial, why=why.strip()[:500])
        _settle(tx, batch.shift, batch.hall)


def _take_back_words(ctx: Context, tx: Transaction, page: int) -> None:
    query = select(Decision).where(Decision.page == page, Decision.undone_at.is_(None))
    for row in tx.session.scalars(query):
        row.undone_at, row.undone_by = stamp(ctx), ctx.actor.login
    tx.session.flush()
