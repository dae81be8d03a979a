"""The results that came to a university, in its own window (p.44)."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni.app import APP as BASE_APP
from mab_desktop.domain.organisation import Role
from mab_desktop.network_uni.app import APP as NETWORK_APP
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.results import ResultScore
from mab_desktop.ui.page import ActionButton
from mab_desktop.ui.workplace_app import WorkplaceApp
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.services.test_carriers_results import SUBJECTS, allot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def _take(ctx: Context) -> None:
    """Points of two students; an appeal gave the second one point more."""
    allot(ctx)
    with ctx.store.write(ctx.actor) as tx:
        for code, added in (("101", 0), ("102", 1)):
            for number, subject in enumerate(SUBJECTS):
                after = 10 + number + (added if number == 0 else 0)
                tx.session.add(ResultScore(base_university="013", code=code, subject=subject, shift=1,
                                           before=10 + number, after=after, carrier="d"))  # fmt: skip
        tx.note("setting-changed", "results")


@pytest.mark.parametrize(
    ("app", "role", "university"), [(NETWORK_APP, Role.NETWORK_UNI, "027"), (BASE_APP, Role.BASE_UNI, "013")]
)
def test_a_university_sees_the_points_that_came(
    qtbot: QtBot, make_context: MakeContext, app: WorkplaceApp, role: Role, university: str
) -> None:
    ctx = make_context(role, university)
    shell = open_window(qtbot, app, ctx)
    shell.open_page("results")
    page = shell.page()
    assert "(p.44)" in page.empty_words()[1]
    assert page.stack.currentIndex() == 1  # nothing has come yet: that is said in place of the list
    _take(ctx)
    page.refresh()
    assert [(row.code, row.total_before, row.total_after) for row in page.shown_rows()] == [
        ("101", 60, 60), ("102", 60, 61),
    ]  # fmt: skip
    buttons = [button.action.title for button in page.findChildren(ActionButton)]
    assert ("Hand on to the universities" in buttons) == (role is Role.BASE_UNI)
    page.chip_buttons["changed"].setChecked(True)
    (changed,) = page.shown_rows()
    assert changed.code == "102"
    page.go_to((changed.code, changed.shift))
    qtbot.waitUntil(lambda: any("+ 1 by the appeal" in words.text() for words in page.findChildren(QLabel)))
