"""Envelopes: the act's counts, two passes through the scanner, their comparison, the hall's balance (p.34, p.38)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import reading
from mab_desktop.domain.attendance import Balance, Equality, balance_problems, equalities, remarks
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.file_names import readable
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sheet import SheetLayout, layout
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.omr.files import read_files
from mab_desktop.omr.load import ImageFile
from mab_desktop.omr.read import SheetReading
from mab_desktop.services import balances, hall_sheets, shifts
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.covers import COVER_GROUND, COVER_PLACE, contradiction
from mab_desktop.services.images import kept_image
from mab_desktop.services.pass_comparison import PASSES, Comparison, comparison_of, entries_of, serial_of, settle
from mab_desktop.services.returned_sheets import return_acts
from mab_desktop.services.scans import (
    Belonging,
    Seen,
    hall_place,
    image_files,
    keep_images,
    page_problems,
    second_look,
    spelled,
    stored_problems,
)
from mab_desktop.services.second_disk import require_at_work
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.exam import Decision, Envelope, Reading, ScanBatch, ScannedPage, SheetStack

_TYPED_WRONG = N_(
    "Nothing was changed. Compare the digits with the paper and type them again; if the paper says so, it lies in the "
    "wrong envelope."
)

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
    def equalities(self) -> tuple[Equality, ...]:
        """Every equality that can be looked at by now."""
        return equalities(self.balance)

    @property
    def balanced(self) -> bool:
        """True when every number of the hall agrees."""
        return not self.problems


@dataclass(frozen=True)
class PassReport:
    """One run through the scanner: pages, used and blank sheets, pages refused or without a serial (their ids).

    `left` is the folder of somebody's own files, which still lie there in clear.
    """

    pages: int
    used: int
    unused: int
    refused: tuple[int, ...]
    nameless: tuple[int, ...]
    left: str = ""


@dataclass(frozen=True)
class PageLine:
    """A scanned page; `image` is the file, `image_page` its page, `placement` maps mm to pixels (9 numbers).

    `settled` is the kind of a person's word that stands on it (serial, by-eye, aside), "" for none.
    """

    page: int
    position: int
    attempt: int
    image: ImageFile
    image_page: int
    serial: str
    ok: bool
    rotation: int
    problems: tuple[Problem, ...]
    placement: tuple[float, ...]
    used: bool
    settled: str = ""


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
                work.open_lines(hall),
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
    """Enter the counts of used and unused sheets before the envelope is scanned (p.34).

    They are those of the act of return. Other ones are refused unless `remark` says why the paper is right.
    """
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
        act = return_acts(tx.session, shift, hall).get(hall)
        agrees = act is None or (act.used, act.unused) == (used, unused)
        if act is not None and not agrees and not remark.strip():
            raise UserError(
                N_("Act No {number} says {due} used and {blank} unused sheets; {used} and {unused} were entered."),
                next_step=N_("Nothing was saved. Take the act's numbers, or say why the paper differs."),
                number=act.number, due=act.used, blank=act.unused, used=used, unused=unused,
            )  # fmt: skip
        why = "" if agrees else remark.strip()[:500]
        tx.session.merge(
            Envelope(
                shift=shift, hall=hall, used=used, unused=unused, remark=why, received_at=stamp(ctx),
                received_by=ctx.actor.login,
            )
        )  # fmt: skip
        tx.note("envelope-received", f"{shift}-{hall}", used=used, unused=unused, act=act.number if act else "",
                remark=why)  # fmt: skip


@dataclass(frozen=True)
class RunFacts:
    """What is known of a run before it is scanned: whose sheets it may hold, how many, which serials.

    `stack` are the serials that the centre numbered for the hall, `first_pass` what pass 1 read, in its order.
    """

    shift: int
    hall: str
    scan_pass: int
    belongs: Belonging
    form: SheetLayout
    expected: int
    stack: tuple[str, ...]
    first_pass: tuple[str, ...]


def run_facts(ctx: Context, shift: int, hall: str, scan_pass: int) -> RunFacts:
    """What a run of an envelope goes by; UserError when this pass may not be scanned now, or no more on this PC."""
    _may_work(ctx)
    require_at_work(ctx)
    with ctx.store.read() as session:
        _open_hall(session, shift, hall)
        _pass_in_order(session, shift, hall, scan_pass)
        act = session.get_one(Envelope, (shift, hall))
        numbered = session.get(SheetStack, (shift, hall)) is not None
        first = entries_of(session, shift, hall).get(1, []) if scan_pass == 2 else []
        return RunFacts(
            shift, hall, scan_pass, _belonging(ctx, session, shift, hall), layout(hall_sheets.exam_profile(session)),
            act.used + act.unused, tuple(hall_sheets.stack_serials(session, shift, hall)) if numbered else (),
            tuple(entry.serial for entry in first),
        )  # fmt: skip


def standing_passes(ctx: Context, shift: int, hall: str) -> frozenset[int]:
    """The passes of a hall that are scanned and count; UserError for a hall or shift that is not open."""
    with ctx.store.read() as session:
        _open_hall(session, shift, hall)
        return frozenset(_standing(session, shift, hall))


def scan_pass(
    ctx: Context, shift: int, hall: str, scan_pass: int, paths: Sequence[Path], progress: Progress = Silent()
) -> PassReport:
    """Read a hall's envelope once from image files (or folders) and save it; all sheets or none.

    Stops at once, with nothing saved, at a sheet of another university, shift or hall. Every image is copied beside the
    database with its place in the envelope. A cover of this envelope among them is kept, but is no sheet.
    """
    facts = run_facts(ctx, shift, hall, scan_pass)
    found: list[Seen] = []
    for read in read_files(image_files(paths), facts.form, progress):
        seen = second_look(read, facts.form)
        if seen.cover is not None and (wrong := contradiction(seen.cover, shift, hall, scan_pass)) is not None:
            raise wrong
        facts.belongs.check(seen.read.serial, Path(read.file).name)
        found.append(seen)
    return save_run(ctx, facts, found, str(paths[0]))


def save_run(
    ctx: Context, facts: RunFacts, found: Sequence[Seen], source: str, removed: int = 0,
    images: Mapping[str, ImageFile] = MappingProxyType({}), *, run: str = "",
) -> PassReport:  # fmt: skip
    """Keep the images of a run and save it in one transaction; a disk that is full leaves nothing behind.

    `removed` says for the log how many images were taken out of the run by hand; `images` are those of the readings'
    files that lie sealed; `run` names the folder that it lay in, so that nobody offers it again.
    """
    if all(seen.cover is not None for seen in found):
        raise UserError(N_("There is no image of an answer sheet there. Nothing was saved."))
    require_at_work(ctx)
    shift, hall, number = facts.shift, facts.hall, facts.scan_pass
    place = f"{hall_place(shift, hall)}/pass-{number}-{new_id(ctx.entropy)[:8]}"
    kept = keep_images(ctx, [seen.read for seen in found], place, images)
    with ctx.store.write(ctx.actor) as tx:
        _open_hall(tx.session, shift, hall)
        _pass_in_order(tx.session, shift, hall, number)
        batch = ScanBatch(
            shift=shift, hall=hall, scan_pass=number, source=readable(source)[:300], at=stamp(ctx), by=ctx.actor.login
        )
        tx.session.add(batch)
        tx.session.flush()
        covers = 0
        for position, seen in enumerate(found, 1):
            image = kept[seen.read.file]
            if seen.cover is not None:
                covers += 1
                _save_cover(ctx, tx, batch, covers, seen, image)
            else:
                _save_page(ctx, tx, batch, position - covers, 1, seen.read, image)
        sheets = len(found) - covers
        tx.note("pass-scanned", f"{shift}-{hall}", scan_pass=number, pages=sheets, removed=removed, run=run)
        settle(tx, shift, hall)
        return _report(tx.session, shift, hall, number)


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
            raise UserError(N_("Pass {n} of hall {hall} is not scanned (p.38)."), n=scan_pass, hall=hall)
        for number in (n for n in PASSES if n >= scan_pass and n in rows):
            rows[number].discarded_at, rows[number].discarded_by = stamp(ctx), ctx.actor.login
            rows[number].discarded_why = why.strip()[:300]
        tx.note("pass-discarded", f"{shift}-{hall}", scan_pass=scan_pass, why=why.strip()[:300])
        settle(tx, shift, hall)


def rescan_page(ctx: Context, page: int, path: Path) -> PassReport:
    """Scan one page of a standing run again, in its place: a streak, a folded corner, a page the reader refused."""
    _may_work(ctx)
    with ctx.store.read() as session:
        old, batch = _page(session, page)
        _open_hall(session, batch.shift, batch.hall)
        profile = hall_sheets.exam_profile(session)
        belongs = _belonging(ctx, session, batch.shift, batch.hall)
        position, shift, hall, scan_pass = old.position, batch.shift, batch.hall, batch.scan_pass
    if position == COVER_PLACE:
        raise UserError(N_("This is the cover of the envelope, no answer sheet: it is not scanned again."))
    found = list(read_files([path], layout(profile)))
    if len(found) != 1:
        raise UserError(N_("One page is needed, {n} were given. Nothing was saved."), n=len(found))
    seen = second_look(found[0], layout(profile))
    if seen.cover is not None:
        raise UserError(N_("This is the cover of an envelope, no answer sheet. Nothing was saved."),
                        next_step=N_("Lay the sheet itself into the scanner, or choose its image."))  # fmt: skip
    read = seen.read
    belongs.check(read.serial, path.name)
    kept = keep_images(ctx, [read], f"{hall_place(shift, hall)}/pass-{scan_pass}-{new_id(ctx.entropy)[:8]}")
    with ctx.store.write(ctx.actor) as tx:
        _open_hall(tx.session, shift, hall)
        _undecided(tx.session, shift, hall)
        _, batch = _page(tx.session, page)
        newest = balances.newest_pages(tx.session, shift, hall)[scan_pass]
        attempt = next(p.attempt for p, _ in newest if p.position == position) + 1
        _save_page(ctx, tx, batch, position, attempt, read, kept[read.file])
        tx.note("page-rescanned", f"{shift}-{hall}", scan_pass=scan_pass, position=position, attempt=attempt)
        settle(tx, shift, hall)
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
        return comparison_of(session, shift, hall)


def page_lines(ctx: Context, shift: int, hall: str, scan_pass: int) -> list[PageLine]:
    """The pages of a standing run in the envelope's order, each with its image."""
    with ctx.store.read() as session:
        pages = balances.newest_pages(session, shift, hall, (scan_pass,)).get(scan_pass, [])
        known = hall_sheets.decided(session, shift, hall)
        return [
            replace(page_line(ctx, page, read, serial_of(known, page.id, read.serial) or ""),
                    settled=_settled(known, page.id))
            for page, read in pages
        ]  # fmt: skip


