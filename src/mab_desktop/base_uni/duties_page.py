"""The fourteen duties of the base university (p.6): last day, person, how far each is, and where it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.reference_words import day_words
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import duties
from mab_desktop.services.documents_board import STANDING_WORDS
from mab_desktop.services.duties import DUTY_RECORD, DutyLine, DutyStanding, Known
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, StateLabel
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

# Where a duty is done in this program.
PLACES = {2: "trainings", 3: "board", 4: "acceptance", 5: "passes", 7: "duty_officers", 8: "hand_over", 9: "centre",
          11: "stubs", 12: "register", 14: "log"}  # fmt: skip
MARKS = {
    DutyStanding.DONE: Mark.DONE,
    DutyStanding.READY: Mark.DUE,
    DutyStanding.LATE: Mark.LATE,
    DutyStanding.DUE: Mark.DUE,
    DutyStanding.BEGUN: Mark.INFO,
    DutyStanding.OPEN: Mark.NONE,
}
DONE = RecordSpec(
    "duty-done",
    N_("Done"),
    (
        Field("day", N_("Done on"), Kind.DATE, required=True),
        Field("note", N_("Remark"), max_length=500, hint=N_("The paper that shows it, if there is one.")),
    ),
)


class DutiesPage(ListPage):
    """Each duty with its day, person and state; Enter goes to where it is done."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._duties: Sequence[DutyLine] = ()

    def settle(self, spec: PageSpec) -> None:
        """How many are done stands over the list."""
        super().settle(spec)
        self.summary = StateLabel(Mark.NONE)
        self.body.insertWidget(0, self.summary)

    def table(self) -> TableSource:
        """In the order of p.6."""
        columns = (
            Column("number", N_("№"), 6, kind="number"),
            Column("title", N_("Duty"), 60, show=_),
            Column("due", N_("Last day"), 11, kind="date"),
            Column("responsible", N_("Responsible"), 14),
            Column("known", N_("State"), 8, show=_counted, tip=_known_words),
            Column("done_on", N_("Done on"), 11, kind="date"),
            Column("note", N_("Remark"), 20, shown=False),
        )
        return Rows(columns, load=self._load, key_of="number",
                    mark_of=lambda row: MARKS[row.standing])  # fmt: skip

    def _load(self) -> Sequence[DutyLine]:
        self._duties = duties.duties(self.app.ctx)
        return self._duties

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("open", N_("Not done"), lambda row: row.standing is not DutyStanding.DONE),
            FilterChip("ready", N_("To be confirmed"), lambda row: row.standing is DutyStanding.READY),
            FilterChip("late", N_("Late"), lambda row: row.standing is DutyStanding.LATE),
            FilterChip("nobody", N_("Without a person"), lambda row: not row.responsible),
        )

    def rows_came(self) -> None:
        """Count over the list."""
        rows = self._duties
        late = sum(row.standing is DutyStanding.LATE for row in rows)
        done = sum(row.standing is DutyStanding.DONE for row in rows)
        words = _("Done: {done} of {total}. Late: {late}.").format(done=done, total=len(rows), late=late)
        self.summary.show_state(Mark.LATE if late else Mark.DONE if done == len(rows) else Mark.DUE, words)

    def row_actions(self) -> Sequence[Action]:
        """Go and do it, plan it, confirm it."""
        return (
            Action(N_("Open its page"), self.open_its_page, "forward", obstacle=self._no_page),
            Action(N_("Day, person, remark…"), self.edit, "edit", "F2"),
            Action(N_("Confirm that it is done"), self.confirm, "check", "Ctrl+D", obstacle=self._done),
            Action(N_("Take back that it is done"), self.reopen, "undo", obstacle=self._not_done),
        )

    def _no_page(self) -> str:
        row = self.current()
        return "" if row and row.number in PLACES else _("This duty is done outside the program.")

    def _done(self) -> str:
        row = self.current()
        return _("It is confirmed already.") if row and row.done_on else ""

    def _not_done(self) -> str:
        row = self.current()
        return "" if row and row.done_on else _("It is not confirmed yet.")

    def open_its_page(self) -> None:
        """The page where the duty is done."""
        row = self.current()
        if row is not None and row.number in PLACES:
            self.app.open_page(PLACES[row.number])

    def edit(self) -> None:
        """F2: day, person and remark of the duty under the cursor."""
        row, ctx = self.current(), self.app.ctx
        if row is None:
            return
        before = {"due": row.due if row.due != row.of_order else None, "responsible": row.responsible,
                  "note": row.note}  # fmt: skip
        if ask_record(
            self, _("Duty {number}").format(number=row.number), _(row.title), _("Save"), DUTY_RECORD,
            lambda values: duties.plan_duty(ctx, row.number, values), before,
        ):  # fmt: skip
            self.refresh()
            self.offer_undo(_("Duty {number} was changed.").format(number=row.number),
                            lambda: self._again(lambda: duties.plan_duty(ctx, row.number, before)))  # fmt: skip

    def confirm(self) -> None:
        """Confirm the duty under the cursor, with its day and a remark."""
        row, ctx = self.current(), self.app.ctx
        if row is None or row.done_on:
            return
        words = [_(row.title)]
        if row.known is not None and not row.known.complete:
            words.append(_("As the program knows: {words}. Confirm only what is really done.").format(
                words=row.known.words.message(active())))  # fmt: skip
        if ask_record(
            self, _("Confirm duty {number}").format(number=row.number), "\n".join(words), _("Confirm that it is done"),
            DONE, lambda values: duties.confirm_duty(ctx, row.number, values["day"], values["note"] or ""),
            {"day": ctx.clock.now().date(), "note": row.note},
        ):  # fmt: skip
            self.refresh()
            self.offer_undo(_("Duty {number} is confirmed.").format(number=row.number),
                            lambda: self._again(lambda: duties.reopen_duty(ctx, row.number)))  # fmt: skip

    def reopen(self) -> None:
        """Take the confirmation of the duty under the cursor back; undo puts it there again."""
        row, ctx = self.current(), self.app.ctx
        if row is None or row.done_on is None:
            return
        with self.app.guarded():
            duties.reopen_duty(ctx, row.number)
            self.refresh()
            self.offer_undo(
                _("Duty {number} is open again.").format(number=row.number),
                lambda: self._again(lambda: duties.confirm_duty(ctx, row.number, row.done_on)),
            )

    def _again(self, take_back: Callable[[], object]) -> None:
        take_back()
        self.refresh()

    def activate(self, row: DutyLine) -> None:
        """Enter: to the page where it is done; what is done outside is confirmed here."""
        if row.number in PLACES:
            self.open_its_page()
        elif row.done_on is None:
            self.confirm()

    def waits(self, row: DutyLine) -> bool:
        """A duty that is not done."""
        return row.standing is not DutyStanding.DONE

    def print_out(self) -> None:
        """Ctrl+P: the board as it stands today."""
        self.app.open_page("papers", paper="duty-board")

    def details(self, row: DutyLine) -> Sequence[Facts]:
        """One duty."""
        lines = [(_("State"), _(STANDING_WORDS[row.standing]))]
        if row.known is not None:
            lines.append((_("As the program knows"), row.known.words.message(active())))
        lines += [(_("Last day"), shown_date(row.due)), (_("Who is responsible"), row.responsible)]
        if row.of_order and row.due != row.of_order:
            lines.append((_("Last day by the order"), shown_date(row.of_order)))
        if row.done_on:
            lines.append((_("Done on"), ", ".join((day_words(row.done_on.isoformat()), row.done_by))))
        lines.append((_("Remark"), row.note))
        return (Facts(f"{row.number}. {_(row.title)}", tuple(lines)),)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _("The fourteen duties of the base university stand in p.6. Confirm each when it is done.")


def _counted(known: Known | None) -> str:
    return f"{known.done} / {known.total}" if known else ""


def _known_words(known: Known | None) -> str:
    return known.words.message(active()) if known else ""
