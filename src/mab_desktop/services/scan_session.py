"""An envelope on its way through the scanner: pages are fed, read beside it, stopped, continued, saved or discarded.

One thread feeds, a small pool reads; what waits to be read waits on the disk. Everything lies in a staging folder until
it is saved in one transaction or discarded, so that a crash loses no sheet. `notify` is called from any thread when
there is something new: then `drain` gives the events, and `view` all there is to show.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_SYSTEM, Cancelled, OutOfOrder, UserError
from mab_desktop.domain.sheet import SheetLayout, layout
from mab_desktop.i18n import N_
from mab_desktop.omr.load import ImageFile
from mab_desktop.omr.read import SheetReading
from mab_desktop.scanning.folder import FilesSource, FolderSource
from mab_desktop.scanning.source import Fault, ScannerFault, Source
from mab_desktop.scanning.watched import WatchedSource
from mab_desktop.services import covers, envelopes, hall_sheets
from mab_desktop.services.context import Context
from mab_desktop.services.covers import Cover
from mab_desktop.services.envelopes import PassReport, RunFacts
from mab_desktop.services.scan_states import Event, EventKind, SessionView, State
from mab_desktop.services.scan_suspicions import after_scanning, while_scanning
from mab_desktop.services.scans import Seen, disk_in_words
from mab_desktop.services.staged_pages import StagedPage, count_pages, read_staged
from mab_desktop.services.staging import (
    SAFE,
    Logbook,
    StagedImage,
    Staging,
    let_go,
    new_staging,
    pages_of,
    reopen_staging,
    take_in_hand,
)

_FOREIGN = N_("Scanning was stopped. Take this sheet out of the stack and remove it here, then go on; or discard all.")
_DRIVE_GONE = N_("The images in {folder} cannot be read any more ({detail}). Was the drive taken out?")
_PUT_BACK = N_("What was scanned before is kept. Put the drive back and go on: nothing is taken twice.")
# A cover whose envelope may not be scanned yet: no page of this run can be kept, and the person must know the way out.
_ANEW = N_("Discard what was scanned, put that right for this hall, and scan the envelope again from its cover.")
_NO_COVER = N_("The first page is not the cover of an envelope: it is not known whose sheets these are.")
_PATIENCE = 8.0  # seconds for a sheet on its way, when somebody wants the scanner to stop
_MAY_SAVE = N_("Scanning is not at its end yet. Nothing was saved.")


class _Brake:
    """The progress that a source is given. A sheet on its way comes out whole before the brake holds.

    The feeding thread stops behind the next page. Only a scanner that gives none for `_PATIENCE` seconds, or a second
    pull, breaks off what it is doing.
    """

    def __init__(self) -> None:
        self.pulled = False
        self._until = 0.0

    def stage(self, title: str, total: int = 0) -> None:
        """A stage begins; nobody looks."""

    def step(self, n: int = 1) -> None:
        """A page has come (n = 1), or none yet (n = 0)."""
        if self.pulled and n == 0 and time.monotonic() >= self._until:
            raise Cancelled

    def pull(self, *, at_once: bool = False) -> None:
        """Stop."""
        self._until = 0.0 if at_once or self.pulled else time.monotonic() + _PATIENCE
        self.pulled = True


@dataclass
class _Place:
    """Where the pages of a feed go: before page `before` (0: at the end), in the place of `instead` (0: nobody's)."""

    before: int = 0
    instead: int = 0


class ScanSession:
    """One run of an envelope, from the first sheet to Save or Discard."""

    def __init__(
        self, ctx: Context, staging: Staging, log: Logbook, facts: RunFacts | None,
        notify: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.ctx, self.facts, self.resumed = ctx, facts, False
        self._staging, self._log, self._notify = staging, log, notify
        self._form = facts.form if facts else _form(ctx)
        self._changed = threading.Condition()
        self._pages: list[StagedPage] = []
        self._waiting: list[int] = []  # keys in the order of arrival, not yet looked at whether they belong here
        self._removed: list[StagedImage] = list(log.removed)
        self._events: list[Event] = []
        self._last_key = 0
        self._state = State.ENDED
        self._fault: UserError | None = None
        self._bug: BaseException | None = None
        self._source: Source | None = None  # of the whole run, not of single sheets scanned again
        self._broken_off: tuple[Source, _Place] | None = None
        self._feeder: threading.Thread | None = None
        self._brake = _Brake()
        self._seconds, self._fed = 0.0, 0
        self._pool = ThreadPoolExecutor(max(1, min(4, (os.cpu_count() or 2) - 1)), "reader")
        self._left = False  # nobody looks at it any more
        take_in_hand(staging.folder)

    # --- beginning ------------------------------------------------------------------------------------------------

    @classmethod
    def begin(
        cls, ctx: Context, shift: int = 0, hall: str = "", scan_pass: int = 0, *,
        notify: Callable[[], None] = lambda: None,
    ) -> ScanSession:  # fmt: skip
        """A run of the envelope of `hall`, or of the one whose cover lies on top. UserError when it may not be scanned.

        Nothing is fed yet: `scan` does that.
        """
        facts = envelopes.run_facts(ctx, shift, hall, scan_pass) if hall else None
        with disk_in_words(N_("Nothing was scanned.")):
            staging, log = new_staging(ctx, shift, hall, scan_pass)
        return cls(ctx, staging, log, facts, notify)

    @classmethod
    def resume(cls, ctx: Context, folder: Path, *, notify: Callable[[], None] = lambda: None) -> ScanSession:
        """A run that a crash left behind: its pages are read again, then it goes on as any other."""
        staging, log = reopen_staging(ctx, folder)
        facts = envelopes.run_facts(ctx, log.shift, log.hall, log.scan_pass) if log.hall else None
        session = cls(ctx, staging, log, facts, notify)
        session.resumed = True
        with session._changed:
            for image in log.pages:
                session._append(staging.file(image.name), image.page, image.origin, _Place())
            session._rest()
        return session

    @property
    def folder(self) -> Path:
        """Where the run lies until it is saved or discarded."""
        return self._staging.folder

    def new_folder(self) -> Path:
        """An empty folder for a scanner to put its images into."""
        with disk_in_words(SAFE):
            return self._staging.run_folder()

    # --- feeding --------------------------------------------------------------------------------------------------

    def scan(self, source: Source, *, instead: int = 0, behind: int = 0) -> None:
        """Feed the source's pages to the end of the run, in the place of page `instead`, or behind page `behind`."""
        with self._changed:
            place = _Place(self._after(behind), instead) if behind else _Place(0, instead)
            if not (instead or behind):
                self._source = source
            self._start(source, place)

    def go_on(self) -> None:
        """Feed what is left: after a fault, after a page was removed, or more sheets after the end."""
        with self._changed:
            if self._broken_off is not None:
                self._start(*self._broken_off)
            elif self._source is not None:
                self._start(self._source, _Place())
            else:
                raise OutOfOrder(N_("Choose where the next sheets come from."))

    @property
    def broken_off(self) -> bool:
        """Whether something stopped the last feed before its end, so that going on gives the rest."""
        return self._broken_off is not None

    @property
    def from_folder(self) -> bool:
        """Whether the run's images lay in files: more of them must be chosen, no feeder holds them."""
        return isinstance(self._source, FolderSource | FilesSource)

    @property
    def watches(self) -> bool:
        """Whether pages arrive in a folder: only a person knows when all are there."""
        return self._broken_off is not None and isinstance(self._broken_off[0], WatchedSource)

    def listen(self, notify: Callable[[], None]) -> None:
        """From now on tell this one."""
        self._notify = notify

    def work_for(self, ctx: Context) -> None:
        """The person who began it has logged in anew, or speaks another language."""
        self.ctx = ctx

    def leave(self) -> None:
        """Nobody looks at it any more: the scanner stops, and what came out can be taken up again from the folder."""
        self.stop()
        with self._changed:
            self._left = True
            if self._feeder is None:
                let_go(self.folder)

    def _start(self, source: Source, place: _Place) -> None:
        self._standing_still()
        if self._foreign_page() is not None:
            raise OutOfOrder(N_("First remove the page that does not belong here (p.38)."))
        self._broken_off, self._fault, self._brake = (source, place), None, _Brake()
        self._log = replace(self._log, source=source.label)
        self._note_feed("scan-started", "done", source=source.label)
        self._state = State.SCANNING
        self._feeder = threading.Thread(target=self._feed, args=(source, place), name="feeder")
        self._feeder.start()

    def stop(self) -> None:
        """Ask the scanner to stop after the sheet that is on its way; asked again, at once. What came out stays.

        A watched folder is told that everything lies in it.
        """
        running = self._broken_off
        if running is not None and isinstance(running[0], WatchedSource):
            running[0].finish()
        else:
            self._brake.pull()

    def _after(self, key: int) -> int:
        keys = [page.key for page in self._pages]
        at = keys.index(key) + 1
        return keys[at] if at < len(keys) else 0

    def _feed(self, source: Source, place: _Place) -> None:
        fault: UserError | None = None
        at_end = False
        try:
            with disk_in_words(SAFE):
                try:
                    at_end = self._feed_pages(source, place)
                finally:
                    self._take_left(place)
        except Cancelled:
            pass
        except UserError as error:
            fault = error
        except BaseException as error:  # noqa: BLE001  raised again in the caller's thread by `view`, never swallowed
            self._bug = error
        how = "done" if at_end else "refused" if fault or self._bug else "cancelled"
        try:
            self._note_feed("scan-finished", how, pages=self._fed, code=getattr(fault, "code", ""))
        except UserError as error:
            fault = fault or error
        with self._changed:
            self._feeder = None
            if self._left:
                let_go(self.folder)
            if at_end:
                self._broken_off = None
            if fault is not None:
                self._events.append(Event(EventKind.FAULT, error=fault))
                if _no_more(fault, self._pages):
                    self._broken_off = None
                else:
                    self._fault = fault
            self._rest()
        self._notify()

    def _note_feed(self, event: str, how: str, **details: Any) -> None:
        """That the scanner was set going, or how its run ended; a crash leaves the first one alone."""
        of = self.facts or self._log
        with self.ctx.store.write(self.ctx.actor) as tx:
            subject = f"{of.shift}-{of.hall}" if of.hall else "-"
            tx.note(event, subject, disposition=how, scan_pass=of.scan_pass, **details)

    def _feed_pages(self, source: Source, place: _Place) -> bool:
        """Feed until the end (True), or until somebody pulls the brake."""
        began = time.monotonic()
        for page in source.pages(self._brake):
            self._take(page.path, place)
            now = time.monotonic()
            with self._changed:
                self._seconds += now - began
                self._fed += 1
            began = now
            if self._brake.pulled:
                return False
        return True

    def _take_left(self, place: _Place) -> None:
        """A sheet that came out while the source was being stopped lies in the folder although nobody named it."""
        for path in self._staging.scanned():
            self._take(path, place)

    def _take(self, path: Path, place: _Place) -> None:
        """A file came out: sealed into the staging folder, into the logbook, to the readers."""
        origin = "" if self._staging.scanned_here(path) else str(path)
        if self._staging.has(path) or (origin and self._has(origin)):
            return
        kept = self._adopt(path, origin)
        with self._changed:
            for page in pages_of(kept):
                if place.instead:
                    place.before, gone = self._after(place.instead), place.instead
                    place.instead = 0
                    self._drop(gone)
                self._append(kept, page.page, origin, place)
            self._write()
        self._notify()

    def _adopt(self, path: Path, origin: str) -> ImageFile:
        """Seal a page; a drive that is gone is told apart from this computer's own disk."""
        try:
            return self._staging.adopt(path)
        except OSError as error:
            if not origin or _readable(path):
                raise
            raise UserError(
                _DRIVE_GONE, next_step=_PUT_BACK, exit_code=EXIT_SYSTEM, folder=str(path.parent),
                detail=error.strerror or type(error).__name__,
            ) from error  # fmt: skip

    def _has(self, origin: str) -> bool:
        """Whether somebody's file was taken already: a source that goes on may give its files again."""
        with self._changed:
            return origin in {p.origin for p in self._pages} | {image.origin for image in self._removed}

    def _append(self, image: ImageFile, image_page: int, origin: str, place: _Place) -> None:
        self._last_key += 1
        made = StagedPage(self._last_key, 0, image, image_page, origin)
        at = next((n for n, page in enumerate(self._pages) if page.key == place.before), len(self._pages))
        self._pages.insert(at, made)
        self._waiting.append(made.key)
        self._number()
        self._events.append(Event(EventKind.ARRIVED, made.key))
        self._state = State.SCANNING
        self._pool.submit(self._read, made)

    def _number(self) -> None:
        """Places count the sheets; a cover has none."""
        position = 0
        for at, page in enumerate(self._pages):
            position += page.cover is None
            self._pages[at] = replace(page, position=0 if page.cover is not None else position)

    def _write(self) -> None:
        facts = self.facts
        pages = tuple(self._staged(page) for page in self._pages)
        log = replace(self._log, pages=pages, removed=tuple(self._removed))
        if facts is not None:
            log = replace(log, shift=facts.shift, hall=facts.hall, scan_pass=facts.scan_pass)
        self._log = log
        self._staging.write(log)

    def _staged(self, page: StagedPage) -> StagedImage:
        return StagedImage(self._staging.name(page.image), page.image_page, page.origin)

    # --- reading --------------------------------------------------------------------------------------------------

    def _read(self, page: StagedPage) -> None:
        try:
            read = read_staged(page, self._form)
        except BaseException as error:  # noqa: BLE001  raised again in the caller's thread by `view`, never swallowed
            self._bug = error
            read = replace(page, seen=Seen(SheetReading(str(page.image), page.image_page, False, ())))
        with self._changed:
            keys = [known.key for known in self._pages]
            if page.key in keys:
                self._pages[keys.index(page.key)] = read
            self._number()
            try:
                self._release()
            except BaseException as error:  # noqa: BLE001  as above; in a thread of the pool nobody would hear of it
                self._bug = error
                self._brake.pull()
            self._rest()
        self._notify()

    def _release(self) -> None:
        """Look at the pages that were read, in the order of their coming, until one does not belong here."""
        while self._waiting:
            page = self._page(self._waiting[0])
            if page is not None and (page.seen is None or page.foreign is not None):
                return
            if page is not None:
                self._events.append(Event(EventKind.READ, page.key))
                if (wrong := self._wrong(page)) is not None:
                    self._pages[self._pages.index(page)] = replace(page, foreign=wrong)
                    self._events.append(Event(EventKind.FOREIGN, page.key, wrong))
                    self._brake.pull()
                    return
            self._waiting.pop(0)

    def _wrong(self, page: StagedPage) -> UserError | None:
        """Why a page does not belong here; the first cover says whose envelope it is."""
        try:
            if self.facts is None:
                if page.cover is None:
                    choose = N_("Choose the hall and begin again, or put the cover on top.")
                    return UserError(_NO_COVER, next_step=choose)
                self._aim(page.cover)
            elif page.cover is not None:
                other = covers.contradiction(page.cover, self.facts.shift, self.facts.hall, self.facts.scan_pass)
                # What came before it is kept, other than where a whole folder is refused.
                return UserError(other.text, next_step=_FOREIGN, **other.params) if other is not None else None
            elif page.serial:
                self.facts.belongs.check(page.serial, f"№ {page.position}")
        except UserError as error:
            after = (error.next_step or _ANEW) if self.facts is None else _FOREIGN
            return UserError(error.text, next_step=after, **error.params)
        return None

    def _aim(self, cover: Cover) -> None:
        standing = envelopes.standing_passes(self.ctx, cover.shift, cover.hall)
        number = covers.pass_of(cover, standing)
        self.facts = envelopes.run_facts(self.ctx, cover.shift, cover.hall, number)
        with disk_in_words(SAFE):
            self._write()

    def _rest(self) -> None:
        """When nobody feeds and nothing waits any more, the run has come to a stand."""
        if self._state is not State.SCANNING or self._feeder is not None:
            return
        if self._foreign_page() is not None:
            self._state = State.FOREIGN
        elif self._waiting:
            return
        else:
            self._state = State.FAULT if self._fault is not None else State.ENDED
        self._events.append(Event(EventKind.END))
        self._changed.notify_all()

    def _page(self, key: int) -> StagedPage | None:
        return next((page for page in self._pages if page.key == key), None)

    def _foreign_page(self) -> StagedPage | None:
        return next((page for page in self._pages if page.foreign is not None), None)

    # --- what a person does ---------------------------------------------------------------------------------------

    def remove(self, key: int) -> None:
        """Take a page out of the run: a foreign sheet, the second image of a sheet. Its file goes with the run."""
        with self._changed:
            self._standing_still()
            self._drop(key)
            self._state = State.SCANNING
            self._release()
            self._rest()
            with disk_in_words(SAFE):
                self._write()
        self._notify()

    def repeated(self) -> list[int]:
        """Keys of the pages whose sheet lies here already, further in front."""
        with self._changed:
            serials = [page.serial for page in self._pages]
            return [page.key for at, page in enumerate(self._pages) if page.serial and page.serial in serials[:at]]

    def remove_repeated(self) -> int:
        """Leave out the second images of sheets: the whole stack was laid in again after a run went on; how many."""
        keys = self.repeated()
        for key in keys:
            self.remove(key)
        return len(keys)

    def _drop(self, key: int) -> None:
        page = self._page(key)
        if page is None:
            raise OutOfOrder(N_("This page is not among the scanned ones."))
        self._pages.remove(page)
        self._removed.append(self._staged(page))
        self._number()

    def finish(self) -> None:
        """After a fault: there are no more sheets, what is here is the whole envelope."""
        with self._changed:
            self._standing_still()
            if self._state is State.FAULT:
                self._state, self._fault = State.ENDED, None
        self._notify()

    def save(self) -> PassReport:
        """Save the run in one transaction and remove the staging folder; UserError leaves everything as it was."""
        with self._changed:
            if self._state is not State.ENDED or self.facts is None:
                raise OutOfOrder(_MAY_SAVE)
            facts, found = self.facts, [page.seen for page in self._pages if page.seen is not None]
            images = {str(page.image): page.image for page in self._pages}
        report = envelopes.save_run(
            self.ctx, facts, found, self._log.source, len(self._removed), images, run=self.folder.name
        )
        self._over(State.SAVED)
        origins = [page.origin for page in self._pages if page.origin]
        return replace(report, left=str(Path(origins[0]).parent)) if origins else report

    def discard(self) -> None:
        """Throw everything away that was not saved; the log keeps how many pages that were."""
        self.close()
        if self._pages or self._removed:
            _note_discarded(self.ctx, self._log, len(self._pages) + len(self._removed), self.folder.name)
        self._over(State.DISCARDED)

    def _over(self, state: State) -> None:
        self.close()
        with self._changed:
            self._state = state
        self._staging.remove()
        self._notify()

    def close(self) -> None:
        """Stop feeding and reading and wait for both; the staging folder stays for another time."""
        self._brake.pull(at_once=True)
        feeder = self._feeder
        if feeder is not None:
            feeder.join()
        self._pool.shutdown(cancel_futures=True)
        self._staging.rest()
        let_go(self.folder)

    def _standing_still(self) -> None:
        if self._state not in (State.FAULT, State.FOREIGN, State.ENDED):
            raise OutOfOrder(N_("The envelope is being scanned."))

    # --- looking --------------------------------------------------------------------------------------------------

    def wait(self) -> State:
        """Wait until the run has come to a stand; the state it stands in."""
        with self._changed:
            self._changed.wait_for(lambda: self._state is not State.SCANNING)
            return self._state

    def drain(self) -> list[Event]:
        """The events since the last time, in their order."""
        with self._changed:
            found, self._events = self._events, []
            return found

    def view(self) -> SessionView:
        """Everything as it is now. A bug met in a thread of the run comes out here."""
        with self._changed:
            if self._bug is not None:
                bug, self._bug = self._bug, None
                raise bug
            pages, facts, foreign = tuple(self._pages), self.facts, self._foreign_page()
            state, fault, log = self._state, self._fault, self._log
            at_end = state is State.ENDED
            speed = round(60 * self._fed / self._seconds) if self._seconds else 0
        counts = count_pages(pages, facts.expected if facts else None, speed)
        sheets = [page for page in pages if page.seen is not None and page.cover is None and page.foreign is None]
        suspicions = while_scanning(sheets)
        if facts is not None and at_end:
            suspicions += after_scanning(sheets, facts.expected, facts.stack, facts.first_pass)
        shift, hall, number = (facts.shift, facts.hall, facts.scan_pass) if facts else (0, "", 0)
        error = foreign.foreign if foreign is not None else fault
        return SessionView(
            state, at_end, shift, hall, number, log.source, pages, counts, tuple(suspicions), error,
            foreign.key if foreign is not None else 0,
        )  # fmt: skip


def discard_left_over(ctx: Context, folder: Path) -> None:
    """Throw a run away that a crash left behind."""
    staging, log = reopen_staging(ctx, folder)
    _note_discarded(ctx, log, len(log.pages), folder.name)
    with suppress(OSError):  # the log says that it is over: what stays is cleared away another time
        staging.remove()


def _note_discarded(ctx: Context, log: Logbook, pages: int, run: str) -> None:
    subject = f"{log.shift}-{log.hall}" if log.hall else "-"
    with ctx.store.write(ctx.actor) as tx:
        tx.note("scan-discarded", subject, scan_pass=log.scan_pass, pages=pages, begun=log.at, run=run)


def _form(ctx: Context) -> SheetLayout:
    with ctx.store.read() as session:
        return layout(hall_sheets.exam_profile(session))


def _readable(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True


def _no_more(fault: UserError | None, pages: Sequence[StagedPage]) -> bool:
    """An empty feeder is a fault only when nothing was scanned yet."""
    return isinstance(fault, ScannerFault) and fault.fault is Fault.EMPTY and bool(pages)
