"""The drawing tools of the auditorium fund by mouse and keyboard: plans of halls, floors and sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.audit_fund.app import APP
from mab_desktop.audit_fund.building_plans_page import BuildingPlansPage
from mab_desktop.audit_fund.halls_page import HallsPage
from mab_desktop.audit_fund.plan_canvas import PlanCanvas
from mab_desktop.domain.building_plan import Drawing, Item, Thing
from mab_desktop.domain.errors import Refused
from mab_desktop.domain.hall_plan import Axis, Corner, HallPlan, Numbering, Place, default_grid, plan_problems
from mab_desktop.domain.organisation import Role
from mab_desktop.services import building_plans, halls
from mab_desktop.services.context import Context
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import answer, open_window
from tests.conftest import MakeContext

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
HALL = {
    "building": "1", "number": "201", "floor": 2, "kind": "Дәрісхана", "rows": 3, "places_in_row": 4, "seats": 12,
    "distance": 150, "row_distance": None, "board": True, "camera": None, "remark": None,
}  # fmt: skip


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    made = make_context(Role.AUDIT_FUND, "013")
    halls.save_building(made, {"code": "1", "name": "Бас корпус", "address": "Абай, 10", "access": None})
    halls.save_hall(made, HALL)
    return made


@pytest.fixture
def shell(ctx: Context, qtbot: QtBot, qapp: QApplication) -> Iterator[WorkplaceShell]:
    opened, first = list[WorkplaceShell](), QWidget()
    # closed before the window, which would ask about what is drawn and not saved
    qtbot.addWidget(first, before_close_func=lambda _widget: forget(opened[0]))
    opened.append(open_window(qtbot, APP, ctx))
    yield opened[0]
    qapp.setStyleSheet("")


def forget(shell: WorkplaceShell) -> None:
    """Nothing is left to be saved."""
    page = shell.page()
    if isinstance(page, HallsPage):
        page.form.set_values({})
    elif isinstance(page, BuildingPlansPage):
        page.plan = page.saved


@pytest.fixture
def page(shell: WorkplaceShell) -> HallsPage:
    shell.open_page("halls")
    found = shell.page()
    assert isinstance(found, HallsPage)
    found.go_to("201")
    found.edit()
    found.drawing.canvas.setFocus()
    return found


def drag(qtbot: QtBot, canvas: PlanCanvas, *cells: tuple[int, int], button: Qt.MouseButton = LEFT) -> None:
    """Press in the first cell, go over the others, let go in the last one."""
    points = [canvas.box(*cell).center() for cell in cells]
    qtbot.mousePress(canvas, button, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(canvas, point)
    qtbot.mouseRelease(canvas, button, pos=points[-1])


def letter(canvas: PlanCanvas, text: str) -> None:
    """A letter of any layout, first offered as a shortcut as Qt does."""
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        QApplication.sendEvent(canvas, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, text))


def test_a_stroke_paints_and_is_one_step_back(page: HallsPage, ctx: Context, qtbot: QtBot) -> None:
    canvas = page.drawing.canvas
    before = canvas.plan
    page.drawing.tools[Place.PILLAR].click()
    canvas.setFocus()
    drag(qtbot, canvas, (0, 0), (2, 0))  # the cell between is painted too
    assert [canvas.plan.place(r, 0) for r in range(3)] == [Place.PILLAR] * 3
    drag(qtbot, canvas, (0, 3), button=RIGHT)
    assert canvas.plan.place(0, 3) is Place.AISLE
    assert page.form.values()["seats"] == 8
    qtbot.keyClick(canvas, Qt.Key.Key_Z, CTRL)
    qtbot.keyClick(canvas, Qt.Key.Key_Z, CTRL)
    assert canvas.plan == before
    qtbot.keyClick(canvas, Qt.Key.Key_Y, CTRL)
    qtbot.keyClick(canvas, Qt.Key.Key_Y, CTRL)
    assert not canvas.can_redo
    page.form.save()
    assert halls.hall(ctx, "201").grid == ((0, 1, 2, None), (0, 3, 4, 5), (0, 6, 7, 8))
    assert halls.hall(ctx, "201").plan.count(Place.PILLAR) == 3


@pytest.mark.parametrize(("text", "place"), [
    ("a", Place.AISLE), ("ф", Place.AISLE), ("N", Place.EMPTY), ("т", Place.EMPTY), ("з", Place.PILLAR),
    ("к", Place.RESERVED), ("в", Place.DOOR), ("е", Place.TABLE),
])  # fmt: skip
def test_letters_draw_whatever_the_layout(page: HallsPage, qtbot: QtBot, text: str, place: Place) -> None:
    canvas = page.drawing.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    letter(canvas, text)
    assert [canvas.plan.place(r, 1) for r in range(3)] == [place, place, Place.SEAT]
    assert plan_problems(canvas.plan.grid, 10) == []
    letter(canvas, "ы")
    assert canvas.plan.grid == default_grid(3, 4, 12)


def test_lines_come_and_go_and_the_form_follows(page: HallsPage, qtbot: QtBot) -> None:
    canvas = page.drawing.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Insert)
    qtbot.keyClick(canvas, Qt.Key.Key_Insert, CTRL)
    values = page.form.values()
    assert (values["rows"], values["places_in_row"], values["seats"]) == (4, 5, 20)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete, CTRL)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete, CTRL | SHIFT)
    assert (canvas.plan.rows, canvas.plan.columns) == (2, 4)
    qtbot.keyClick(canvas, Qt.Key.Key_A, CTRL)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.plan.seats == 0
    canvas.undo()
    canvas.mirror(Axis.COLUMN)
    assert plan_problems(canvas.plan.grid, 8) == []


def test_numbering_from_a_corner_and_a_number_by_hand(page: HallsPage, qtbot: QtBot) -> None:
    drawing, canvas = page.drawing, page.drawing.canvas

    def choose(combo: QComboBox, value: object) -> None:
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())

    choose(drawing.corner, Corner.BACK_RIGHT.value)
    choose(drawing.way, True)
    assert canvas.plan.grid == ((12, 11, 10, 9), (5, 6, 7, 8), (4, 3, 2, 1))
    assert canvas.how == Numbering(Corner.BACK_RIGHT, snake=True)
    answer(lambda asked: asked.findChild(QSpinBox, "seat").setValue(1))
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert (canvas.plan.grid[0][0], canvas.plan.grid[2][3]) == (1, 12)
    assert drawing.by_hand.isVisible()
    letter(canvas, "p")
    assert plan_problems(canvas.plan.grid, 11) == []


def test_a_plan_by_numbers_and_of_another_hall(page: HallsPage, ctx: Context) -> None:
    def fill(asked: object) -> None:
        for name, value in (("rows", 2), ("places", 4), ("aisle_after", 2)):
            asked.findChild(QSpinBox, name).setValue(value)  # type: ignore[attr-defined]

    answer(fill)
    page.drawing.generate()
    assert page.drawing.plan.grid == ((1, 2, None, 3, 4), (5, 6, None, 7, 8))
    assert page.form.values()["places_in_row"] == 4
    page.drawing.take_plan(HallPlan(((1, 0, 2),)))
    assert page.form.values()["seats"] == 2
    page.form.save()
    assert halls.hall(ctx, "201").grid == ((1, 0, 2),)


def test_rows_typed_over_a_drawing_keep_it(page: HallsPage, qtbot: QtBot) -> None:
    canvas = page.drawing.canvas
    drag(qtbot, canvas, (0, 1), (2, 1), button=RIGHT)
    editor = page.form.editor("rows")
    editor.setFocus()
    editor.selectAll()
    for digit in "12":
        qtbot.keyClick(editor, digit)
    assert canvas.plan.rows == 12
    assert [canvas.plan.place(r, 1) for r in range(3)] == [Place.AISLE] * 3
    assert page.form.values()["seats"] == canvas.plan.seats


def test_seats_too_near_are_marked_with_their_distance(page: HallsPage, qtbot: QtBot) -> None:
    editor = page.form.editor("distance")
    editor.setFocus()
    editor.selectAll()
    for digit in "60":
        qtbot.keyClick(editor, digit)
    canvas = page.drawing.canvas
    assert set(canvas.near.values()) == {60}
    assert "60 cm" in canvas.words((0, 0))
    assert "12" in page.drawing.problems.text()
    for column in (1, 3):
        drag(qtbot, canvas, (0, column), (2, column), button=RIGHT)
    assert canvas.near == {}


def test_the_drawing_outlives_a_change_of_language_and_is_asked_about(
    page: HallsPage, shell: WorkplaceShell, qtbot: QtBot
) -> None:
    drag(qtbot, page.drawing.canvas, (0, 1), button=RIGHT)
    drawn = page.drawing.plan
    shell.set_language("kk")
    again = shell.page()
    assert isinstance(again, HallsPage)
    assert again.drawing.plan == drawn
    asked = answer(lambda dialog: None)
    assert again.may_leave()
    assert len(asked) == 1


def test_a_hall_of_sixty_places_in_a_row_is_seen_whole_beside_the_list(
    shell: WorkplaceShell, ctx: Context
) -> None:
    halls.save_hall(ctx, HALL | {"number": "305", "rows": 1, "places_in_row": 60, "seats": 60})
    shell.open_page("halls")
    found = shell.page()
    assert isinstance(found, HallsPage)
    found.go_to("305")
    QApplication.processEvents()
    plan = next(canvas for canvas in found.findChildren(PlanCanvas) if canvas.read_only)
    view = plan.parentWidget().parentWidget()
    assert plan.width() <= view.width()
    assert plan.box(0, 59).right() < plan.width()
    with pytest.raises(Refused):  # and one of aisles alone seats nobody
        halls.save_hall(ctx, HALL | {"number": "306"}, plan=HallPlan(((None, None), (None, None))))


def test_several_halls_are_copied_to_another_building(page: HallsPage, ctx: Context) -> None:
    page.form.set_values({})
    page.show_list()
    halls.save_building(ctx, {"code": "2", "name": "Зертхана", "address": "Абай, 12", "access": None})

    def fill(asked: object) -> None:
        asked.findChild(QLineEdit, "words").setText("301-303")  # type: ignore[attr-defined]
        asked.findChildren(QComboBox)[0].setCurrentIndex(1)  # type: ignore[attr-defined]

    page.go_to("201")
    answer(fill)
    page.copy()
    assert [(h.number, h.building) for h in halls.halls(ctx)][1:] == [("301", "2"), ("302", "2"), ("303", "2")]


# -- plans of buildings --------------------------------------------------------------------------------------------


@pytest.fixture
def plans(shell: WorkplaceShell) -> BuildingPlansPage:
    shell.open_page("building-plans", building="1")
    found = shell.page()
    assert isinstance(found, BuildingPlansPage)
    return found


def test_halls_are_dragged_to_their_place_on_a_floor(plans: BuildingPlansPage, ctx: Context, qtbot: QtBot) -> None:
    answer(lambda asked: (asked.findChild(QSpinBox, "lowest").setValue(1),
                          asked.findChild(QSpinBox, "highest").setValue(3)))  # fmt: skip
    plans.ask_floors()
    plans.show_sheet("2")
    canvas = plans.canvas
    assert plans.unplaced.count() == 1
    plans.place_all()
    assert plans.unplaced.count() == 0
    item = canvas.item()
    assert item is not None
    start, cell = canvas.box(item).center(), canvas.cell_size()
    qtbot.mousePress(canvas, LEFT, pos=start)
    qtbot.mouseMove(canvas, start + QPoint(10 * cell, 5 * cell))
    qtbot.mouseRelease(canvas, LEFT, pos=start + QPoint(10 * cell, 5 * cell))
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    moved = canvas.item()
    assert moved is not None
    assert (moved.left, moved.top, moved.height) == (item.left + 11, item.top + 5, item.height + 1)
    for _n in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_Z, CTRL)
    assert canvas.drawing.items == (item,)
    for _n in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_Y, CTRL)
    plans.save()
    assert building_plans.plans(ctx, "1").floor(2).drawing.items == (moved,)  # type: ignore[union-attr]


def test_things_are_drawn_sized_named_and_taken_away(plans: BuildingPlansPage, ctx: Context, qtbot: QtBot) -> None:
    canvas, cell = plans.canvas, plans.canvas.cell_size()
    plans.choose_tool(Thing.BUILDING)
    corner = canvas.box(canvas.drawing.items[0]).topLeft() if canvas.drawing.items else QPoint(canvas.width() // 2, 5)
    qtbot.mousePress(canvas, LEFT, pos=corner)
    qtbot.mouseMove(canvas, corner + QPoint(4 * cell, 2 * cell))
    qtbot.mouseRelease(canvas, LEFT, pos=corner + QPoint(4 * cell, 2 * cell))
    item = canvas.item()
    assert item is not None
    assert (item.thing, item.width, item.height) == (Thing.BUILDING, 5, 3)
    answer(lambda asked: asked.findChild(QLineEdit, "words").setText("Бас корпус"))
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    plans.choose_tool(Thing.ENTRANCE)
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    assert [(i.thing, i.text) for i in canvas.drawing.items] == [(Thing.BUILDING, "Бас корпус"), (Thing.ENTRANCE, "")]
    qtbot.keyClick(canvas, Qt.Key.Key_Backtab)
    assert canvas.chosen == 0
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    qtbot.mouseClick(canvas, RIGHT, pos=canvas.box(canvas.drawing.items[0]).center())
    assert canvas.drawing.items == ()
    canvas.undo()
    plans.save()
    assert [i.text for i in building_plans.plans(ctx, "1").site.items] == ["Бас корпус"]


def test_ways_in_without_room_for_words_are_a_triangle_and_are_told(plans: BuildingPlansPage) -> None:
    canvas = plans.canvas
    canvas.show_drawing(Drawing(items=tuple(
        Item(thing, left, 2, 2, 1, "Батыс жақтағы кіреберіс") for left, thing in ((2, Thing.ENTRANCE), (12, Thing.GATE))
    )))  # fmt: skip
    for item in canvas.drawing.items:
        drawn = canvas.grab(canvas.box(item)).toImage()
        edge = [drawn.pixelColor(3, y).lightness() for y in range(3, drawn.height() - 3)]
        assert min(edge) > 150  # no letter is cut at the border
        assert drawn.pixelColor(drawn.width() // 2, drawn.height() // 2).lightness() < 80  # the triangle of the paper
    assert canvas.told(0) == "Entrance: Батыс жақтағы кіреберіс"
    assert canvas.told(None) == ""


def test_a_picture_lies_under_the_site_and_is_kept_when_saved(
    plans: BuildingPlansPage, ctx: Context, tmp_path: Path
) -> None:
    file = tmp_path / "site.jpg"
    file.write_bytes(cv2.imencode(".jpg", np.full((300, 500, 3), 200, np.uint8))[1].tobytes())
    plans.take_picture(file)
    assert not plans.canvas.picture.isNull()
    plans.undo()
    assert plans.canvas.picture.isNull()
    plans.canvas.redo()
    plans.save()
    named = building_plans.plans(ctx, "1").site.picture
    assert building_plans.picture(ctx, named)[:2] == b"\xff\xd8"
    plans.drop_picture()
    plans.save()
    assert building_plans.picture(ctx, named) == b""
