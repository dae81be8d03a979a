"""Passes through the real CUPS with a jam: gone on from a chosen page, what was crumpled noted by number, all counted.
"""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni.app import APP
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome
from mab_desktop.services import pass_copies, passes, print_jobs
from mab_desktop.services.context import Context
from mab_desktop.ui.print_desk import desk_of
from mab_desktop.ui.print_dialog import GoOnQuestion, PrintQuestion
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext
from tests.printing.virtual_cups import VirtualCups
from tests.services.centre_stand import BASE
from tests.services.test_base_board import allotted

pytestmark = pytest.mark.heavy
_PATIENCE = 30_000  # ms


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    """Twelve numbered passes: six sheets, both sides."""
    made = make_context(Role.BASE_UNI, BASE)
    allotted(made)
    passes.number_passes(made)
    return made


@pytest.fixture
def shell(cups: VirtualCups, qtbot: QtBot, ctx: Context, qapp: QApplication) -> Iterator[WorkplaceShell]:
    made = open_window(qtbot, APP, ctx)
    assert made.app is not None
    desk_of(made.app).timer.setInterval(100)
    yield made
    desk_of(made.app).timer.stop()
    qapp.setStyleSheet("")


def texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def totals(ctx: Context) -> dict[str, int]:
    found = pass_copies.balances(ctx)
    names = ("printed", "spoilt", "stock", "printing", "waiting")
    return {name: sum(getattr(balance, name) for balance in found) for name in names}


def test_a_jam_in_a_run_of_passes_is_gone_on_from_a_chosen_page(
    shell: WorkplaceShell, cups: VirtualCups, ctx: Context, qtbot: QtBot
) -> None:
    """The printer says five sides; the person finds four good and the third sheet crumpled: sheets three to six again.
    """
    shell.open_page("papers", paper="passes-all")
    QApplication.processEvents()
    preview = shell.page().preview  # type: ignore[union-attr]
    assert preview.page.maximum() == 12
    cups.order_press(jam_after=5)
    offered: list[tuple[int, object]] = []
    answer(lambda asked: offered.append((asked.copies.maximum(), asked.sides.currentData())))
    preview.print_out()
    qtbot.waitUntil(lambda: preview.strip.count.text() == "5 of 12", timeout=_PATIENCE)
    assert offered[0][0] == 1
    assert totals(ctx) == {"printed": 0, "spoilt": 0, "stock": 0, "printing": 12, "waiting": 12}
    preview.strip.stop_button.click()
    cups.clear_jam()
    qtbot.waitUntil(lambda: preview.strip.go_on_button.isVisible(), timeout=_PATIENCE)
    cups.order_press()

    def third_sheet_is_crumpled(asked: GoOnQuestion) -> None:
        assert asked.page.value() == 5
        asked.page.setValue(4)
        asked.spoilt.setValue(1)
        assert asked.told.text().endswith("5-12")

    answer(third_sheet_is_crumpled)
    preview.strip.go_on_button.click()
    qtbot.waitUntil(lambda: not preview.strip.isVisible(), timeout=_PATIENCE)
    first, rest = cups.arrived()
    assert (len(texts(first.pdf)), len(texts(rest.pdf))) == (12, 8)
    assert texts(rest.pdf)[0] == texts(first.pdf)[4]  # the same letters: no copy
    assert first.attributes["SIDES"] == "two-sided-long-edge"
    assert totals(ctx) == {"printed": 14, "spoilt": 2, "stock": 12, "printing": 0, "waiting": 0}
    assert [(spoilt.number, spoilt.copy) for spoilt in pass_copies.spoilt_passes(ctx)] == [("5", 1), ("6", 1)]
    assert [row.outcome for row in print_jobs.rows(ctx)] == [Outcome.PRINTED, Outcome.CONTINUED]


def test_the_next_printing_of_a_pass_says_that_it_is_a_copy(
    shell: WorkplaceShell, cups: VirtualCups, ctx: Context, qtbot: QtBot
) -> None:
    """A university's set, then one pass of it from the list: «телнұсқа» 2 on paper, none on the rest."""
    shell.open_page("papers", paper="passes-university", option="013")
    QApplication.processEvents()
    papers = shell.page()
    answer(lambda asked: isinstance(asked, PrintQuestion))
    papers.preview.print_out()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: totals(ctx)["printed"] == 4, timeout=_PATIENCE)
    student = passes.pass_lines(ctx, "013")[0].student
    shell.open_page("papers", paper="pass-one", students=[student], name="x")
    QApplication.processEvents()
    answer(lambda asked: isinstance(asked, PrintQuestion))
    papers.preview.print_out()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: totals(ctx)["printed"] == 5, timeout=_PATIENCE)
    whole, single = cups.arrived()
    assert "DUPLICATE" not in "".join(texts(whole.pdf))
    assert texts(single.pdf)[0].count("DUPLICATE No 2") == 2
