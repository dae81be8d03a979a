"""Two sheets that bear each other's numbers: the names on both, and one decision for both."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from mab_desktop.domain.identification import Exchange, ExchangeWay
from mab_desktop.i18n import _
from mab_desktop.ministry_programmer.crop import Crop
from mab_desktop.ui import theme
from mab_desktop.ui.panels import clear, label

NAME_HEIGHT = 54


class NameStrip(QWidget):
    """The handwritten name of a sheet, the sheet's number before it."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self.serial, self.crop = label("", "small"), Crop()
        self.serial.setFixedWidth(theme.px(36))
        self.crop.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.crop.setFixedHeight(theme.px(NAME_HEIGHT))
        row.addWidget(self.serial)
        row.addWidget(self.crop, 1)

    def show_name(self, serial: str, picture: bytes | None) -> None:
        """Show a name; None while its picture is being read."""
        self.serial.setText(serial[-4:])
        self.crop.show_crop(picture)


class ExchangePanel(QWidget):
    """The other sheet's name under the one in front, and a button for each way in which both are put right.

    `chosen(way)` when one is pressed.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.other = NameStrip()
        self.row = QHBoxLayout()
        self.row.setSpacing(theme.px(8))
        self.buttons: list[QPushButton] = []
        column.addWidget(self.other)
        column.addWidget(label(_("For both sheets:"), "small"))
        column.addLayout(self.row)

    def show_exchange(self, exchange: Exchange | None, serial: str, open_now: bool) -> None:
        """Offer the ways of an exchange; nothing is shown for a sheet that is in none."""
        self.setVisible(exchange is not None)
        clear(self.row)
        self.buttons = []
        if exchange is None:
            return
        self.other.show_name(exchange.other(serial), None)
        for way in exchange.ways:
            button = QPushButton(_(way.words))  # no icon: three ways in Kazakh stand in one row of a small screen
            button.setAutoDefault(False)
            button.setEnabled(open_now)
            button.setToolTip(_tip(way))
            button.clicked.connect(lambda _on, way=way: self.chosen.emit(way))
            self.buttons.append(button)
            self.row.addWidget(button)
        self.row.addStretch(1)


def _tip(way: ExchangeWay) -> str:
    """What the decision would say of each sheet."""
    return "\n".join(
        _("Sheet {serial}: code {code}, seat {seat}, variant {variant}").format(
            serial=d.serial[-4:], code=d.code, seat=d.seat, variant=d.variant)
        for d in way.decisions
    )  # fmt: skip
