"""What the base university hands to the ministry representative before the testing (p.24): counts, paper, drive."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from mab_desktop.i18n import N_, _, active
from mab_desktop.services import base_board, commission, passes, transfer_view
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Count, CountsView, Section, StateLabel, label
from mab_desktop.ui.states import Mark


class HandOverPage(Page):
    """What the ministry representative is given before the testing (p.24): counts, what is missing, paper and file."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.counts, self.state = CountsView(), StateLabel(Mark.NONE)
        self.missing = label("", "", wrap=True)
        left, right = Section(_("What is handed over")), Section(_("Ready?"))
        left.body.addWidget(self.counts)
        left.body.addStretch(1)
        right.body.addWidget(self.state)
        right.body.addWidget(self.missing)
        right.body.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(left, 3)
        row.addWidget(right, 2)
        self.body.addLayout(row, 1)
        self.add_actions((
            Action(N_("Print the act"), lambda: app.open_page("papers", paper="hand-over"), "print"),
            Action(N_("Write to the drive"), lambda: app.open_page("transfer", export="hand-over"), "drive",
                   obstacle=self.obstacle, primary=True),
        ))  # fmt: skip

    def obstacle(self) -> str:
        """Why the file cannot be written yet."""
        offers = transfer_view.offered(self.app.ctx)
        return next((offer.obstacle for offer in offers if offer.kind == "hand-over"), "")

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Count again."""
        ctx = self.app.ctx
        counts = passes.counts(ctx)
        numbered = sum(count.numbered for count in counts)
        self.counts.show_counts((
            Count(_("Stubs of admission passes"), sum(count.stubs for count in counts), numbered),
            Count(_("Hall lists of students"), len(passes.halls_used(ctx))),
            Count(_("Registers of pass issue (copies)"), len(counts)),
            Count(_("List of duty officers by hall: people"), len(commission.duty_officers(ctx))),
            Count(_("List of students with wrong data: lines"), len(base_board.wrong_data(ctx))),
            Count(_("Members of the state commission"), len(commission.members(ctx))),
        ))  # fmt: skip
        why = self.obstacle()
        self.state.show_state(Mark.BLOCKED if why else Mark.DONE, why or _("Everything is ready to be handed over."))
        short = commission.halls_without_duty(ctx)
        notes = [problem.message(active()) for problem in commission.problems(ctx)] if not why else []
        if short:
            notes.append(_("Halls with fewer than two duty officers: {n}").format(n=len(short)))
        stubs = len(passes.missing_stubs(ctx))
        if stubs:
            notes.append(_("Stubs still missing: {n}").format(n=stubs))
        self.missing.setText("\n".join(notes))
        self.renew_actions()

    def print_out(self) -> None:
        """Ctrl+P: the act."""
        self.app.open_page("papers", paper="hand-over")

    def export(self) -> None:
        """Ctrl+E: the drive."""
        if not self.obstacle():
            self.app.open_page("transfer", export="hand-over")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The representative is given the stubs, the hall list, a copy of the register of issue, the list of duty "
            "officers by hall and the list of students with wrong data (p.24)."
        )
