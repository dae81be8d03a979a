"""Everything to the centre (p.23): complete or not, why not, the fax page, the drive."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from mab_desktop.base_uni.reference_words import moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board, fund_incomplete, halls, transfer_view
from mab_desktop.services.base_board import BoardLine
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Count, CountsView, Facts, FactsView, Section, StateLabel, label
from mab_desktop.ui.states import Mark

DATABASE, STATISTICS = "base-students", "statistics"


class CentrePage(Page):
    """Completeness n of N with every reason, and the two files and the fax page that go to the centre."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.verdict, self.counts, self.facts = StateLabel(Mark.NONE), CountsView(), FactsView()
        self._obstacles: dict[str, str] = {}  # asked once for all buttons: each answer counts every record
        self.reason = label("", "muted", wrap=True)
        left, right = Section(_("Complete?")), Section(_("Network universities"))
        for part in (self.counts, self.verdict, self.reason):
            left.body.addWidget(part)
        left.body.addStretch(1)
        right.body.addWidget(self.facts, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(left, 1)
        row.addWidget(right, 1)
        self.body.addLayout(row, 1)
        self.add_actions((
            Action(N_("Send although incomplete…"), self.allow, "warning", obstacle=self._no_need),
            Action(N_("Print the fax page"), lambda: app.open_page("papers", paper="fax"), "print",
                   obstacle=lambda: self.obstacle(STATISTICS)),
            Action(N_("Send the statistics"), lambda: app.open_page("transfer", export=STATISTICS), "statistics",
                   obstacle=lambda: self.obstacle(STATISTICS)),
            Action(N_("Send the databases"), lambda: app.open_page("transfer", export=DATABASE), "drive",
                   obstacle=lambda: self.obstacle(DATABASE), primary=True),
        ))  # fmt: skip

    def obstacle(self, kind: str) -> str:
        """Why a kind of file cannot be written yet."""
        return self._obstacles.get(kind, "")

    def _no_need(self) -> str:
        state = base_board.completeness(self.app.ctx)
        if not state.received:
            return _("No database of a network university has come yet.")
        if state.complete:
            return _("Everything is complete.")
        return _("The reason is written down already.") if state.reason else ""

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Count again."""
        self._obstacles = {offer.kind: offer.obstacle for offer in transfer_view.offered(self.app.ctx)}
        state = base_board.completeness(self.app.ctx)
        lines = base_board.board(self.app.ctx)
        expected = len(state.expected) or None  # nothing of nothing is no agreement
        self.counts.show_counts((
            Count(_("Databases received"), len(state.received), expected),
            Count(_("Final statistics signed and sealed"), len(state.confirmed), expected),
            Count(_("Students"), sum(line.students for line in lines)),
            *self._fund(),
        ))  # fmt: skip
        why = self.obstacle(DATABASE)
        if expected is None:
            unknown = _("No network university is known yet.")
            todo = _("Receive the reference package from the testing centre.")
            self.verdict.show_state(Mark.BLOCKED, f"{unknown} {todo}")
        elif state.complete:
            self.verdict.show_state(Mark.DONE, _("Complete: everything can go to the testing centre."))
        elif not why:
            self.verdict.show_state(Mark.DUE, _("Incomplete, but may be sent for the reason below."))
        else:
            self.verdict.show_state(Mark.BLOCKED, why)
        fund = fund_incomplete.brought_reason(self.app.ctx)
        said = (self._said(state), _("Hall fund: {words}").format(words=fund) if fund else "")
        self.reason.setText("\n".join(words for words in said if words))
        self.facts.show_facts((Facts("", tuple((f"{ln.university} {ln.name}", _line_words(ln)) for ln in lines)),))
        self.renew_actions()

    def _fund(self) -> tuple[Count, ...]:
        """The hall fund as it came here with its own file; it goes to the centre from the fund's workplace (p.17)."""
        buildings = halls.buildings(self.app.ctx)
        if not buildings:
            return (Count(_("Hall fund: no halls have come here yet"), 0, mark=Mark.DUE),)
        lacking = fund_incomplete.brought(self.app.ctx)
        found = (Count(_("Halls of the fund"), sum(building.halls for building in buildings)),
                 Count(_("Seats of the fund"), sum(building.seats for building in buildings)))  # fmt: skip
        return (*found, Count(_("Students without a seat"), lacking, mark=Mark.LATE)) if lacking else found

    def _said(self, state: base_board.Completeness) -> str:
        """The reason that was written down, by whom and when; and that it does not name everything that lacks now."""
        said = base_board.incomplete(self.app.ctx)
        if said is None or state.complete:
            return ""
        words = _("Reason: {reason} ({by}, {moment})").format(
            reason=said.reason, by=said.by, moment=moment_words(said.at)
        )
        if said.covers(state):
            return words
        return words + "\n" + _("Since then something else lacks: write the reason down anew.")

    def allow(self) -> None:
        """Write down why it goes incomplete; the reason is kept for good."""
        words = ask_for_reason(
            self, _("Send although incomplete"),
            _("Some universities are missing or not signed. The reason is kept for good, with your name and the date, "
              "in the log beside the file and on the fax page."),
            _("Write the reason down"),
        )  # fmt: skip
        if words:
            with self.app.guarded():
                base_board.allow_incomplete(self.app.ctx, words)
                self.refresh()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "When all databases are in, the student database goes to the testing centre before 15 April, and the final "
            "statistics by fax (p.23)."
        )


def _line_words(line: BoardLine) -> str:
    database, signed = line.cells["database"], line.cells["confirmed"]
    if not database.at:
        return _("the database has not come")
    words = _("{n} students, {moment}").format(n=shown_number(line.students), moment=moment_words(database.at))
    return words + " · " + (_("signed") if signed.at and signed.at >= database.at else _("not signed"))
