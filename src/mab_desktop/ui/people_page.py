"""People of this workplace: who may log in, as what, since when; the same page in every application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import MANAGERS, PERSON_LABELS, PersonRole
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import accounts, trusting
from mab_desktop.services.accounts import Person
from mab_desktop.ui.confirm_password import ask_for_password
from mab_desktop.ui.formats import shown_moment, shown_number
from mab_desktop.ui.keys_panel import KeysDialog
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question, ask_for_words
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, label
from mab_desktop.ui.password_fields import NewPassword, secret_field
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark


class PeoplePage(ListPage):
    """Everyone who may open this database, and the fingerprint that the testing centre knows this PC by."""

    many_columns = True

    def settle(self, spec: PageSpec) -> None:
        """The fingerprint stands over the list."""
        with self.app.ctx.store.read() as session:
            groups = trusting.my_fingerprint(session)
        words = _("Fingerprint of this PC, read to the testing centre when it enrols: {groups}").format(groups=groups)
        self.body.addWidget(label(words, "muted", wrap=True, selectable=True))
        super().settle(spec)

    def table(self) -> Rows:
        """The accounts by login."""
        columns = (
            Column("login", N_("Login"), 14),
            Column("name", N_("Full name"), 28),
            Column("role", N_("Role"), 14, show=role_words),
            Column("active", N_("May log in"), 9, kind="flag"),
            Column("last_login", N_("Last log-in"), 15, kind="code", show=_moment),
            Column("refused", N_("Refusals"), 10, kind="number", about=N_("Log-ins refused")),
        )
        return Rows(columns, lambda: accounts.people(self.app.ctx), "login", _person_mark)

    def chips(self) -> Sequence[FilterChip]:
        """Those who may log in, and those at whose name somebody guessed."""
        return (
            FilterChip("active", N_("May log in"), lambda row: row.active),
            FilterChip("refused", N_("Log-ins refused"), lambda row: bool(row.refused)),
        )

    def page_actions(self) -> Sequence[Action]:
        """One's own password, another person."""
        return (
            Action(N_("Keys"), self.open_keys, "key"),
            Action(N_("Change my password"), self.change_password, "password"),
            Action(N_("Let a person log in"), self.add, "add", "Ctrl+N", self._not_manager, primary=True),
        )

    def row_actions(self) -> Sequence[Action]:
        """Name, new password, closing."""
        return (
            Action(N_("Change the name"), self.rename, "edit", obstacle=self._not_manager),
            Action(N_("Give a new password"), self.give_password, "password", obstacle=self._no_new_password),
            Action(N_("Open the account again"), self.give_password, "unlock", obstacle=self._not_to_open),
            Action(N_("Close the account"), self.close_account, "lock", obstacle=self._not_to_close, dangerous=True),
        )

    def details(self, row: Person) -> Sequence[Facts]:
        """The person."""
        state = _("Yes") if row.active else _("no, the account is closed")
        lines = [(_("Login"), row.login), (_("Role"), role_words(row.role)), (_("May log in"), state),
                 (_("Last log-in"), _moment(row.last_login) or _("never"))]  # fmt: skip
        if row.refused:
            lines.append((_("Log-ins refused"), shown_number(row.refused)))
            lines.append((_("Last refused"), _moment(row.last_refused)))
        if row.must_change:
            lines.append((_("Password"), _("to be changed at the next log-in")))
        return (Facts(row.name, tuple(lines)),)

    def new(self) -> None:
        """Ctrl+N."""
        if not self._not_manager():
            self.add()

    # --- why not ---------------------------------------------------------------------------------------------------

    def _not_manager(self) -> str:
        role = self.app.ctx.actor.role
        return "" if role in MANAGERS else _("The programmer or the coordinator does this.")

    def _own(self, row: Person) -> bool:
        return bool(row.login == self.app.ctx.actor.login)

    def _not_to_close(self) -> str:
        row = self.current()
        if row is not None and self._own(row):
            return _("You cannot close your own account.")
        return self._not_manager() or ("" if row is None or row.active else _("This account is closed."))

    def _no_new_password(self) -> str:
        row = self.current()
        if row is not None and self._own(row):
            return _("For yourself, change the password by typing the old one.")
        if row is not None and not row.active:
            return _("This account is closed.")
        return self._nobody_else(row)

    def _not_to_open(self) -> str:
        row = self.current()
        if row is not None and row.active:
            return _("This person may log in here already.")
        return self._nobody_else(row)

    def _nobody_else(self, row: Person | None) -> str:
        if self.app.ctx.actor.role == PersonRole.OPERATOR:
            return _("The programmer or the coordinator does this.")
        if row is not None and not accounts.answerable(self.app.ctx, row.login):
            return _("This takes two people with different roles. There is nobody else: ask the testing centre by a "
                     "signed file, from the log-in window.")  # fmt: skip
        return ""

    # --- acts ------------------------------------------------------------------------------------------------------

    def add(self) -> None:
        """Name, role and a password that the person types."""
        asked = AddQuestion(self, self.app)
        if asked.exec() == Question.DialogCode.Accepted:
            self.refresh()
            self.go_to(asked.login.text().strip())

    def rename(self) -> None:
        """Put the name right."""
        row = self.current()
        if row is None:
            return
        name = ask_for_words(self, row.login, _("Papers that are printed already keep the name they have."),
                             _("Change the name"), label=_("Full name"), given=row.name)  # fmt: skip
        if name and name != row.name:
            with self.app.guarded():
                accounts.rename_person(self.app.ctx, row.login, name)

    def close_account(self) -> None:
        """With one's own password: nobody does it at a window left open."""
        row = self.current()
        if row is not None and ask_for_password(
            self.app, self, _("Close the account of {name}?").format(name=row.name),
            _("What the person did stays in the log. Two people with different roles can open it again."),
            _("Close the account"), cannot_undo=False,
        ):  # fmt: skip
            with self.app.guarded():
                accounts.close_account(self.app.ctx, row.login)

    def give_password(self) -> None:
        """Together with a second person."""
        row = self.current()
        if row is not None and TwoPeopleQuestion(self, self.app, row).exec() == Question.DialogCode.Accepted:
            self.refresh()
            self.app.inform(_("{name} may log in with the new password.").format(name=row.name))

    def open_keys(self) -> None:
        """Check groups, persons who sign, the enrolment file. With new keys one logs in again, under the new name."""
        dialog = KeysDialog(self, self.app)
        dialog.exec()
        if device := dialog.renewed:
            self.app.shell.log_out(_("This computer has new keys and is now called {device}. Log in again.").format(
                device=device))  # fmt: skip

    def change_password(self) -> None:
        """The old one, then the new one twice."""
        if OwnPasswordQuestion(self, self.app).exec() == Question.DialogCode.Accepted:
            self.app.inform(_("The password is changed."))

    def help_words(self) -> str:
        """F1."""
        return _(
            "Everyone has a login of his own; the log tells who did what. A closed account opens nothing. After five "
            "wrong passwords the program makes one wait, each time twice as long. A forgotten password is given anew "
            "by two people with different roles, or by the testing centre through a signed file."
        )