def page_line(ctx: Context, page: ScannedPage, read: Reading, serial: str = "") -> PageLine:
    """A page as others show it."""
    return PageLine(
        page.id, page.position, page.attempt, kept_image(ctx, page.image), page.image_page, serial or read.serial,
        read.ok, read.rotation, page_problems(read.problems), tuple(read.placement),
        bool(read.fields) and reading.is_used(read.fields),
    )  # fmt: skip


def _settled(known: hall_sheets.Decided, page: int) -> str:
    kinds = ((hall_sheets.ASIDE, known.aside), (hall_sheets.BY_EYE, known.by_eye), (hall_sheets.SERIAL, known.serials))
    return next((kind for kind, pages in kinds if page in pages), "")


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
            N_("Pass {n} of hall {hall} is scanned already (p.38)."),
            next_step=N_("Set it aside first if it must be scanned again."), n=scan_pass, hall=hall,
        )  # fmt: skip
    if scan_pass == 2 and 1 not in standing:
        raise OutOfOrder(N_("The first pass of hall {hall} is not scanned yet (p.38)."), hall=hall)


def _undecided(session: Session, shift: int, hall: str) -> None:
    """Pages may change only while nothing was decided on the hall's sheets."""
    kinds = (hall_sheets.MARK, hall_sheets.IDENTITY, hall_sheets.UNUSED, hall_sheets.ABSENT)
    standing = hall_sheets.count(
        session, Decision, Decision.shift == shift, Decision.hall == hall, Decision.undone_at.is_(None),
        Decision.kind.in_(kinds),
    )  # fmt: skip
    if standing:
        raise OutOfOrder(
            N_("{n} decisions stand on the sheets of hall {hall} (p.38). Nothing was changed."),
            next_step=N_("Take them back first."), n=standing, hall=hall,
        )  # fmt: skip


