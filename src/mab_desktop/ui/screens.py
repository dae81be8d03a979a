"""Pictures of the screens: show a widget at 1366 x 768, wait until it is painted, save it; a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from mab_desktop.ui import theme

SCREEN = QSize(1366, 768)


def settle(limit_ms: int = 300) -> None:
    """Let Qt lay out and paint until nothing is left to do."""
    timer = QElapsedTimer()
    timer.start()
    while timer.elapsed() < limit_ms:
        QApplication.sendPostedEvents(None, 0)
        before = timer.elapsed()
        QApplication.processEvents()
        if timer.elapsed() - before < 2:
            break
    QApplication.processEvents()


def type_text(widget: QWidget, text: str) -> None:
    """Type `text` as a keyboard does, Kazakh letters too (QTest.keyClicks takes only ASCII)."""
    for letter in text:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter if kind == QEvent.Type.KeyPress else "")
            QApplication.sendEvent(widget, event)


def grab(widget: QWidget, file: Path, size: QSize | None = SCREEN) -> Path:
    """Show `widget` (a window at `size`, a dialog at its own size with None), save what is painted as PNG."""
    if size is not None:
        widget.resize(size)
    widget.show()
    settle()
    file.parent.mkdir(parents=True, exist_ok=True)
    widget.grab().save(str(file))
    return file


def contact_sheet(files: Sequence[Path], out: Path, columns: int = 4, width: int = 480) -> Path:
    """All pictures on one, each with its name under it; the same order gives the same picture."""
    pictures = [QImage(str(file)) for file in files]
    height = max(1, *(round(p.height() * width / max(1, p.width())) for p in pictures)) if pictures else 1
    gap, words = 12, 20
    rows = -(-len(pictures) // columns)
    sheet = QImage(
        columns * (width + gap) + gap, max(1, rows) * (height + words + gap) + gap, QImage.Format.Format_RGB32
    )
    sheet.fill(QColor("#8a8f98"))
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setFont(theme.font(9))
    for number, (file, picture) in enumerate(zip(files, pictures, strict=True)):
        x, y = gap + number % columns * (width + gap), gap + number // columns * (height + words + gap)
        scaled = picture.scaled(
            QSize(width, height), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage(x, y, scaled)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(QRect(x, y + scaled.height(), width, words), int(Qt.AlignmentFlag.AlignVCenter), file.stem)
    painter.end()
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(str(out))
    return out
