"""The log of the workplace, and what this program is: the same page in every application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mab_desktop import __version__
from mab_desktop.i18n import N_, _
from mab_desktop.services import audit_log, installation, log_view
from mab_desktop.services.log_view import LogRow
from mab_desktop.ui import installation_dialog
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

# Words for events of the hall fund, the base university and the exam that `log_view` gives by their name.
EVENT_WORDS = {
    "building-saved": N_("Building saved"),
    "building-deleted": N_("Building deleted"),
    "hall-saved": N_("Hall saved"),
    "hall-deleted": N_("Hall deleted"),
    "contingent-taken": N_("Contingent taken"),
    "hall-fund-agreed": N_("Agreement on the hall fund"),
    "hall-choice-changed": N_("Halls taken or put in reserve"),
    "hall-restored": N_("Deleted hall brought back"),
    "building-restored": N_("Deleted building brought back"),
    "fund-change-explained": N_("Change of the hall fund explained"),
    "fund-version-frozen": N_("Version of the hall fund kept"),
    "direction-signs-changed": N_("Direction signs changed"),
    "building-pictures-taken": N_("Pictures of plans taken with a hall fund"),
    "board-noted": N_("Noted on the board"),
    "students-accepted": N_("Student database taken"),
    "statistics-confirmed": N_("Signed statistics confirmed"),
    "sent-incomplete": N_("Sending incomplete data allowed"),
    "came-incomplete": N_("Incomplete data came, with the reason"),
    "passes-numbered": N_("Passes numbered"),
    "stubs-received": N_("Stubs received"),
    "duty-officer-saved": N_("Duty officer saved"),
    "duty-officer-removed": N_("Duty officer removed"),
    "commission-member-saved": N_("Commission member saved"),
    "commission-member-removed": N_("Commission member removed"),
    "exam-data-loaded": N_("Exam data taken"),
    "hand-over-loaded": N_("Hand-over of the base university taken"),
    "student-corrected": N_("Correction entered"),
    "seating-frozen": N_("List and halls frozen"),
    "seating-proof-saved": N_("Proof of the seating saved"),
    "password-tried": N_("Password tried"),
    "seats-drawn": N_("Seats drawn"),
    "shift-opened": N_("Shift opened"),
    "readiness-checked": N_("Readiness checked"),
    "readiness-reported": N_("Report of readiness signed"),
    "training-put-aside": N_("Training data put aside"),
    "duty-drawn": N_("Duty officers drawn"),
    "exam-started": N_("Start of the exam announced"),
    "exam-start-corrected": N_("Start of the exam corrected"),
    "act-withdrawn": N_("Act withdrawn"),
    "attendance-counted": N_("Attendance counted"),
    "student-removed": N_("Student sent out of the hall"),
    "act-entered": N_("Act entered"),
    "envelope-received": N_("Counts of the envelope entered"),
    "scan-started": N_("Scanner set going"),
    "scan-finished": N_("Scanner stopped"),
    "pass-scanned": N_("Envelope scanned"),
    "scan-discarded": N_("Scanned sheets thrown away unsaved"),
    "pass-discarded": N_("Scanning set aside"),
    "page-rescanned": N_("Page scanned again"),
    "page-named": N_("Serial typed from the page"),
    "passes-compared": N_("Two scannings compared"),
    "mark-decided": N_("Doubtful marks decided"),
    "sheets-identified": N_("Sheets identified"),
    "students-absent": N_("Students marked absent"),
    "sheets-unused": N_("Sheets entered as not used"),
    "decision-undone": N_("Decision taken back"),
    "protocol-issued": N_("Protocol issued"),
    "protocol-signed": N_("Protocol signed by all"),
    "identification-confirmed": N_("Identification confirmed"),
    "key-opened": N_("Answer key opened"),
    "shift-scored": N_("Points counted"),
    "results-announced": N_("Results announced"),
    "appeal-member-saved": N_("Member of the appeal commission saved"),
    "appeal-member-removed": N_("Member of the appeal commission removed"),
    "appeal-registered": N_("Appeal application entered"),
    "appeal-portion-handed": N_("Portion of applications handed over"),
    "appeal-portion-returned": N_("Papers of a portion came back"),
    "appeal-portion-undone": N_("Portion of applications taken back"),
    "appeal-decided": N_("Appeal decided"),
    "appeal-not-come": N_("Did not come to the appeal"),
    "appeal-given-to-all": N_("Point of an automatic ground given to all"),
    "appeal-undone": N_("Appeal decision taken back"),
    "appeal-closed": N_("Appeal closed"),
    "shift-closed": N_("Shift closed"),
}


def _event(words: str) -> str:
    return _(EVENT_WORDS[words]) if words in EVENT_WORDS else words


def _short(words: str) -> str:
    """A checksum without a space would push the column out of the window."""
    return " ".join(word if len(word) <= 28 else f"{word[:27]}…" for word in words.split(" "))


class LogPage(ListPage):
    """Who did what when, newest first; the program, its version and its legal ground beside it."""

    def table(self) -> TableSource:
        """The newest lines."""
        columns = (
            Column("n", N_("№"), 6, kind="number"),
            Column("at", N_("When"), 19, kind="code"),
            Column("person", N_("Person"), 12),
            Column("what", N_("What happened"), 28, show=_event),
            Column("subject", N_("About"), 24),
            Column("details", N_("Details"), 40),
        )
        return Rows(
            columns, load=lambda: log_view.log_rows(self.app.ctx), key_of="n",
            mark_of=lambda line: Mark.LATE if line.refused else Mark.NONE,
        )  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """Refusals apart."""
        return (FilterChip("refused", N_("Refused"), lambda line: line.refused),)

    def page_actions(self) -> Sequence[Action]:
        """The chain can be checked at any time; an installed program shows who installed it."""
        check = Action(N_("Check the log"), self.check, "audit")
        if installation.release() is None:
            return (check,)
        return check, Action(installation_dialog.TITLE, self.show_installation, "certificate")

    def show_installation(self) -> None:
        """The installation record: all files are compared with their signed list first."""
        installation_dialog.show(self.app, self)

    def check(self) -> None:
        """Walk the whole chain."""
        self.app.tasks.run(_("Check the log"), lambda p: audit_log.require_whole(self.app.ctx, p), self._checked)

    def _checked(self, found: audit_log.LogVerdict) -> None:
        files = _("It agrees with {n} files sent from here.")
        self.app.inform(
            _("The log is whole: {n} lines.").format(n=shown_number(found.lines)),
            safe=files.format(n=shown_number(found.compared)) if found.compared else "",
            next_step=_("Its head is {head}.").format(head=found.head[: audit_log.PRINTED]),
        )

    def details(self, row: LogRow) -> Sequence[Facts]:
        """The line, and below it the program."""
        line = (
            (_("When"), row.at), (_("Person"), row.person), (_("What happened"), _event(row.what)),
            (_("About"), _short(row.subject)), (_("Details"), "\n".join(map(_short, row.details.split(", ")))),
        )  # fmt: skip
        return (Facts(_("Line {n}").format(n=row.n), line), about(self.app.ctx))

    def help_words(self) -> str:
        """What the log is for."""
        return _(
            "Every act stands here for good: nothing in the log can be changed or deleted, and each line holds the "
            "fingerprint of the one before."
        )


def _build() -> Sequence[tuple[str, str]]:
    """Which build runs here, by the groups that stand on its installation record; nothing in a source tree."""
    listed = installation.release()
    if listed is None:
        return ()
    build = f"{listed.commit[:7]} · {listed.built[:10]}"
    return (_("Build"), build), (_("Groups of the program"), " ".join(listed.groups))


def about(ctx: Any) -> Facts:
    """What this program is and on what ground it works (p.1)."""
    mode = _("Official") if ctx.season.official else _("Rehearsal")
    return Facts(
        _("About the program"),
        (
            (_("Program"), f"MAB {__version__}"),
            *_build(),
            (_("Season"), f"{ctx.season.year} · {mode}"),
            (_("Ground"), _("Law on Education of 27 July 2007 No 319-III; rules of comprehensive testing, order 561 of "
                            "20 November 2007; order 27 of 27 January 2011.")),
        ),
    )  # fmt: skip
