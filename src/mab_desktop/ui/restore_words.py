"""What a copy holds and what would be missing after it, in words for the restore page."""

from __future__ import annotations

from datetime import datetime

from mab_desktop.i18n import _, active
from mab_desktop.services import log_view
from mab_desktop.services.lasting import Act
from mab_desktop.services.restore import Look, Opened
from mab_desktop.ui.formats import shown_moment, shown_number
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.states import Mark

MOST = 8  # kinds of events and names of files that are listed; the rest is counted


def verdict_of(look: Look) -> tuple[Mark, str]:
    """The state of the whole, and its sentence."""
    if look.refused:
        what = ", ".join(f"{_event(act.event)} ({log_view.subject(act.object, active())})" for act in look.undone[:3])
        return Mark.BLOCKED, _(
            "This copy may not be put in place: it would undo what is done only once: {what}. Choose a copy made after "
            "it."
        ).format(what=what)
    if look.undone:
        return Mark.DUE, _("The copy is whole. {n} acts done only once are not in it: they must be done again and come "
                           "out the same.").format(n=len(look.undone))  # fmt: skip
    if look.newer:
        return Mark.DUE, _(
            "The copy is whole. The database is of a newer version of the program: it is moved aside as a copy that "
            "only the newer version opens."
        )
    return Mark.DONE, _("The copy is whole and can be put in place.")


def look_facts(look: Look, opened: Opened) -> list[Facts]:
    """What would be missing first, then the present state and the copy."""
    at = shown_moment(datetime.fromisoformat(look.at)) if look.at else ""
    copy = [(_("File"), opened.copy.name), (_("Newest line of the log"), f"{look.n} · {look.head[:12]} · {at}")]
    copy += [(_(title), shown_number(count)) for title, count in look.holds]
    return [
        *_missing(look),
        Facts(_("The present state"), ((_("Database"), _present(look)),)),
        Facts(_("What the copy holds"), tuple(copy)),
    ]


def _present(look: Look) -> str:
    if look.newer:
        return _("of a newer version of the program; it is kept as a copy of its own")
    if look.whole:
        return _("whole; it is kept as a copy of its own")
    if look.readable:
        return _("damaged, its log can be read; it is kept as it lies")
    return _("missing or not readable; what is there is kept as it lies")


def _missing(look: Look) -> list[Facts]:
    found = []
    if look.lost:
        lines = [(_event(lost.event), shown_number(lost.count)) for lost in look.lost[:MOST]]
        if len(look.lost) > MOST:
            rest = sum(lost.count for lost in look.lost[MOST:])
            lines.append((_("Other lines of the log"), shown_number(rest)))
        found.append(Facts(_("What would be missing"), tuple(lines)))
    files = [(_("File made after the copy"), name) for name in look.sent[:MOST]]
    files += [(_("File taken after the copy"), name) for name in look.taken[:MOST]]
    if files:
        found.append(Facts(_("Files: those taken are loaded again, those made are known to their recipients"),
                           tuple(files)))  # fmt: skip
    if look.undone:
        found.append(Facts(_("Done only once, not in the copy"), tuple(_act(act) for act in look.undone[:MOST])))
    return found


def _act(act: Act) -> tuple[str, str]:
    what = f"{_event(act.event)}: {log_view.subject(act.object, active())}"
    return what, shown_moment(datetime.fromisoformat(act.at))


def _event(event: str) -> str:
    return log_view.event_title(event, active())
