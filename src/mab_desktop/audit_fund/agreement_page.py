"""The agreement of the testing centre with the hall fund (p.6, item 1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_, _
from mab_desktop.services import halls, transfer_view
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date, shown_moment
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Facts, FactsView, Section, StateLabel, label
from mab_desktop.ui.record_form import RecordForm
from mab_desktop.ui.states import Mark

AGREEMENT = RecordSpec(
    "hall-fund-agreement",
    N_("Agreement with the testing centre"),
    (
        Field("officer", N_("Who agreed at the testing centre"), required=True, max_length=120),
        Field("date", N_("Day of the agreement"), Kind.DATE, required=True, max_length=8, hint=N_("DDMMYYYY")),
        Field("note", N_("Remark"), max_length=200),
    ),
)


class AgreementPage(Page):
    """How the fund stands, and who at the centre agreed to it and when."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.state, self.facts = StateLabel(Mark.DUE), FactsView()
        self.fund = StateLabel(Mark.NONE)
        self.form = RecordForm(AGREEMENT, save_word=N_("Note the agreement"))
        self.form.saved.connect(self._note)
        left = Section(_("How it stands"))
        left.body.addWidget(self.state)
        left.body.addWidget(self.fund)
        left.body.addWidget(self.facts, 1)
        right = Section(_("Agreement with the testing centre"))
        right.body.addWidget(label(
            _("The base university plans the hall fund and agrees it with the testing centre. Note here who agreed."),
            "muted", wrap=True,
        ))  # fmt: skip
        right.body.addWidget(self.form, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(left, 2)
        row.addWidget(right, 3)
        column = QVBoxLayout()
        column.addLayout(row, 1)
        self.body.addLayout(column, 1)
        self.add_actions((
            Action(N_("Print the hall fund"), lambda: app.open_page("papers", paper="hall-fund"), "print"),
            Action(N_("Send the hall fund"), lambda: app.open_page("transfer", export="hall-fund"), "drive",
                   obstacle=self.fund_obstacle, primary=True),
        ))  # fmt: skip

    def fund_obstacle(self) -> str:
        """Why the fund cannot be sent yet."""
        offers = transfer_view.offered(self.app.ctx)
        return next((offer.obstacle for offer in offers if offer.kind == "hall-fund"), "")

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Read how it stands."""
        known = halls.agreement(self.app.ctx)
        if known:
            self.state.show_state(Mark.DONE, _("The testing centre agreed."))
        else:
            self.state.show_state(Mark.DUE, _("The agreement is not noted yet."))
        why = self.fund_obstacle()
        self.fund.show_state(Mark.BLOCKED if why else Mark.DONE, why or _("The fund is complete and can be sent."))
        self.facts.show_facts((*self._agreed(known), self._fund()))
        if not self.form.is_dirty():
            self.form.set_values(_form_values(known))
        self.renew_actions()

    def _agreed(self, known: dict[str, Any]) -> tuple[Facts, ...]:
        if not known:
            return ()
        lines = (
            (_("Who agreed at the testing centre"), known["officer"]),
            (_("Day of the agreement"), shown_date(date.fromisoformat(known["date"]))),
            (_("Remark"), known["note"]), (_("Noted by"), known["by"]),
            (_("Noted at"), shown_moment(datetime.fromisoformat(known["at"]))),
        )  # fmt: skip
        return (Facts(_("Agreement"), lines),)

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
            halls.note_agreement(
                self.app.ctx, values["officer"], values["date"].isoformat(), values["note"] or ""
            )
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


def _form_values(known: dict[str, Any]) -> dict[str, Any]:
    if not known:
        return {}
    return {"officer": known["officer"], "date": date.fromisoformat(known["date"]), "note": known["note"]}
