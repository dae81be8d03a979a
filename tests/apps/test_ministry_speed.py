"""What a page costs: the database is not asked once more for each hall, in any state of a shift."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import event

from mab_desktop.domain.shift import ShiftState
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.ministry_programmer.small_pictures import SmallPictures
from mab_desktop.services import shifts
from mab_desktop.services.context import Context
from mab_desktop.ui.image_review import Thumb, ThumbStrip
from mab_desktop.ui.states import Mark
from tests.apps.window import open_window
from tests.conftest import MakeContext
from tests.services.big_shift import COUNTED, SCANNED, states, touch_everything
from tests.services.exam_room import FIRST_DAY, Room, make_room

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def _room(make_context: MakeContext, folder: Path, halls: dict[str, int]) -> Room:
    room = make_room(make_context, folder, halls)
    room.ctx.clock.tick = timedelta(0)  # type: ignore[attr-defined]  # no minute goes by: facts are asked for anew then
    return room


def _asked(qtbot: QtBot, ctx: Context) -> dict[str, Counter[str]]:
    """Page -> the statements of its first opening, rail and bars with it."""
    found: Counter[str] = Counter()

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found[statement] += 1

    shell = open_window(qtbot, APP, ctx)
    event.listen(ctx.store.engine, "before_cursor_execute", count)
    asked = {}
    for spec in shell.specs():
        touch_everything(ctx)  # nothing that was worked out before helps
        found.clear()
        shell.open_page(spec.key)
        asked[spec.key] = Counter(found)
    event.remove(ctx.store.engine, "before_cursor_execute", count)
    shell.begin()  # the log-in takes the place of thirty pages: less for whoever sets the look of all windows
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return asked


@pytest.mark.heavy
def test_no_page_asks_more_often_where_there_are_more_halls(
    qtbot: QtBot, make_context: MakeContext, tmp_path: Path
) -> None:
    few, many = ({str(101 + n): 2 for n in range(count)} for count in (2, 6))
    rooms = [_room(make_context, tmp_path / f"{len(halls)}", halls) for halls in (few, many)]
    pages = set[str]()
    for first, second in zip(states(rooms[0], few), states(rooms[1], many), strict=True):
        assert first == second
        if first not in (SCANNED, COUNTED):
            continue  # one state in which the sheets count, one in which the points do
        of_few, of_many = (_asked(qtbot, room.ctx) for room in rooms)
        more = {
            page: {statement: n - of_few[page][statement] for statement, n in asked.items()
                   if n > of_few[page][statement]}
            for page, asked in of_many.items()
        }  # fmt: skip
        assert {page: found for page, found in more.items() if found} == {}, first
        pages |= set(of_many)
    assert {"home", "day", "envelopes", "results", "ending", "papers"} <= pages


def test_another_service_s_change_shows_on_the_page_and_on_the_rail(
    qtbot: QtBot, make_context: MakeContext, tmp_path: Path
) -> None:
    """What was worked out for the page in front is not shown once more after the shift has moved on."""
    room = _room(make_context, tmp_path / "scans", {"101": 2})
    room.seat()
    room.day(FIRST_DAY, 12)
    shell = open_window(qtbot, APP, room.ctx)
    shell.open_page("ending")
    page = shell.page()
    assert shell.app is not None
    assert season.facts(shell.app).shifts[1].state is ShiftState.SEATED
    assert season.why_closed(shell.app, "open", 1) == ""
    shifts.open_shift(room.ctx, 1)
    qtbot.waitUntil(lambda: page.choice.line.state is ShiftState.OPEN)
    assert "already" in season.why_closed(shell.app, "open", 1).lower()
    assert shell.rail.state_of("envelopes").mark is Mark.DUE
    shell.close()


def test_small_pictures_come_once_each_those_in_sight_first(
    qtbot: QtBot, make_context: MakeContext, tmp_path: Path
) -> None:
    shell = open_window(qtbot, APP, make_room(make_context, tmp_path / "scans").ctx)
    assert shell.app is not None
    strip, made = ThumbStrip(), list[str]()
    qtbot.addWidget(strip)
    strip.resize(300, 400)
    strip.show()
    small = SmallPictures(shell.app, strip)
    thumbs = [Thumb(str(n), QImage(), f"{n}.") for n in range(12)]

    def maker(key: str) -> QImage:
        made.append(key)
        return QImage(84, 118, QImage.Format.Format_Grayscale8)

    def show(keys: list[Thumb]) -> None:
        small.show(keys, {thumb.key: partial(maker, thumb.key) for thumb in keys})

    show(thumbs)
    assert made == [], "the strip stands before any picture is made"
    assert len(strip.keys()) == 12
    strip.scrollToBottom()
    seen = strip.keys_in_sight()
    assert "0" not in seen
    assert small.waiting()[: len(seen)] == seen
    qtbot.waitUntil(lambda: not small.waiting())
    assert made[: len(seen)] == seen
    assert sorted(made, key=int) == [thumb.key for thumb in thumbs]
    show(thumbs[1:])
    assert small.waiting() == []
    show(thumbs)
    assert small.waiting() == ["0"]
    shell.close()
