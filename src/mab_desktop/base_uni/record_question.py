"""A question with a few fields of a record: the command runs while it is open, what it refuses stands at its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QDialog

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.i18n import active
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Page
from mab_desktop.ui.panels import label
from mab_desktop.ui.record_form import Lists, RecordForm


class RecordQuestion(Question):
    """Title, text, the form; the verb and Enter in the last field carry `command` out."""

    def __init__(
        self, page: Page, title: str, text: str, verb: str, spec: RecordSpec,
        command: Callable[[dict[str, Any]], object], values: Mapping[str, Any] | None = None,
        lists: Lists | None = None,
    ) -> None:  # fmt: skip
        super().__init__(page, title, text, verb)
        self._page, self._command = page, command
        self.form = RecordForm(spec, lists)
        self.form.set_values(values or {})
        self.form.setMinimumSize(theme.px(620), self.form.sizeHint().height() + theme.px(36 * len(spec.fields)))
        self.form.saved.connect(self._carry_out)
        self.fields.addWidget(self.form)
        self.refusal = label("", "fieldError", wrap=True)  # the window's message bar lies behind the question
        self.refusal.hide()
        self.fields.addWidget(self.refusal)
        self.form.focus_first()

    def accept(self) -> None:
        """Check first; `_carry_out` closes the dialog."""
        self.form.save()

    def _carry_out(self, values: dict[str, Any]) -> None:
        self.refusal.hide()
        done = False
        with self._page.app.guarded(self.form):
            done = self._ran(values)
        if done:
            QDialog.accept(self)

    def _ran(self, values: dict[str, Any]) -> bool:
        """Whether the command was carried out; what is not about one field is said here, not behind the question."""
        try:
            self._command(values)
        except Refused:
            raise
        except UserError as error:
            self.refusal.setText(error.message(active()))
            self.refusal.show()
            return False
        return True


def ask_record(
    page: Page, title: str, text: str, verb: str, spec: RecordSpec, command: Callable[[dict[str, Any]], object],
    values: Mapping[str, Any] | None = None, lists: Lists | None = None,
) -> bool:  # fmt: skip
    """True when the command was carried out."""
    asked = RecordQuestion(page, title, text, verb, spec, command, values, lists)
    return asked.exec() == QDialog.DialogCode.Accepted