class AccountQuestion(Question):
    """A question about an account; what is refused stands in it, and it stays."""

    def __init__(self, parent: QWidget | None, title: str, text: str, verb: str) -> None:
        super().__init__(parent, title, text, verb)
        self.refusal = label("", "fieldError", wrap=True)

    def row(self, title: str, field: QWidget) -> None:
        """A label over its field."""
        over = label(title, "factLabel", wrap=True)
        over.setBuddy(field)
        field.setAccessibleName(title)
        self.fields.addWidget(over)
        self.fields.addWidget(field)

    def act(self) -> None:
        """Do it; UserError is shown."""
        raise NotImplementedError

    def accept(self) -> None:
        """Close only when it is done."""
        try:
            self.act()
        except UserError as error:
            self.refusal.setText("! " + error.message(active()))
            self.fit()
            return
        super().accept()


class AddQuestion(AccountQuestion):
    """Who, as what, with which password; `role` sets the role when only one is meant."""

    def __init__(
        self, parent: QWidget | None, app: AppContext, role: PersonRole | None = None, login: str = "", name: str = ""
    ) -> None:
        super().__init__(parent, _("Let a person log in"), _(
            "The person types the password at this keyboard; nobody else needs to know it."), _("Let log in"))
        self._app = app
        self.login, self.name, self.role = QLineEdit(login), QLineEdit(name), QComboBox()
        for known in [role] if role else accounts.roles_here(app.ctx):
            self.role.addItem(_(PERSON_LABELS[known]), known.value)
        self.password = NewPassword(words=_("Password"))
        self.once = QCheckBox(_("I typed the password: ask for another one at the first log-in"))
        self.row(_("Full name"), self.name)
        self.row(_("Name for logging in"), self.login)
        if role is None:
            self.row(_("Role"), self.role)
        for widget in (self.password, self.once, self.refusal):
            self.fields.addWidget(widget)
        for field in (self.login, self.name):
            field.textChanged.connect(self._renew)
        self.password.changed.connect(self._renew)
        self._renew()
        (self.password if name and login else self.name).setFocus()

    def _renew(self) -> None:
        login, name = self.login.text().strip(), self.name.text().strip()
        self.password.about(login, name)
        self.act_button.setEnabled(bool(login and name) and not self.password.obstacle())

    def act(self) -> None:
        """Add the account."""
        accounts.add_person(
            self._app.ctx, self.login.text(), self.name.text(), self.role.currentData(), self.password.text(),
            must_change=self.once.isChecked(),
        )  # fmt: skip