def _belonging(ctx: Context, session: Session, shift: int, hall: str) -> Belonging:
    """Which serials the envelope of a hall may hold."""
    stack = session.get(SheetStack, (shift, hall))
    return Belonging(ctx.university, shift, hall, stack.first_serial if stack else "", stack.count if stack else 0)


def _save_cover(
    ctx: Context, tx: Transaction, batch: ScanBatch, attempt: int, seen: Seen, kept: tuple[str, str]
) -> None:
    """Keep the cover's image at place 0, set aside from the start: it is no sheet and is not counted."""
    page = _save_page(ctx, tx, batch, COVER_PLACE, attempt, seen.read, kept, cover=True)
    tx.session.add(
        Decision(
            shift=batch.shift, hall=batch.hall, kind=hall_sheets.ASIDE, page=page, serial=None, value={"serial": ""},
            ground=COVER_GROUND, protocol_version=0, at=stamp(ctx), by=ctx.actor.login,
        )
    )  # fmt: skip


def _save_page(
    ctx: Context,
    tx: Transaction,
    batch: ScanBatch,
    position: int,
    attempt: int,
    read: SheetReading,
    kept: tuple[str, str],
    *,
    cover: bool = False,
) -> int:
    page = ScannedPage(
        batch=batch.id, position=position, attempt=attempt, image=kept[0], image_page=read.page, sha256=kept[1],
        at=stamp(ctx),
    )  # fmt: skip
    tx.session.add(page)
    tx.session.flush()
    tx.session.add(
        Reading(
            page=page.id, scan_pass=batch.scan_pass, ok=read.ok, serial=read.serial, rotation=read.rotation,
            problems=stored_problems(read, cover=cover), fields=spelled(read.fields), scores=read.scores,
            thresholds=dict(read.thresholds), placement=list(read.placement), at=stamp(ctx),
        )
    )  # fmt: skip
    return page.id


