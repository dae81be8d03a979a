"""The password once more, before an act that cannot be taken back: whoever left the window open has not done it."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import _, active
from mab_desktop.services import workplace
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import label
from mab_desktop.ui.password_fields import KeyboardHint, secret_field


class PasswordQuestion(Question):
    """A question that the person at work answers with the password; a wrong one is said and the question stays."""

    def __init__(
        self, app: AppContext, parent: QWidget | None, title: str, text: str, verb: str, type_to_confirm: str = "", *,
        dangerous: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(parent, title, text, verb, dangerous=dangerous)
        self._app, self._word = app, type_to_confirm
        self.typed: QLineEdit | None = None
        if type_to_confirm:
            self.typed = theme.named(QLineEdit(), "confirmation")
            self._field(_("Type {what} to go on:").format(what=f"«{type_to_confirm}»"), self.typed)
        self.password = secret_field()
        if self.typed is not None:
            self.typed.returnPressed.connect(self.password.setFocus)  # else the password is typed where all can read it
        self._field(_("Password of {person}").format(person=app.ctx.actor.name), self.password)
        self.fields.addWidget(KeyboardHint(self.password))
        self.refusal = label("", "fieldError", wrap=True)
        self.fields.addWidget(self.refusal)
        self.act_button.setDefault(True)  # whoever has typed the password means it
        self._renew()
        (self.typed or self.password).setFocus()

    def _field(self, title: str, field: QLineEdit) -> None:
        over = label(title, "factLabel", wrap=True)
        over.setBuddy(field)
        field.setAccessibleName(title)
        field.textChanged.connect(self._renew)
        self.fields.addWidget(over)
        self.fields.addWidget(field)

    def _renew(self) -> None:
        named = self.typed is None or self.typed.text().strip() == self._word
        self.act_button.setEnabled(named and bool(self.password.text()))

    def accept(self) -> None:
        """Only the right password answers it."""
        try:
            workplace.confirm(self._app.ctx, self.password.text())
        except UserError as error:
            self.refusal.setText("! " + error.message(active()))
            self.password.clear()
            self.password.setFocus()
            self.fit()
            return
        self.password.clear()
        super().accept()


def ask_for_password(
    app: AppContext, parent: QWidget | None, title: str, text: str, verb: str, type_to_confirm: str = "", *,
    cannot_undo: bool = True,
) -> bool:  # fmt: skip
    """Ask the person at work for the password before an act; True when it was right. Words are ready to show.

    `type_to_confirm` is what must be typed besides (the shift): it guards against the wrong one.
    """
    warning = _("This cannot be undone.") if cannot_undo else ""
    whole = "\n".join(part for part in (text, warning) if part)
    asked = PasswordQuestion(app, parent, title, whole, verb, type_to_confirm, dangerous=cannot_undo)
    return asked.exec() == Question.DialogCode.Accepted