class TwoPeopleQuestion(AccountQuestion):
    """The second person's password and the new one of the person concerned."""

    def __init__(self, parent: QWidget | None, app: AppContext, person: Person) -> None:
        title = _("New password for {name}").format(name=person.name)
        super().__init__(parent, title, _(
            "Two people with different roles answer for this: you, and a second one who types his own password here. "
            "Then the person concerned types the new password."), _("Give the password"))  # fmt: skip
        self._app, self._person = app, person
        self.second, self.own = QComboBox(), secret_field()
        for other in accounts.answerable(app.ctx, person.login):
            self.second.addItem(f"{other.name} · {role_words(other.role)}", other.login)
        self.password = NewPassword(person.login, person.name)
        self.row(_("The second person"), self.second)
        self.row(_("Password of the second person"), self.own)
        self.fields.addWidget(self.password)
        self.fields.addWidget(self.refusal)
        self.own.textChanged.connect(self._renew)
        self.password.changed.connect(self._renew)
        self._renew()
        self.own.setFocus()

    def _renew(self) -> None:
        self.act_button.setEnabled(bool(self.own.text()) and not self.password.obstacle())

    def act(self) -> None:
        """Give it."""
        own = self.own.text()
        self.own.clear()
        accounts.give_password(
            self._app.ctx, self._person.login, self.password.text(), self.second.currentData(), own
        )  # fmt: skip


class OwnPasswordQuestion(AccountQuestion):
    """The old password, then the new one twice."""

    def __init__(self, parent: QWidget | None, app: AppContext) -> None:
        super().__init__(parent, _("Change my password"), _("The old password opens nothing afterwards."),
                         _("Change the password"))  # fmt: skip
        self._app = app
        self.old = secret_field()
        self.password = NewPassword(app.ctx.actor.login, app.ctx.actor.name)
        self.row(_("The password that you have now"), self.old)
        self.fields.addWidget(self.password)
        self.fields.addWidget(self.refusal)
        self.old.textChanged.connect(self._renew)
        self.password.changed.connect(self._renew)
        self._renew()
        self.old.setFocus()

    def _renew(self) -> None:
        self.act_button.setEnabled(bool(self.old.text()) and not self.password.obstacle())

    def act(self) -> None:
        """Change it."""
        old = self.old.text()
        self.old.clear()
        accounts.change_password(self._app.ctx, old, self.password.text())


def role_words(role: str) -> str:
    """A person's role in words."""
    return _(PERSON_LABELS[PersonRole(role)]) if role in set(PersonRole) else role


def _moment(stored: str) -> str:
    return shown_moment(datetime.fromisoformat(stored)) if stored else ""


def _person_mark(row: Person) -> Mark:
    if not row.active:
        return Mark.BLOCKED
    return Mark.DUE if row.must_change else Mark.NONE
