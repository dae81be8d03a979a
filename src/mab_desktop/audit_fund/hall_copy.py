"""The question for copies of a hall: which numbers they get, in which building and on which floor."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLineEdit, QWidget

from mab_desktop.domain.building_plan import HIGHEST, LOWEST
from mab_desktop.domain.hall import new_numbers
from mab_desktop.i18n import _
from mab_desktop.services.halls import BuildingRow
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.panels import label


def ask_for_copy(
    parent: QWidget | None, number: str, building: str, floor: int, buildings: Sequence[BuildingRow]
) -> tuple[str, str, int] | None:
    """Numbers as typed, building and floor of the copies; None when the person went back."""
    asked = Question(
        parent, _("Copy hall {number}").format(number=number),
        _("The new halls get the same rows, seats, distances and plan. Change them afterwards where they differ."),
        _("Copy the hall"),
    )  # fmt: skip
    numbers, houses, floors = theme.named(QLineEdit(), "words"), QComboBox(), QComboBox()
    numbers.setPlaceholderText("301-305, 310")
    for row in buildings:
        houses.addItem(f"{row.code}. {row.name}", row.code)
    count = label("", "small")

    def fill_floors() -> None:
        chosen = next((row for row in buildings if row.code == houses.currentData()), None)
        levels = [f.number for f in chosen.plan.floors] if chosen and chosen.plan.floors else []
        floors.clear()
        for level in levels or range(LOWEST, HIGHEST + 1):
            floors.addItem(str(level), level)
        floors.setCurrentIndex(max(0, floors.findData(floor)))

    def typed(words: str) -> None:
        wanted = new_numbers(words)
        count.setText(_("Halls: {n}").format(n=len(wanted)) if wanted else "")
        asked.act_button.setEnabled(bool(wanted))

    houses.setCurrentIndex(houses.findData(building))
    houses.currentIndexChanged.connect(fill_floors)
    numbers.textChanged.connect(typed)
    fill_floors()
    typed("")
    form = QFormLayout()
    form.addRow(_("Numbers of the new halls"), numbers)
    form.addRow("", count)
    form.addRow(_("Building"), houses)
    form.addRow(_("Floor"), floors)
    asked.fields.addLayout(form)
    numbers.setFocus()
    if asked.exec() != QDialog.DialogCode.Accepted:
        return None
    return numbers.text(), houses.currentData(), floors.currentData()
