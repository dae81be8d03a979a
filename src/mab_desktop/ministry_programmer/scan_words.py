"""What a run of an envelope says in words: its title, its state, a page, its counts, what is suspicious."""

from __future__ import annotations

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_, _, active
from mab_desktop.services.scan_states import SessionView, State
from mab_desktop.services.scans import page_problems, stored_problems
from mab_desktop.services.staged_pages import StagedPage
from mab_desktop.ui.image_review import Thumb
from mab_desktop.ui.panels import Count
from mab_desktop.ui.states import Mark

UPSIDE_DOWN = N_("lay upside down, turned round here")
STATES = {
    State.SCANNING: (Mark.INFO, N_("Scanning")),
    State.FAULT: (Mark.LATE, N_("The scanner stopped")),
    State.FOREIGN: (Mark.LATE, N_("A page that does not belong here")),
    State.ENDED: (Mark.DUE, N_("Scanned, not saved yet")),
    State.SAVED: (Mark.DONE, N_("Saved")),
    State.DISCARDED: (Mark.NONE, N_("Discarded")),
}


def title(view: SessionView) -> str:
    """Whose envelope it is."""
    if not view.hall:
        return _("The next envelope: its cover says whose it is")
    return _("Shift {shift} · hall {hall} · pass {n}").format(shift=view.shift, hall=view.hall, n=view.scan_pass)


def what_and_next(error: UserError) -> tuple[str, str]:
    """What happened, and what to do."""
    lang = active()
    after = UserError(error.next_step, **error.params).message(lang) if error.next_step else ""
    return UserError(error.text, **error.params).message(lang), after


def safe(view: SessionView) -> str:
    """What a fault did not touch."""
    sheets = view.counts.fed
    return _("{n} sheets are kept; nothing is lost.").format(n=sheets) if sheets else _("Nothing was scanned yet.")


def suspicious(view: SessionView) -> set[int]:
    """Keys of pages that a person should look at before saving."""
    return {key for suspicion in view.suspicions for key in suspicion.pages} | {
        page.key for page in view.pages if page.refused or page.foreign is not None
    }


def thumb(page: StagedPage, looked_at: set[int]) -> Thumb:
    """A page of the strip."""
    if page.cover is not None:
        mark, words = (Mark.LATE, _("not of this envelope")) if page.foreign else (Mark.NONE, "")
        return Thumb(str(page.key), page.picture, _("Cover"), mark, words)
    mark, words = _stands(page)
    if page.key in looked_at and mark is not Mark.LATE:
        mark = Mark.DUE
    title = f"{page.position}. " + (page.serial[-4:] if page.serial else "—" if page.seen else "…")
    return Thumb(str(page.key), page.picture, title, mark, words)


def _stands(page: StagedPage) -> tuple[Mark, str]:
    if page.seen is None:
        return Mark.NONE, _("being read")
    if page.foreign is not None:
        return Mark.LATE, _("not of this envelope")
    if page.refused:
        return Mark.LATE, _("refused")
    if not page.serial:
        return Mark.DUE, _("no serial")
    if page.doubts:
        return Mark.DUE, _("doubtful marks: {n}").format(n=page.doubts)
    return (Mark.DONE, _("used")) if page.used else (Mark.NONE, _("blank"))


def page_words(page: StagedPage) -> str:
    """What is known of a page, in one line."""
    if page.cover is not None:
        return _("The cover of the envelope; it is no answer sheet.")
    said = [_("Place {n} in the envelope").format(n=page.position)]
    read = page.read
    if read is None:
        return " · ".join((*said, _("being read")))
    said.append(page.serial or _("no serial"))
    if not page.refused:
        said.append(_("used") if page.used else _("blank"))
    if read.rotation == 180:
        said.append(_(UPSIDE_DOWN))
    if page.doubts:
        said.append(_("doubtful marks: {n}").format(n=page.doubts))
    problems = _problems(page)
    return " · ".join(said) + (f". {problems}" if problems else "")


def _problems(page: StagedPage) -> str:
    """What the reader said of a page: why it was refused, else what it noticed."""
    stored = stored_problems(page.read) if page.read else []
    return " ".join(problem.message(active()) for problem in page_problems(stored))


def last_here(view: SessionView) -> str:
    """Which sheet was the last of a run that goes on after a crash, or on another PC."""
    sheets = [page for page in view.pages if page.position]
    if not sheets:
        return _("No sheet of this envelope is here yet.")
    last = sheets[-1]
    return _("{n} sheets are here; the last one is {serial}.").format(
        n=len(sheets), serial=last.serial or _("no serial"))  # fmt: skip


def refusal(page: StagedPage) -> str:
    """Which sheet the reader refused, and why."""
    return _("Sheet {n} was refused: {why}").format(n=page.position, why=_problems(page))


def counts(view: SessionView) -> list[Count]:
    """The numbers of the run, as they stand."""
    c = view.counts
    due = Mark.DUE
    return [
        Count(_("Sheets"), c.fed, c.expected if view.at_end else None),
        Count(_("Read"), c.read),
        Count(_("Used"), c.used),
        Count(_("Unused"), c.unused),
        Count(_("Refused by the reader"), c.refused, mark=due if c.refused else Mark.NONE),
        Count(_("With doubtful marks"), c.doubtful, mark=due if c.doubtful else Mark.NONE),
        Count(_("Without a serial"), c.nameless, mark=due if c.nameless else Mark.NONE),
        Count(_("Upside down, turned round"), c.turned),
    ]  # fmt: skip


def pace(view: SessionView) -> str:
    """How many by the act, and how quickly they come."""
    said = []
    if view.counts.expected is not None:
        said.append(_("By the act: {n} sheets.").format(n=view.counts.expected))
    if view.counts.speed:
        said.append(_("{n} pages a minute.").format(n=view.counts.speed))
    return " ".join(said)
