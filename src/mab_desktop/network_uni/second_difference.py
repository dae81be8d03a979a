"""A difference between two entries on a page: its values as cards, and the question for a third one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from mab_desktop.domain.errors import Refused
from mab_desktop.domain.second_entry import CORRECTED, ERRED_LABELS, FIRST, OTHER, SECOND
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import _
from mab_desktop.network_uni import records
from mab_desktop.network_uni.records import Names
from mab_desktop.services.second_entry import DifferenceRow
from mab_desktop.ui.messages import Question
from mab_desktop.ui.panels import Section, label, value_card
from mab_desktop.ui.record_fields import make_editor


def cards(names: Names, row: DifferenceRow) -> list[Section]:
    """The two values, what stands now where that is neither, what was settled; the chosen one marked."""

    def words(text: str) -> str:
        return records.shown_text(names, row.field, text) or "—"

    typed_at, again_at = records.person(names, row.typist), records.by(names, row.verifier, row.at)
    made = [
        value_card("1 · " + _("First entry"), words(row.first), typed_at, chosen=row.choice == FIRST,
                   beside=words(row.second)),
        value_card("2 · " + _("Second entry"), words(row.second), again_at, chosen=row.choice in (SECOND, CORRECTED),
                   beside=words(row.first)),
    ]
    if row.choice == OTHER:
        settled_by = records.person(names, row.settled_by)
        made.append(value_card("3 · " + _("As the paper says"), words(row.settled), settled_by, chosen=True))
    if row.now not in (row.first, row.second, row.settled):
        made.append(value_card(_("Stands in the record now"), words(row.now), "", chosen=False))
    return made


def outcome(names: Names, row: DifferenceRow) -> str:
    """How it was settled and who erred, in words; "" while it is open."""
    if not row.choice:
        return ""
    who = ERRED_LABELS[row.erred]
    said = _("Erred: {who}").format(who=_(who)) if who else ""
    by = _("Corrected before it was compared") if row.choice == CORRECTED else _("Settled")
    return ". ".join(part for part in (f"{by}: {records.by(names, row.settled_by, row.settled_at)}", said) if part)


class PaperValue(Question):
    """Neither value is right: a third one, typed as the paper shows it; what is wrong with it is said beside it."""

    def __init__(
        self,
        parent: QWidget,
        row: DifferenceRow,
        choices: Sequence[tuple[str, ...]] | None,
        settle: Callable[[Any], None],
    ) -> None:
        super().__init__(parent, row.name, _("Neither value is right. Type what the paper says."), _("Settle"))
        self._settle = settle
        self.editor = make_editor(STUDENT[row.field], choices)
        self.wrong = label("", "fieldError", wrap=True)
        self.wrong.hide()
        named = label(records.label_of(row.field))
        named.setBuddy(self.editor)
        for part in (named, self.editor, self.wrong):
            self.fields.addWidget(part)
        self.editor.setFocus()

    def accept(self) -> None:
        """Settle; a refused value stays in the question."""
        self.editor.settle()
        try:
            self._settle(self.editor.value())
        except Refused as refused:
            self.wrong.setText("\n".join(records.problem_words(refused.problems)))
            self.wrong.show()
            self.fit()
            self.editor.setFocus()
        else:
            super().accept()
