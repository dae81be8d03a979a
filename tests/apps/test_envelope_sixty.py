"""A whole envelope in the window by keys: sixty sheets twice through the real SANE and its airscan driver (p.38).

In Russian a thinner one goes the same way: the words are others, nothing else.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QSplitter
from pytestqt.qtbot import QtBot

from mab_desktop.i18n import active, translate
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.envelopes_page import EnvelopesPage
from mab_desktop.rehearsal.escl_scanner import EsclScanner
from mab_desktop.rehearsal.paper import PaperSheet
from mab_desktop.rehearsal.paper_feeder import Mishaps
from mab_desktop.services import scanners
from mab_desktop.services.scan_states import State
from mab_desktop.ui.screen_check import findings
from mab_desktop.ui.screens import SCREEN, settle
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.scanning.scanner_stand import DEVICE, use_sane
from tests.services.envelope_stand import open_hall, open_shift
from tests.services.exam_room import filled, make_room

PATIENCE = 120_000  # milliseconds; only how long a failing test waits
ENDED, STOPPED = (State.ENDED,), (State.FAULT,)


def press(qtbot: QtBot, shell: WorkplaceShell, key: Qt.Key, held: Qt.KeyboardModifier | None = None) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key, held or Qt.KeyboardModifier.NoModifier)


def comes_to(qtbot: QtBot, page: EnvelopesPage, states: tuple[State, ...], sheets: int) -> None:
    """The scanner stands still with so many sheets, all of them read."""

    def there() -> bool:
        seen = page.run.seen
        return seen is not None and seen.state in states and seen.counts.read == seen.counts.fed == sheets

    qtbot.waitUntil(there, timeout=PATIENCE)


def nothing_is_cut(shell: WorkplaceShell) -> None:
    settle()
    assert [found.line() for found in findings(shell)] == []


@pytest.mark.heavy
@pytest.mark.parametrize(("lang", "sheets"), [("kk", 60), ("ru", 12)])
def test_sixty_sheets_twice_with_a_jam_and_a_cut_line_in_the_second_pass(
    qtbot: QtBot, make_context: MakeContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, sheets: int
) -> None:
    room = open_shift(make_room(make_context, tmp_path / "scans", {"101": sheets - 3, "102": 2}))
    third = sheets // 3
    paper = [PaperSheet(filled(*sheet), 200.0) for sheet in open_hall(room, unused=3)]
    profile = scanners.parse_key(f"sane:{DEVICE}")
    with EsclScanner(paper) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        scanners.remember(room.ctx, profile)
        shell = open_window(qtbot, APP, room.ctx, lang)
        shell.resize(SCREEN)
        shell.open_page("envelopes", shift=1, hall="101")
        page = shell.page()
        assert isinstance(page, EnvelopesPage)
        run = page.run
        press(qtbot, shell, Qt.Key.Key_F5)
        comes_to(qtbot, page, ENDED, sheets)
        nothing_is_cut(shell)
        assert run.save_button.hasFocus()
        press(qtbot, shell, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    nothing_is_cut(shell)
    assert page.card.scan_buttons[2].hasFocus()
    with EsclScanner(paper, Mishaps(jam=frozenset({third}), cut=frozenset({2 * third}))) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        press(qtbot, shell, Qt.Key.Key_Return)
        comes_to(qtbot, page, STOPPED, third)
        nothing_is_cut(shell)
        assert translate(active(), "Paper is jammed in {device}.").partition("{")[0] in run.banner.words()
        assert run.go_on_button.hasFocus()
        press(qtbot, shell, Qt.Key.Key_Return)
        comes_to(qtbot, page, STOPPED, 2 * third)
        nothing_is_cut(shell)
        assert run.finish_button.isHidden()  # some are left, and nobody knows whether the scanner is still there
        press(qtbot, shell, Qt.Key.Key_Return)
        comes_to(qtbot, page, ENDED, sheets)
        assert run.seen is not None
        assert run.seen.suspicions == ()
        press(qtbot, shell, Qt.Key.Key_Return)
    assert page.lines["101"].balanced
    nothing_is_cut(shell)
    panes = page.stack.widget(0)
    assert isinstance(panes, QSplitter)
    balance = panes.widget(2)
    assert isinstance(balance, QScrollArea)
    assert balance.widget().width() <= balance.viewport().width()
    shell.close()
