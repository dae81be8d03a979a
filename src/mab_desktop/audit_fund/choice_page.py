"""Which halls to take for the contingent (p.17): a proposal that explains itself, accepted, changed by hand, undone."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.i18n import N_, _
from mab_desktop.services import hall_choice
from mab_desktop.services.hall_choice import Choice, ChoiceRow
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Count, CountsView, Facts, Section, StateLabel, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class ChoicePage(ListPage):
    """The halls, taken or in reserve, beside what is proposed; the sentence above says why."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.choice: Choice | None = None
        self.counts, self.sentence = CountsView(), label("", wrap=True)
        self.verdict = StateLabel(Mark.NONE)
        card = Section(_("Proposal"))
        card.body.addWidget(self.sentence)
        card.body.addWidget(self.counts)
        card.body.addWidget(self.verdict)
        self.body.addWidget(card)

    def table(self) -> TableSource:
        """Every hall with both answers."""
        columns = (
            Column("number", N_("Hall"), 6, kind="code"),
            Column("building", N_("Building"), 6, kind="code"),
            Column("floor", N_("Floor"), 5, kind="number", shown=False),
            Column("kind", N_("Kind of hall"), 14, shown=False),
            Column("seats", N_("Seats"), 6, kind="number"),
            Column("taken", N_("Now"), 10, show=_standing),
            Column("proposed", N_("Proposed"), 10, show=_standing),
            Column("languages", N_("Languages"), 16),
            Column("warnings", N_("Warning"), 18),
        )
        return Rows(columns, load=self._rows, key_of="number", mark_of=_mark)

    def _rows(self) -> Sequence[ChoiceRow]:
        return self.choice.rows if self.choice else ()

    def chips(self) -> Sequence[FilterChip]:
        """What differs from the proposal, what is in reserve, what is warned about."""
        return (
            FilterChip("differs", N_("Unlike the proposal"), lambda row: row.taken != row.proposed),
            FilterChip("reserve", N_("In reserve"), lambda row: not row.taken),
            FilterChip("warnings", N_("With a warning"), lambda row: bool(row.warnings)),
        )

    def page_actions(self) -> Sequence[Action]:
        """Undo and accept."""
        return (
            Action(N_("Undo"), self.undo, "undo", "Ctrl+Z", obstacle=self._nothing_to_undo),
            Action(N_("Accept the proposal"), self.accept, "done", "Ctrl+S", obstacle=self._nothing_to_accept,
                   primary=True),
        )  # fmt: skip

    def row_actions(self) -> Sequence[Action]:
        """By hand."""
        return (Action(N_("Take, or put in reserve"), self.turn, "edit", "F2"),)

    def _nothing_to_undo(self) -> str:
        return "" if self.choice and self.choice.undoable else _("There is nothing to take back.")

    def _nothing_to_accept(self) -> str:
        if self.choice is None or not self.choice.proposal.taken:
            return _("Nothing is proposed: enter halls, and receive the contingent.")
        return _("Just the proposed halls are taken.") if self.choice.agrees else ""

    def accept(self) -> None:
        """Take what is proposed, the others into reserve."""
        with self.app.guarded():
            hall_choice.accept(self.app.ctx)
            self.refresh()

    def save(self) -> None:
        """Ctrl+S is answered by the button."""

    def undo(self) -> None:
        """Take the last choice back."""
        with self.app.guarded():
            hall_choice.undo(self.app.ctx)
            self.refresh()

    def activate(self, row: ChoiceRow) -> None:
        """Enter turns a hall."""
        with self.app.guarded():
            hall_choice.take(self.app.ctx, [row.number], taken=not row.taken)
            self.refresh()

    def turn(self) -> None:
        """Turn the hall under the cursor."""
        if (row := self.current()) is not None:
            self.activate(row)

    def edit(self) -> None:
        """F2."""
        self.turn()

    def refresh(self, changed: set[str] | None = None) -> None:
        """Propose again."""
        self.choice = hall_choice.choice(self.app.ctx)
        self._tell(self.choice)
        super().refresh(changed)
        self.renew_actions()

    def _tell(self, choice: Choice) -> None:
        proposal = choice.proposal
        taken = [row.seats for row in choice.rows if row.taken]
        seats = sum(taken) * proposal.shifts
        self.sentence.setText(choice.sentence)
        self.counts.show_counts((
            Count(_("Halls taken, of {n}").format(n=shown_number(len(choice.rows))), len(taken)),
            Count(_("Seats over all shifts in the halls taken"), seats),
            Count(_("Students with a seat"), min(seats, proposal.students), proposal.students),
        ))  # fmt: skip
        if seats < proposal.students:
            words = _("In the halls taken {n} students have no seat.").format(n=proposal.students - seats)
            self.verdict.show_state(Mark.LATE, words)
        elif choice.agrees:
            self.verdict.show_state(Mark.DONE, _("Just the proposed halls are taken."))
        else:
            self.verdict.show_state(Mark.DUE, _("Other halls are taken than proposed."))

    def details(self, row: ChoiceRow) -> Sequence[Facts]:
        """One hall."""
        lines = (
            (_("Building number"), row.building), (_("Floor"), str(row.floor)), (_("Kind of hall"), row.kind),
            (_("Seats"), str(row.seats)), (_("Now"), _standing(row.taken)), (_("Proposed"), _standing(row.proposed)),
            (_("Languages"), row.languages), (_("Warning"), row.warnings),
        )  # fmt: skip
        return (Facts(_("Hall {number}").format(number=row.number), lines),)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("No hall is entered."), _("Press Ctrl+N and enter the first hall.")

    def help_words(self) -> str:
        """How the proposal is made."""
        return _(
            "Everybody gets a seat; halls that are too large or whose seats are too near are taken last; no hall holds "
            "two languages at once where it can be helped; then as few halls and empty seats as possible. The same "
            "halls and students always give the same proposal. Halls in reserve stay here and do not go to the centre."
        )


def _standing(taken: bool) -> str:
    return _("Is taken") if taken else _("In reserve")


def _mark(row: ChoiceRow) -> Mark:
    if row.warnings and row.taken:
        return Mark.DUE
    return Mark.DONE if row.taken else Mark.NONE