def _report(session: Session, shift: int, hall: str, scan_pass: int) -> PassReport:
    entries = entries_of(session, shift, hall).get(scan_pass, [])
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
            if not serial:
                raise UserError(N_("Type the serial that is printed on the sheet."))
            try:
                _belonging(ctx, tx.session, batch.shift, batch.hall).check(serial, f"№ {row.position}")
            except UserError as foreign:  # a typing error is likelier than a foreign sheet, and no scanner is running
                raise UserError(foreign.text, next_step=_TYPED_WRONG, **foreign.params) from foreign
        _take_back_words(ctx, tx, page)
        tx.session.add(
            Decision(
                shift=batch.shift, hall=batch.hall, kind=kind, page=page, serial=serial or None,
                value={"serial": serial}, ground=why.strip()[:500], protocol_version=0, at=stamp(ctx),
                by=ctx.actor.login,
            )
        )  # fmt: skip
        tx.note("page-named", f"{batch.shift}-{batch.hall}", page=page, kind=kind, serial=serial, why=why.strip()[:500])
        settle(tx, batch.shift, batch.hall)


def _take_back_words(ctx: Context, tx: Transaction, page: int) -> None:
    query = select(Decision).where(Decision.page == page, Decision.undone_at.is_(None))
    for row in tx.session.scalars(query):
        row.undone_at, row.undone_by = stamp(ctx), ctx.actor.login
    tx.session.flush()
