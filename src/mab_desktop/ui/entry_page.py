"""A list whose records are entered and changed in a form that takes the list's place; Esc goes back to the list.

class BuildingsPage(EntryPage):
    record = BUILDING
    def store(self, values, row): halls.save_building(self.app.ctx, values)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.fields import RecordSpec
from mab_desktop.i18n import N_, _
from mab_desktop.ui import theme
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Section, button_row, label, split
from mab_desktop.ui.record_form import Lists, RecordForm

_WIDEST = 860  # a form needs no more; a wider one would part its button from its fields


class EntryPage(ListPage):
    """Override `record`, `table`, `store`, and what else differs; `only` names the form's fields (all by default)."""

    record: RecordSpec
    only: tuple[str, ...] = ()
    new_word = N_("New")

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.form: RecordForm
        self._editing: Any = None

    # --- to override -----------------------------------------------------------------------------------------------

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Save a new record (row None) or a changed one; UserError and Refused are shown."""
        raise NotImplementedError

    def lists(self) -> Lists:
        """The form's reference lists as (code, name) pairs."""
        return {}

    def values_of(self, row: Any) -> Mapping[str, Any]:
        """The form's values of a row."""
        return row if isinstance(row, Mapping) else {name: getattr(row, name) for name in self.record.names}

    def beside(self) -> QWidget | None:
        """What stands at the right of the form: a plan, a live card."""
        return None

    def shown_in_form(self, values: Mapping[str, Any]) -> None:
        """The form shows these values now (at first and after each change)."""

    def heading_of(self, row: Any | None) -> str:
        """The words over the form."""
        return _("New record") if row is None else _("Change the record")

    def shut(self) -> str:
        """Why nothing can be entered here now, or ""."""
        return ""

    # --- building --------------------------------------------------------------------------------------------------

    def settle(self, spec: PageSpec) -> None:
        """The list and the form share the page's body."""
        whole, lister = self.body, QWidget()
        self.body = QVBoxLayout(lister)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.px(8))
        super().settle(spec)
        self.modes = QStackedWidget()
        self.modes.addWidget(lister)
        self.modes.addWidget(self._entry())
        whole.addWidget(self.modes)

    def _entry(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._form_title = label("", "section")
        self.form = RecordForm(self.record, self.lists, only=self.only, save_word=N_("Save"))
        self.form.saved.connect(self._save)
        self.form.changed.connect(self.shown_in_form)
        card, side = Section(), self.beside()
        card.body.addWidget(self._form_title)
        card.body.addWidget(self.form, 1)
        if side is None:
            card.setMaximumWidth(theme.px(_WIDEST))
            column.addWidget(card, 1)
        else:
            column.addWidget(split(card, side, stretches=(6, 5)), 1)
        column.addWidget(button_row(left=(Action(N_("Back to the list"), self.leave_form, "back"),)))
        return page

    def page_actions(self) -> Sequence[Action]:
        """New stands last, as the primary one."""
        return (Action(self.new_word, self.new, "add", obstacle=self.shut, primary=True),)

    def _show_mode(self, *, form: bool) -> None:
        """The list with its buttons, or the form alone."""
        self.modes.setCurrentIndex(1 if form else 0)
        for button in self.heading_buttons:
            button.setVisible(not form)

    # --- the form --------------------------------------------------------------------------------------------------

    def in_form(self) -> bool:
        """True while the form is in front."""
        return self.modes.currentIndex() == 1

    def open_form(self, row: Any | None, values: Mapping[str, Any] | None = None) -> None:
        """Show the form for a row, or for a new record; `values` is what it starts with."""
        self._editing = row
        shown = dict(values if values is not None else self.values_of(row) if row is not None else {})
        self.form.set_values(shown)
        self._form_title.setText(self.heading_of(row))
        self._show_mode(form=True)
        self.shown_in_form(self.form.values())
        self.form.focus_first() if row is None else self.form.rows[next(iter(self.form.rows))].line.setFocus()

    def new(self) -> None:
        """Ctrl+N; what is typed and not saved is asked about first."""
        if not self.shut() and self.may_leave():
            self.open_form(None)

    def activate(self, row: Any) -> None:
        """Enter, F2 or double click: change the record."""
        if not self.shut():
            self.open_form(row)

    def save(self) -> None:
        """Ctrl+S."""
        if self.in_form():
            self.form.save()

    def _save(self, values: dict[str, Any]) -> None:
        row, done = self._editing, False
        with self.app.guarded(self.form):
            self.store(values, row)
            done = True
        if not done:
            return
        self.refresh()
        if row is None:
            self.form.begin_next()
            self.shown_in_form(self.form.values())
            self._form_title.setText(self.heading_of(None))
        else:
            self.show_list()

    def show_list(self) -> None:
        """Back to the list, the cursor where it was."""
        self._editing = None
        self._show_mode(form=False)
        self.view.setFocus()

    def leave_form(self) -> None:
        """Back to the list; what is typed and not saved is asked about first."""
        if self.may_leave():
            self.show_list()

    def may_leave(self) -> bool:
        """Asks before something typed would be lost."""
        if not self.in_form() or not self.form.is_dirty():
            return True
        if ask_to_confirm(
            self, _("Leave without saving?"), _("What is typed in this form is not saved yet."), _("Leave it"),
        ):  # fmt: skip
            self.form.set_values({})
            return True
        return False

    def back(self) -> bool:
        """Esc leaves the form, then the search, then the page."""
        if self.in_form():
            self.leave_form()
            return True
        return super().back()

    def search(self) -> None:
        """Ctrl+F searches in the list only."""
        if not self.in_form():
            super().search()

    def opened(self, **where: Any) -> None:
        """`new` opens an empty form."""
        if self.in_form():
            return
        super().opened(**where)
        if where.get("new"):
            self.new()

    def unsaved(self) -> Any:
        """What stands in the form, so that a change of language keeps it."""
        return (self._editing, self.form.values(), self.form.is_dirty()) if self.in_form() else None

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        row, values, dirty = unsaved
        self.open_form(row, values)
        if dirty:
            self.form.changed.emit(values)
            self.form._dirty = True
