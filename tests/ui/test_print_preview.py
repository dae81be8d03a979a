"""The preview: thousands of pages, only those in sight drawn; keys, zoom, jump; papers made once and counted once."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress
from mab_desktop.services.documents import Document
from mab_desktop.ui import theme
from mab_desktop.ui.papers_page import Paper, PapersPage
from mab_desktop.ui.print_pages import PagesView, PdfPages
from mab_desktop.ui.print_qt import draw
from mab_desktop.ui.tasks import TaskProgress
from tests.conftest import MakeContext
from tests.ui.conftest import MakeShell
from tests.ui.paper_tray import document, pdf, work_window
from tests.ui.trial import FIRST

Key = Qt.Key


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    theme.apply(qapp)


@pytest.fixture
def view(qtbot: QtBot) -> PagesView:
    made = PagesView()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    made.show_pages(PdfPages(pdf(2000)))
    qtbot.waitUntil(lambda: bool(made.rendered()))
    return made


def test_pdf_page_is_drawn_as_it_is() -> None:
    pages = PdfPages(pdf(2))
    image = pages.image(1, 72)
    assert len(pages) == 2
    assert abs(image.width() - 595) <= 1
    assert image.pixelColor(100, 400) == QColor("black")
    assert image.pixelColor(500, 400) == QColor("white")


def test_only_pages_in_sight_are_drawn(view: PagesView, qtbot: QtBot) -> None:
    """Two thousand pages, two of them drawn; at the other end two others, and never more than a few kept."""
    assert view.rendered() == [0]
    qtbot.keyClick(view, Key.Key_End)
    view.grab()
    assert view.page == 2000
    assert set(view.rendered()) <= {0, 1998, 1999}
    for page in range(1, 60):
        view.go_to(page)
        view.grab()
    assert len(view.rendered()) <= 12


def test_keys_turn_pages_and_zoom(view: PagesView, qtbot: QtBot) -> None:
    turned: list[int] = []
    view.turned.connect(turned.append)
    qtbot.keyClick(view, Key.Key_PageDown)
    qtbot.keyClick(view, Key.Key_PageDown)
    assert view.page == 2
    qtbot.keyClick(view, Key.Key_PageUp)
    qtbot.keyClick(view, Key.Key_Home)
    assert view.page == 1
    assert turned == [2, 1]
    view.go_to(1234)
    middle, zoom = view.page, view.zoom
    qtbot.keyClick(view, Key.Key_Plus)
    assert view.zoom == pytest.approx(zoom * 1.25)
    assert view.page == middle  # what was in sight stays there
    qtbot.keyClick(view, Key.Key_Minus)
    qtbot.keyClick(view, Key.Key_Minus)
    assert view.zoom == pytest.approx(zoom / 1.25)
    qtbot.keyClick(view, Key.Key_0)
    place = view.place(view.page - 1)
    assert place.left() >= 0
    assert place.right() <= view.viewport().width()
    for _n in range(30):
        view.larger()
    assert view.zoom == 4.0
    assert view.horizontalScrollBar().maximum() > 0


def test_control_and_the_wheel_zoom(view: PagesView) -> None:
    before = view.zoom
    for delta, factor in ((120, 1.25), (-120, 1.0)):
        event = QWheelEvent(
            QPointF(50, 50), QPointF(50, 50), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view.viewport(), event)
        assert view.zoom == pytest.approx(before * factor)


def test_a_page_stands_where_it_is_drawn(view: PagesView) -> None:
    view.go_to(7)
    picture, place = view.viewport().grab().toImage(), view.place(6)
    row = place.top() + place.height() // 3
    assert picture.pixelColor(place.left() + place.width() // 4, row) == QColor("black")
    assert picture.pixelColor(place.left() + place.width() * 3 // 4, row) == QColor("white")


# --- drawing on a printer of the window system ------------------------------------------------------------------------


def printed(tmp_path: Path, data: bytes, numbers: tuple[int, ...]) -> PdfPages:
    from PySide6.QtPrintSupport import QPrinter

    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    printer.setResolution(72)
    draw(data, printer, numbers, TaskProgress())
    return PdfPages((tmp_path / "out.pdf").read_bytes())


def edges(image: QImage) -> list[int]:
    middle = image.height() // 2
    dark = [image.pixelColor(x, middle).value() < 128 for x in range(image.width())]
    return [x for x in range(1, image.width()) if dark[x] != dark[x - 1]]


def test_print_keeps_true_size(tmp_path: Path) -> None:
    pages = printed(tmp_path, pdf(3), (1, 3))
    assert len(pages) == 2
    (edge,) = edges(pages.image(0, 72))
    assert abs(edge - 297.6) <= 1.5


def test_a_page_that_lies_is_printed_lying(tmp_path: Path) -> None:
    pages = printed(tmp_path, pdf(2, landscape=True), (1, 2))
    assert all(wide > high for wide, high in pages.sizes)
    (edge,) = edges(pages.image(1, 72))
    assert abs(edge - 420.9) <= 1.5


def lines_of_words() -> bytes:
    """A page with a line of words every 30 points and nothing on its lower third."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595.28, 841.89), invariant=1)
    for line in range(18):
        canvas.drawString(50, 800 - 30 * line, f"Line {line} of the words that strips must not cut")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_strips_make_the_page_again_and_leave_out_what_is_white() -> None:
    """Joined they are the page, dot for dot; none ends inside a line of words."""
    pages = PdfPages(lines_of_words())
    whole = pages.image(0, 300).convertToFormat(QImage.Format.Format_Grayscale8)
    joined = QImage(whole.size(), QImage.Format.Format_Grayscale8)
    joined.fill(Qt.GlobalColor.white)
    painter, bottom = QPainter(joined), 0
    for top, strip in pages.strips(0, 300):
        painter.drawImage(0, top, strip)
        last = strip.copy(0, strip.height() - 1, strip.width(), 1)
        assert set(bytes(last.constBits())[: strip.width()]) == {255}
        bottom = top + strip.height()
    painter.end()
    assert joined == whole
    assert bottom < whole.height() * 3 / 4


# --- the page of papers -----------------------------------------------------------------------------------------------


def test_papers_page(make_shell: MakeShell, make_context: MakeContext, qtbot: QtBot) -> None:
    made: list[str] = []

    class Papers(PapersPage):
        def papers(self) -> tuple[Paper, ...]:
            return (
                Paper(
                    "journal", "Journal", self._make, "p.20", "Each day", 2, lambda: (("1", "Monday"), ("2", "Tuesday"))
                ),
                Paper("wrong", "Wrong data", self._make, obstacle=lambda: "No passes yet."),
            )

        def _make(self, option: str, progress: Progress) -> Document:
            progress.stage("Pages", 1)
            made.append(option)
            return document(2)

    shell = work_window(make_shell, make_context(Role.BASE_UNI, "013"), replace(FIRST, factory=Papers))
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Papers)
    assert page.list.hasFocus()
    assert made == []  # the focus alone chooses nothing
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert made == ["1"]
    shell.open_page("first", paper="journal", option="2")
    assert made == ["1", "2"]
    assert page.preview.count.text() == "of 2"
    assert "Copies by the regulation: 2" in page.about.text()
    page.preview.page.setValue(2)
    assert page.preview.view.page == 2
    page.choose("wrong")
    assert "No passes yet." in " ".join(label.text() for label in page.empty.findChildren(QLabel))
    assert len(made) == 2
