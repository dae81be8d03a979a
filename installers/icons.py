"""Pictures of the applications for menus and windows, drawn from the icons that the program itself shows.

They are committed; `python -m installers icons` draws them anew.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from installers.description import HERE, Description

SIZES = (16, 32, 48, 128, 256)
GLYPHS = {"network-uni": "ph.users-fill", "audit-fund": "ph.door-fill", "base-uni": "ph.bank-fill",
          "ministry-programmer": "ph.timer-fill"}  # fmt: skip
COLOURS = {"network-uni": "#1d5fa8", "audit-fund": "#2f7d4f", "base-uni": "#7a4ea3", "ministry-programmer": "#a8551d"}


def draw_all(description: Description) -> None:
    """A PNG of each size for menus, and one ICO with all of them for Windows."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    folder = HERE / "icons"
    folder.mkdir(exist_ok=True)
    for role in description.roles:
        pictures = {size: _drawn(GLYPHS[role], COLOURS[role], size) for size in SIZES}
        for size in (48, 128, 256):
            (folder / f"{role}-{size}.png").write_bytes(pictures[size])
        (folder / f"{role}.ico").write_bytes(_ico(pictures))
    application.processEvents()


def _drawn(glyph: str, colour: str, size: int) -> bytes:
    import qtawesome
    from PySide6.QtCore import QBuffer, QRectF, Qt
    from PySide6.QtGui import QColor, QImage, QPainter

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colour))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.2, size * 0.2)
    room = round(size * 0.68)
    side = (size - room) // 2
    painter.drawPixmap(side, side, qtawesome.icon(glyph, color="white").pixmap(room, room))
    painter.end()
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def _ico(pictures: dict[int, bytes]) -> bytes:
    """PNG pictures in Windows' container."""
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    start = 6 + 16 * len(pictures)
    for size, png in pictures.items():
        side = size if size < 256 else 0
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), start + len(body))
        body += png
    return head + body


if __name__ == "__main__":
    from installers import description

    draw_all(description.read())
    print(Path(HERE / "icons"))
