"""What the drawing of a hall asks: the few numbers of a plan, the number of a seat."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QSpinBox, QWidget

from mab_desktop.domain.hall_plan import LARGEST, Pattern
from mab_desktop.i18n import N_, _
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question

_NUMBERS = (
    ("rows", N_("Rows"), 1, LARGEST),
    ("places", N_("Places in a row"), 1, LARGEST),
    ("aisle_after", N_("Aisle after so many places (0: none)"), 0, LARGEST),
    ("aisle_after_rows", N_("Aisle after so many rows (0: none)"), 0, LARGEST),
)


def pattern_question(parent: QWidget | None, rows: int, places: int) -> tuple[Question, dict[str, QWidget]]:
    """The dialog of `ask_for_pattern`, not yet shown, and its fields."""
    asked = Question(
        parent, _("Draw the plan by numbers"),
        _("The plan is drawn anew and numbered as chosen. Undo brings the old one back."), _("Draw the plan"),
    )  # fmt: skip
    form, fields = QFormLayout(), dict[str, QWidget]()
    for name, words, low, high in _NUMBERS:
        field = theme.named(QSpinBox(), name)
        field.setRange(low, high)
        field.setAccelerated(True)
        fields[name] = field
        form.addRow(_(words), field)
    for name, words in (("every_second", N_("Every second place stays empty")),
                        ("shifted", N_("Rows shifted by one place, as on a chessboard"))):  # fmt: skip
        box = theme.named(QCheckBox(_(words)), name)
        fields[name] = box
        form.addRow(box)
    _set(fields, rows=rows or 5, places=places or 6)
    asked.fields.addLayout(form)
    fields["rows"].setFocus()
    return asked, fields


def ask_for_pattern(parent: QWidget | None, rows: int, places: int) -> Pattern | None:
    """The numbers of a plan; None when the person went back."""
    asked, fields = pattern_question(parent, rows, places)
    if asked.exec() != QDialog.DialogCode.Accepted:
        return None
    numbers = {name: field.value() for name, field in fields.items() if isinstance(field, QSpinBox)}
    marks = {name: field.isChecked() for name, field in fields.items() if isinstance(field, QCheckBox)}
    return Pattern(
        numbers["rows"], numbers["places"], numbers["aisle_after"], marks["every_second"], marks["shifted"],
        numbers["aisle_after_rows"],
    )  # fmt: skip


def ask_for_seat(parent: QWidget | None, old: int, seats: int) -> int:
    """The new number of a seat; 0 when the person went back."""
    asked = Question(
        parent, _("Seat {n}: another number").format(n=old),
        _("The seat that has the number now gets {n} instead, so no number is missing or stands twice.").format(n=old),
        _("Exchange the numbers"),
    )  # fmt: skip
    field = theme.named(QSpinBox(), "seat")
    field.setRange(1, max(1, seats))
    field.setValue(old)
    field.selectAll()
    asked.fields.addWidget(field)
    field.setFocus()
    return field.value() if asked.exec() == QDialog.DialogCode.Accepted else 0


def _set(fields: dict[str, QWidget], **values: int) -> None:
    for name, value in values.items():
        field = fields[name]
        assert isinstance(field, QSpinBox)
        field.setValue(value)
