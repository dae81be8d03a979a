"""Every page of the network university and the hall fund by keyboard alone: reached, walked round, left, exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QMenu, QRadioButton, QWidget
from pytestqt.qtbot import QtBot
from python_calamine import load_workbook

from mab_desktop.audit_fund.app import APP as FUND
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import _
from mab_desktop.network_uni.app import APP as NETWORK
from mab_desktop.services import halls, operators, students
from mab_desktop.services.context import Context
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Page
from mab_desktop.ui.rail import KEY
from mab_desktop.ui.screens import settle
from mab_desktop.ui.workplace_app import WorkplaceApp, WorkplaceShell
from tests.apps.network_stage import make_stage, student
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.services.authority import make_authority
from tests.services.centre_stand import BASE, enrol

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
MOST = 200  # presses of Tab before a walk is called endless
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def network(make_context: MakeContext, tmp_path: Path, qapp: QApplication) -> Iterator[Context]:
    """A programmer's PC with an operator and records, one of them not complete."""
    ctx = make_stage(make_context, tmp_path).programmer
    operators.save_operator(ctx, {"login": "op1", "full_name": "Оспанова Әлия", "workplace": "1"})
    for number in range(1, 4):
        students.save(ctx, student(number))
    students.save(ctx, {"surname": "Шала"}, partial=True)
    yield ctx
    qapp.setStyleSheet("")


@pytest.fixture
def fund(make_context: MakeContext, qapp: QApplication) -> Iterator[Context]:
    """A fund with a building and a contingent."""
    ctx, centre = make_context(Role.AUDIT_FUND, BASE), make_context(Role.NTC)
    make_authority(centre)
    enrol(centre, ctx)
    halls.save_building(ctx, {"code": "1", "name": "Бас корпус", "address": "Атырау", "access": "Автобус 5"})
    yield ctx
    qapp.setStyleSheet("")


class Walk:
    """A person at the keyboard; what goes wrong is noted with the page's name."""

    def __init__(self, qtbot: QtBot, shell: WorkplaceShell) -> None:
        self.qtbot, self.shell, self.wrong = qtbot, shell, list[str]()
        self._closing = QTimer(interval=20)
        self._closing.timeout.connect(_close_what_asks)
        self._closing.start()

    def note(self, key: str, words: str) -> None:
        self.wrong.append(f"{key}: {words}")

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        target = QApplication.focusWidget() or self.shell
        self.qtbot.keyClick(target, key, held)
        QApplication.processEvents()
        if not self.shell.isActiveWindow():
            self.shell.activateWindow()
            self.qtbot.waitUntil(self.shell.isActiveWindow)

    def open(self, number: int, key: str) -> Page:
        """By Alt and a digit, else along the rail."""
        if number <= 9:
            self.press(Qt.Key(Qt.Key.Key_0 + number), ALT)
        else:
            rail = self.shell.rail
            rail.setFocus()
            for _step in range(rail.model().rowCount()):
                if rail.currentIndex().data(KEY) == key:
                    break
                self.press(Qt.Key.Key_Down)
            self.press(Qt.Key.Key_Return)
        if self.shell.current_key != key:
            self.note(key, f"was not reached, {self.shell.current_key} stands there")
            self.shell.open_page(key)
        page = self.shell.page()
        assert page is not None
        return page

    def round(self, key: str, page: Page) -> None:
        """Tab comes round through every enabled control, and each shows that it has the focus."""
        settle()  # what stands beside the list is told when nothing else is to do
        start = QApplication.focusWidget()
        if start is None or not self.shell.isAncestorOf(start):
            self.note(key, "nothing has the focus at first")
            page.setFocus()
        seen: list[QWidget] = []
        for _press in range(MOST):
            at = QApplication.focusWidget()
            if at is None or at in seen:
                break
            if at is page and not any(map(_wants_tab, page.findChildren(QWidget))):
                break  # nothing can be done there now: the page says why, and holds the keys
            seen.append(at)
            self._look(key, at)
        else:
            self.note(key, "Tab never comes round")
        missed = [widget for widget in page.findChildren(QWidget) if _wants_tab(widget) and not _met(widget, seen)]
        for widget in missed:
            self.note(key, f"Tab does not reach {_name(widget)}")

    def _look(self, key: str, at: QWidget) -> None:
        if at.visibleRegion().isEmpty():
            self.note(key, f"the focus is out of sight in {_name(at)}")
        here = _picture(at)
        self.press(Qt.Key.Key_Tab)
        if QApplication.focusWidget() is at:
            self.note(key, f"Tab does not leave {_name(at)}")
        elif at.isVisible() and here == _picture(at):
            self.note(key, f"the focus is not seen in {_name(at)}")

    def keys(self, key: str, page: Page) -> None:
        """Search, the row, print, the next open item, new; Esc leads back each time."""
        if isinstance(page, ListPage):
            self.press(Qt.Key.Key_F, CTRL)
            if not page.search_field.hasFocus():
                self.note(key, "Ctrl+F does not lead to the search")
            self.press(Qt.Key.Key_Down)
            if page.records.rowCount() and not page.view.hasFocus():
                self.note(key, "Down does not lead from the search into the list")
        before = key
        for name, held in ((Qt.Key.Key_F2, None), (Qt.Key.Key_F3, None), (Qt.Key.Key_N, CTRL), (Qt.Key.Key_P, CTRL),
                           (Qt.Key.Key_E, CTRL), (Qt.Key.Key_Z, CTRL), (Qt.Key.Key_F1, None)):  # fmt: skip
            self.press(name, held or Qt.KeyboardModifier.NoModifier)
            for _back in range(4):
                if self.shell.current_key == before:
                    break
                self.press(Qt.Key.Key_Escape)
            if self.shell.current_key != before:
                self.note(key, f"{name.name} leads to {self.shell.current_key}, from where Esc does not come back")
                self.shell.open_page(before)

    def leave(self, key: str) -> None:
        """Esc leads out of the page in a few presses."""
        for _press in range(6):
            if self.shell.current_key != key:
                return
            self.press(Qt.Key.Key_Escape)
        self.note(key, "Esc does not lead out")


