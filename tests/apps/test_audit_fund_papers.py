"""The fund's way to the centre and its papers in the window: choice of halls, versions, labels, signs, answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mab_desktop.audit_fund.app import APP
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import trust
from mab_desktop.services import (
    centre_trust,
    direction_signs,
    fund_agreement,
    fund_versions,
    hall_choice,
    halls,
    transfer,
    trusting,
)
from mab_desktop.services.context import Context
from mab_desktop.services.fund_agreement import State
from mab_desktop.services.handlers import Collected
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.apps.window import open_window, press
from tests.conftest import MakeContext
from tests.services.authority import make_authority
from tests.services.centre_stand import BASE, enrol
from tests.services.people import arrive, take

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    """A fund of two buildings with six halls, and a centre that trusts it; 58 students in two languages."""
    made, centre = make_context(Role.AUDIT_FUND, BASE), make_context(Role.NTC)
    make_authority(centre)
    enrol(centre, made)
    with made.store.write(made.actor) as tx:
        trusting.adopt_in(made, tx, trust.verify_list(centre_trust.trust_bytes(centre)))
    for code, name in (("1", "Бас корпус"), ("2", "Зертханалық корпус")):
        halls.save_building(made, {"code": code, "name": name, "address": "Абай даңғылы, 10", "access": "12-автобус"})
    for number, building, seats in (("101", "1", 30), ("102", "1", 20), ("201", "1", 24), ("202", "1", 18),
                                    ("301", "2", 30), ("302", "2", 12)):  # fmt: skip
        halls.save_hall(made, {
            "building": building, "number": number, "floor": int(number[0]), "kind": "дәрісхана", "rows": 6,
            "places_in_row": 6, "seats": seats, "distance": 150, "board": True, "camera": True, "remark": None,
        })  # fmt: skip
    lines = [("01", "1", 40), ("01", "2", 18)]
    records = [("contingent", {"direction": d, "language": lang, "students": n}) for d, lang, n in lines]
    take(made, arrive(made, made, "contingent", Collected(records)))
    return made


@pytest.fixture
def shell(ctx: Context, qtbot: QtBot, qapp: QApplication) -> Iterator[WorkplaceShell]:
    yield open_window(qtbot, APP, ctx)
    qapp.setStyleSheet("")


def text_of(document: Any) -> str:
    pdf = pypdfium2.PdfDocument(document.pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def test_the_proposal_is_accepted_and_undone_by_keyboard(ctx: Context, shell: WorkplaceShell, qtbot: QtBot) -> None:
    shell.open_page("choice")
    page = shell.page()
    QApplication.processEvents()
    assert "hold 58 students" in page.sentence.text()
    press(qtbot, shell, Qt.Key.Key_S, CTRL)
    proposed = [row.number for row in hall_choice.choice(ctx).rows if row.proposed]
    assert [row.number for row in page.choice.rows if row.taken] == proposed == ["101", "202", "302"]
    page.go_to("301")
    press(qtbot, page.view, Qt.Key.Key_Return)
    assert "301" in [row.number for row in page.choice.rows if row.taken]
    press(qtbot, shell, Qt.Key.Key_Z, CTRL)
    press(qtbot, shell, Qt.Key.Key_Z, CTRL)
    assert all(row.taken for row in page.choice.rows)


def test_changes_are_looked_at_before_they_are_sent(
    ctx: Context, shell: WorkplaceShell, qtbot: QtBot, tmp_path: Path
) -> None:
    shell.open_page("versions")
    page = shell.page()
    assert "No version" in page.verdict._words.text()
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    halls.delete_hall(ctx, "302")
    halls.save_hall(ctx, halls.hall(ctx, "101").values() | {"seats": 28}, number="101")
    QApplication.processEvents()
    assert page.before.currentData() == 1
    assert "gone: 1, changed: 1. Seats: 134 → 120 (−14)" in page.verdict._words.text()
    assert [(line.key, line.name) for line in page.shown_rows()][:2] == [("101", "seats"), ("101", "plan_json")]
    assert page.fund_obstacle() == ""
    press(qtbot, shell, Qt.Key.Key_P, CTRL)
    QApplication.processEvents()
    (made,) = shell.page()._made.values()
    assert "halls 5, seats 120" in text_of(made)
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    assert [v.number for v in fund_versions.versions(ctx)] == [2, 1]


def test_the_answer_of_the_centre_is_typed(ctx: Context, shell: WorkplaceShell, qtbot: QtBot, tmp_path: Path) -> None:
    transfer.export(ctx, "hall-fund", "ntc", tmp_path)
    shell.open_page("agreement")
    page = shell.page()
    for name, words in (("state", "2"), ("officer", "Серік Ахметов"), ("date", "10032011")):
        type_text(page.form.rows[name].line, words)
    page.save()
    assert "asks to change" in page.form.rows["remarks"].note.text()
    type_text(page.form.rows["remarks"].line, "302: жарық аз")
    page.save()
    found = fund_agreement.standing(ctx)
    assert (found.state, found.steps[0].remarks) == (State.REFUSED, "302: жарық аз")


def test_signs_are_suggested_changed_and_printed(ctx: Context, shell: WorkplaceShell) -> None:
    shell.open_page("signs")
    page = shell.page()
    page.suggest()
    known = direction_signs.signs(ctx)
    assert [(s.building, s.arrow, s.halls) for s in known] == [
        ("1", "stairs-up", "201, 202"), ("1", "left", "101"), ("1", "right", "102"), ("1", "left", "201"),
        ("1", "right", "202"), ("2", "stairs-up", "301, 302"), ("2", "left", "301"), ("2", "right", "302"),
    ]  # fmt: skip
    direction_signs.save(ctx, {"building": "1", "place": "Дәліз", "arrow": "up-left", "halls": "101–102"}, known[1].id)
    direction_signs.remove(ctx, known[2].id)
    shell.open_page("papers", paper="direction-signs")
    QApplication.processEvents()
    (made,) = shell.page()._made.values()
    words = text_of(made)
    assert "101–102" in words
    assert words.count("Дәліз") == 1


def test_labels_begin_where_the_sheet_is_still_whole(ctx: Context, shell: WorkplaceShell) -> None:
    shell.open_page("papers", paper="seat-labels", option=":101")
    page = shell.page()
    QApplication.processEvents()
    assert page.label_row.isVisible()
    assert len(pypdfium2.PdfDocument(page._made["seat-labels", ":101"].pdf)) == 3
    page.layout_box.setCurrentIndex(1)
    page.first.setValue(10)
    page.seats.setText("28–30")
    page.seats.editingFinished.emit()
    QApplication.processEvents()
    words = text_of(page._made["seat-labels", ":101"])
    assert words.count("101") == 3
    assert {"28", "29", "30"} <= set(words.split())
    page.seats.setText("x")
    page.seats.editingFinished.emit()
    assert "5–12" in shell.messages._what.text()


@pytest.mark.parametrize("paper", ["hall-signs", "hall-directory", "hall-fund", "hall-plan"])
def test_the_other_papers_are_shown(ctx: Context, shell: WorkplaceShell, paper: str) -> None:
    shell.open_page("papers", paper=paper)
    QApplication.processEvents()
    (made,) = shell.page()._made.values()
    assert "101" in text_of(made)
    assert ctx.role is Role.AUDIT_FUND


def test_a_deleted_hall_comes_back_by_ctrl_z(ctx: Context, shell: WorkplaceShell, qtbot: QtBot) -> None:
    halls.delete_hall(ctx, "302")
    halls.delete_hall(ctx, "301")
    halls.delete_building(ctx, "2")
    for page, found in (("buildings", "2"), ("halls", "301"), ("halls", "302")):
        shell.open_page(page)
        press(qtbot, shell, Qt.Key.Key_Z, CTRL)
        assert shell.page().current() is not None
        assert found in {getattr(row, "number", getattr(row, "code", "")) for row in shell.page().shown_rows()}
    assert len(halls.halls(ctx)) == 6


def test_suggested_signs_go_back_by_ctrl_z_without_a_question(
    ctx: Context, shell: WorkplaceShell, qtbot: QtBot
) -> None:
    own = {"building": "1", "place": "Дәліз", "arrow": "up-left", "halls": "101–102"}
    direction_signs.save(ctx, own)
    shell.open_page("signs")
    page = shell.page()
    page.suggest()
    assert all(row.place != "Дәліз" for row in direction_signs.signs(ctx))
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [row.place for row in direction_signs.signs(ctx)] == ["Дәліз"]
