"""The agreement of the testing centre with the hall fund (p.6, item 1): how it stands, and the centre's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout

from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_, _
from mab_desktop.services import fund_agreement, halls, transfer_view
from mab_desktop.services.fund_agreement import WORDS, Standing, State, Step
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Facts, FactsView, Section, StateLabel, label
from mab_desktop.ui.record_form import RecordForm
from mab_desktop.ui.states import Mark

ANSWER = RecordSpec(
    "hall-fund-answer",
    N_("Answer of the testing centre"),
    (
        Field("state", N_("Answer"), Kind.CODE, required=True, max_length=1, choices="answer",
              hint=N_("1 agrees · 2 refuses")),
        Field("officer", N_("Who answered at the testing centre"), required=True, max_length=120),
        Field("own", N_("Who took the answer here"), max_length=120),
        Field("date", N_("Day of the answer"), Kind.DATE, required=True, max_length=8, hint=N_("DDMMYYYY")),
        Field("remarks", N_("Remarks of the centre"), max_length=500),
    ),
)
_MARKS = {State.DRAFT: Mark.DUE, State.SENT: Mark.DUE, State.AGREED: Mark.DONE, State.REFUSED: Mark.LATE}
_ANSWERS = {"1": State.AGREED, "2": State.REFUSED}


class AgreementPage(Page):
    """How the agreement stands with every step before it; the centre's answer is typed at the right."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.state, self.fund, self.facts = StateLabel(Mark.DUE), StateLabel(Mark.NONE), FactsView()
        self.form = RecordForm(ANSWER, self._lists, save_word=N_("Note the answer"))
        self.form.saved.connect(self._note)
        left, right = Section(_("How it stands")), Section(_("Answer of the testing centre"))
        for widget in (self.state, self.fund):
            left.body.addWidget(widget)
        left.body.addWidget(self.facts, 1)
        words = _("Note here what the centre answered by telephone or letter. A refusal needs its remarks.")
        right.body.addWidget(label(words, "muted", wrap=True))
        right.body.addWidget(self.form, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(left, 3)
        row.addWidget(right, 4)
        self.body.addLayout(row, 1)
        self.add_actions((
            Action(N_("Print the hall fund"), lambda: app.open_page("papers", paper="hall-fund"), "print"),
            Action(N_("Look at the changes and send"), lambda: app.open_page("versions"), "drive", primary=True),
        ))  # fmt: skip

    def _lists(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        return {"answer": [("1", _("The centre agrees")), ("2", _("The centre refuses"))]}

    def fund_obstacle(self) -> str:
        """Why the fund cannot be sent yet."""
        offers = transfer_view.offered(self.app.ctx)
        return next((offer.obstacle for offer in offers if offer.kind == "hall-fund"), "")

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Read how it stands."""
        found = fund_agreement.standing(self.app.ctx)
        self._tell(found)
        why = self.fund_obstacle()
        self.fund.show_state(Mark.BLOCKED if why else Mark.DONE, why or _("The fund is complete and can be sent."))
        self.facts.show_facts((self._fund(), *(_facts(step) for step in found.steps)))
        self.renew_actions()

    def _tell(self, found: Standing) -> None:
        if found.changed_since:
            words = _("The fund changed since version {n} was sent: send it, and agree it anew.")
            self.state.show_state(Mark.DUE, words.format(n=found.steps[0].version))
        else:
            self.state.show_state(_MARKS[found.state], _(WORDS[found.state]))

    def _fund(self) -> Facts:
        balance = halls.seat_balance(self.app.ctx)
        lines = (
            (_("Buildings"), str(len(halls.buildings(self.app.ctx)))), (_("Halls"), str(balance.halls)),
            (_("Seats in one shift"), str(balance.seats)), (_("Shifts planned"), str(balance.shifts)),
            (_("Students"), str(balance.students)), (_("Missing"), str(balance.missing)),
        )  # fmt: skip
        return Facts(_("Hall fund"), lines)

    def _note(self, values: dict[str, Any]) -> None:
        with self.app.guarded(self.form):
            fund_agreement.note_answer(
                self.app.ctx, _ANSWERS[values["state"]], values["officer"], values["date"],
                own_officer=values["own"] or "", remarks=values["remarks"] or "",
            )  # fmt: skip
            self.form.set_values({})
            self.refresh()

    def opened(self, **_where: Any) -> None:
        """Type at once."""
        self.form.focus_first()

    def save(self) -> None:
        """Ctrl+S."""
        self.form.save()

    def unsaved(self) -> Any:
        """What is typed."""
        return self.form.values() if self.form.is_dirty() else None

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        self.form.set_values(unsaved)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _("The base university plans the hall fund and agrees it with the testing centre (p.6).")


def _facts(step: Step) -> Facts:
    lines = [(_("Day"), shown_date(step.day))]
    if step.version:
        lines.append((_("Version of the fund"), str(step.version)))
    lines += [
        (name, value)
        for name, value in (
            (_("Testing centre"), step.centre_officer), (_("Base university"), step.own_officer),
            (_("Remarks of the centre"), step.remarks),
        )
        if value
    ]  # fmt: skip
    return Facts(_(WORDS[step.state]), tuple(lines))
