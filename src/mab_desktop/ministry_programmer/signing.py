"""Questions of the identification page: who signed the protocol, and which decision is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QDialog, QListWidget, QListWidgetItem, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.mark_words import short_words
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.services import commission
from mab_desktop.services.context import Context
from mab_desktop.services.identification import DecisionLine
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question

KINDS = {
    "mark": N_("Doubtful mark decided"),
    "identity": N_("Sheet identified"),
    "absent": N_("Absent"),
    "unused": N_("Not used"),
    "serial": N_("Serial typed"),
    "by-eye": N_("Read by eye"),
    "aside": N_("Page set aside"),
}


class SignersDialog(Question):
    """A box for each voting member; the button opens when every one is ticked."""

    def __init__(self, parent: QWidget, ctx: Context, version: int) -> None:
        super().__init__(
            parent, _("Protocol, version {n}: signed by all").format(n=version),
            _("Look at the paper and tick each signature. Decisions are entered only from a protocol that every member "
              "of the state commission has signed (p.38)."), _("All have signed"),
        )  # fmt: skip
        names = [str(member["full_name"]) for member in commission.members(ctx) if member["role"] != "observer"]
        self.boxes = [QCheckBox(name) for name in names]
        for box in self.boxes:
            box.toggled.connect(self._renew)
            self.fields.addWidget(box)
        self._renew()
        if self.boxes:
            self.boxes[0].setFocus()

    def _renew(self) -> None:
        self.act_button.setEnabled(bool(self.boxes) and all(box.isChecked() for box in self.boxes))

    def names(self) -> list[str]:
        """The members ticked."""
        return [box.text() for box in self.boxes if box.isChecked()]


def ask_who_signed(parent: QWidget, ctx: Context, version: int) -> list[str] | None:
    """The names of those who signed, None when the person went back."""
    asked = SignersDialog(parent, ctx, version)
    return asked.names() if asked.exec() == QDialog.DialogCode.Accepted else None


class DecisionsDialog(Question):
    """What was decided in a hall, in order; one that stands can be chosen and taken back."""

    def __init__(self, parent: QWidget, lines: Sequence[DecisionLine], shut: str) -> None:
        super().__init__(
            parent, _("Decisions entered in this hall"),
            shut or _("Choose a decision to take it back. It stays on record, and the line is open again."),
            _("Take it back"), dangerous=True,
        )  # fmt: skip
        self._shut = shut
        self.list = QListWidget()
        self.list.setMinimumSize(theme.px(640), theme.px(280))
        for line in lines:
            words = " · ".join(part for part in (
                moment_words(line.at), _(KINDS.get(line.kind, line.kind)), line.serial, _value(line), line.ground,
                _("taken back") if line.undone_at else "") if part)  # fmt: skip
            item = QListWidgetItem(words)
            item.setData(256, line.id if not line.undone_at and line.kind in ("identity", "absent", "unused", "mark")
                         else None)  # fmt: skip
            self.list.addItem(item)
        self.fields.addWidget(self.list)
        self.list.currentItemChanged.connect(lambda *_items: self._renew())
        self._renew()

    def _renew(self) -> None:
        item = self.list.currentItem()
        self.act_button.setEnabled(item is not None and item.data(256) is not None and not self._shut)

    def ask(self) -> int | None:
        """The decision to take back, None when the person went back."""
        if self.exec() != QDialog.DialogCode.Accepted or self.list.currentItem() is None:
            return None
        return int(self.list.currentItem().data(256))


def _value(line: DecisionLine) -> str:
    value = line.value
    if line.kind == "identity":
        return _("code {code}, seat {seat}, variant {variant}").format(**value)
    if line.kind == "mark":
        return f"{short_words(line.field, line.column)} → {''.join(value.get('values', ())) or _('none')}"
    return ""
