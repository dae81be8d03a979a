"""Before the first work with a password that somebody else set: choose one's own."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import _, active
from mab_desktop.services import accounts
from mab_desktop.services.context import Context
from mab_desktop.ui.login import Gate
from mab_desktop.ui.password_fields import NewPassword, secret_field


class ChoosePasswordPage(Gate):
    """The work begins when another password holds; `begun(login)` tells so."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(_("Choose your own password"), _(
            "Somebody else knows the password that you have logged in with. Choose one that only you know; what is "
            "done here then stands under your name in the log."), "password", 460)  # fmt: skip
        self._ctx = ctx
        self.old, self.password = secret_field(), NewPassword(ctx.actor.login, ctx.actor.name)
        self.field(_("The password that you have now"), self.old)
        self.card.body.addWidget(self.password)
        self.button = self.finish(_("Change the password"), self.change)
        self.old.textChanged.connect(self._renew)
        self.password.changed.connect(self._renew)
        self.password.again.returnPressed.connect(self.button.click)
        self._renew()

    def first_field(self) -> QWidget:
        """Where typing begins."""
        return self.old

    def _renew(self) -> None:
        self.button.setEnabled(bool(self.old.text()) and not self.password.obstacle())

    def change(self) -> None:
        """Change it and begin."""
        try:
            accounts.change_password(self._ctx, self.old.text(), self.password.text())
        except UserError as error:
            self.refuse(error.message(active()))
            self.old.clear()
            self.old.setFocus()
            return
        self.begun.emit(self._ctx.actor.login)