def _close_what_asks() -> None:
    popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
    if isinstance(popup, QMenu):
        popup.close()
    if isinstance(dialog, QDialog):
        dialog.reject()


def _picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def _name(widget: QWidget) -> str:
    words = getattr(widget, "text", lambda: "")() or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} “{words}”"


def _wants_tab(widget: QWidget) -> bool:
    policy = widget.focusPolicy()
    return (
        bool(policy & Qt.FocusPolicy.TabFocus)
        and widget.isEnabled()
        and widget.isVisible()
        and not widget.focusProxy()
        and not isinstance(widget, QRadioButton)  # arrows lead through a group
        and widget.size().width() > 0
    )


def _met(widget: QWidget, seen: list[QWidget]) -> bool:
    """Itself, or what stands for it: parts of an editor that passes the focus on."""
    return widget in seen or any(widget.isAncestorOf(one) and one.focusProxy() is None for one in seen)


def _walk_all(qtbot: QtBot, app: WorkplaceApp, ctx: Context) -> list[str]:
    shell = open_window(qtbot, app, ctx)
    walk = Walk(qtbot, shell)
    for number, spec in enumerate(app.pages, start=1):
        shell.open_page("home")
        page = walk.open(number, spec.key)
        walk.round(spec.key, page)
        shell.open_page("home")
        shell.history.clear()
        page = walk.open(number, spec.key)
        walk.keys(spec.key, page)
        walk.leave(spec.key)
    return walk.wrong


@pytest.mark.heavy
def test_every_page_of_the_network_university_by_keyboard(network: Context, qtbot: QtBot) -> None:
    assert "\n".join(_walk_all(qtbot, NETWORK, network)) == ""


@pytest.mark.heavy
def test_every_page_of_the_hall_fund_by_keyboard(fund: Context, qtbot: QtBot) -> None:
    assert "\n".join(_walk_all(qtbot, FUND, fund)) == ""


@pytest.mark.parametrize(("app", "made", "least"), [(NETWORK, "network", 5), (FUND, "fund", 2)])
def test_every_list_exports_what_it_shows(
    app: WorkplaceApp, made: str, least: int, request: pytest.FixtureRequest, qtbot: QtBot, tmp_path: Path
) -> None:
    shell = open_window(qtbot, app, request.getfixturevalue(made))
    exported = 0
    for spec in app.pages:
        shell.open_page(spec.key)
        page = shell.page()
        if not isinstance(page, ListPage) or not page.records.rowCount():
            continue
        page.view.setCurrentIndex(page.records.index(0, page.view.shown_columns()[0]))
        page.view.selectionModel().select(page.view.currentIndex(), QItemSelectionModel.SelectionFlag.Rows)
        file = tmp_path / f"{spec.key}.xlsx"
        page.save_table(file)
        head, *rows = load_workbook(file).get_sheet_by_index(0).to_python()
        assert head == [_(page.records.columns[n].name) for n in page.view.shown_columns()]
        assert len(rows) == page.records.rowCount(), spec.key
        shown = page.view.words_of(range(1))[0]
        words = [number for number, words in enumerate(shown) if isinstance(rows[0][number], str)]
        assert [rows[0][number] for number in words] == [shown[number] for number in words], spec.key
        assert isinstance(page.view, QAbstractItemView)
        exported += 1
    assert exported >= least
