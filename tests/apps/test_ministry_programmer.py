"""The ministry programmer's windows on a real season: the eve, the day of a shift, the key, the results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import func, or_, select

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.identification import MissingLine, SheetLine
from mab_desktop.domain.shift import ShiftState
from mab_desktop.exchange import passwords
from mab_desktop.ministry_programmer.app import APP, FOR_REPRESENTATIVE, ONLY_FOR_REPRESENTATIVE, PAGES
from mab_desktop.ministry_programmer.season import home
from mab_desktop.rehearsal import exam, slips
from mab_desktop.rehearsal.stage import Stage
from mab_desktop.services import centre_secrets, documents, seating, shifts
from mab_desktop.storage.tables.core import PrintJob
from mab_desktop.ui import screens
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace
from tests.apps.ministry_season import MP, Answers, copy, leave, morning, prepare, scans, truths_of

Open = Callable[..., WorkplaceShell]


pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints"), pytest.mark.usefixtures("cheap_guesses")]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The eve of shift 1, before anything is done at the ministry programmer's."""
    return prepare(tmp_path_factory)


@pytest.fixture(scope="session")
def exam_morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The morning of shift 1."""
    return morning(tmp_path_factory)


@pytest.fixture
def answers() -> Answers:
    """Answers to the questions that come up."""
    return Answers()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[Open]:
    """`window(stage, login="programmer")`: the application on the stage's database, tasks inline."""

    def open_window(stage: Stage, login: str = "programmer") -> WorkplaceShell:
        options = AppOptions(
            lang="en", login=login, password=stage.password(MP), idle_minutes=0, inline=True, dark=False, scale=100
        )
        shell = build_workplace(APP, stage.database(MP), options, Settings(), clock=stage.clock)
        qtbot.addWidget(shell, before_close_func=leave)
        shell.show()
        shell.activateWindow()
        qtbot.waitUntil(shell.isActiveWindow)
        return shell

    yield open_window
    qapp.setStyleSheet("")


def test_seats_are_drawn_once_with_the_password(
    qtbot: QtBot, window: Open, answers: Answers, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = copy(prepared, tmp_path / "season")
    stage.on(exam.exam_date(stage, 1), 15)
    shell = window(stage)
    shell.open_page("seating")
    page = shell.page()
    assert "list of wrong data" in page.closed_reason
    assert not page.freeze_button.isEnabled()

    shell.open_page("corrections")
    answers.expect()
    shell.page().correct_all()
    assert all(row.applied_at for row in shell.page().shown_rows())

    shell.open_page("seating")
    page = shell.page()
    page.refresh()
    answers.expect()
    qtbot.mouseClick(page.freeze_button, Qt.MouseButton.LeftButton)
    frozen = seating.frozen(slips.programmer(stage), 1)
    assert frozen is not None
    assert page.code.text() == frozen.shown

    right = centre_secrets.give_seating_password(stage.ctx("ntc"), "013", 1, "Асан", frozen.shown)
    wrong = passwords.generate(SeededEntropy("somebody else's"))
    screens.type_text(page.password, right[:-3])
    assert not page.draw_button.isEnabled()
    page.password.clear()
    screens.type_text(page.password, wrong)
    assert "fits" in page.typed.text()
    answers.expect("1")
    qtbot.keyClick(page.password, Qt.Key.Key_Return)
    assert "does not open" in page.wrong.text()
    with slips.programmer(stage).store.read() as session:
        from mab_desktop.storage.tables.results import PasswordTries

        assert [row.tries for row in session.query(PasswordTries)] == [1]  # what is not whole was no try

    page.password.clear()
    slipped = right[:3] + right[4] + right[3] + right[5:]  # two symbols exchanged: told, and put right
    screens.type_text(page.password, slipped)
    assert "does not fit" in page.typed.text() or slipped == right
    answers.refuse()
    qtbot.keyClick(page.password, Qt.Key.Key_Return)
    assert seating.seating(slips.programmer(stage), 1) is None
    answers.expect("1")
    qtbot.keyClick(page.password, Qt.Key.Key_Return)
    view = seating.seating(slips.programmer(stage), 1)
    assert view is not None
    assert page.stack.currentIndex() == 1
    assert str(view.students) in page.drawn.text()
    assert sum(bool(seat.hover) for seat in page.plan.seats.values()) == page.table.rowCount() > 0

    for number in (1, 2):  # looked at as often as one likes, printed twice: the second time it is a duplicate
        shell.open_page("papers", paper="seating-sheets", option="1|")
        shell.page().refresh()
        assert _printed(stage, "seating-sheet") == number - 1
        _save_paper(shell, monkeypatch, tmp_path / f"{number}.pdf")
        assert _printed(stage, "seating-sheet") == number
        shell.open_page("day")
    stage.close()


def test_a_step_out_of_order_is_refused_with_its_paragraph(
    window: Open, answers: Answers, exam_morning: Path, tmp_path: Path
) -> None:
    stage = copy(exam_morning, tmp_path / "season")
    shell = window(stage)
    for key, words in (
        ("envelopes", "p.38"), ("attendance", "p.33"), ("results", "p.39"), ("appeals", "p.41"), ("ending", "p.44"),
    ):  # fmt: skip
        shell.open_page(key)
        assert words in shell.page().closed_reason, key
    shell.open_page("key")
    assert shell.page().closed_reason
    assert not shell.page().open_button.isEnabled()

    shell.open_page("day")
    day = shell.page()
    assert ("1", "open:1") in day.steps.buttons
    assert ("1", "scan:1") not in day.steps.buttons
    answers.expect("2")
    day.open_shift(2)  # no button leads here: the service refuses whatever a window offers
    assert "not possible now" in shell.messages.words()
    shell.open_page("seating", shift=2)
    page = shell.page()
    assert "p.35-36" in page.closed_reason
    assert not page.freeze_button.isEnabled()
    answers.expect()
    page.freeze()
    assert "p.35-36" in shell.messages.words()
    assert seating.frozen(slips.programmer(stage), 2) is None
    states = [line.state for line in shifts.shifts(slips.programmer(stage))]
    assert states == [ShiftState.SEATED, ShiftState.PLANNED, ShiftState.PLANNED]
    stage.close()


def test_the_day_of_a_shift(
    qtbot: QtBot, window: Open, answers: Answers, exam_morning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = copy(exam_morning, tmp_path / "season")
    shell = window(stage)
    _draw_duty(qtbot, shell)
    _open_shift(qtbot, shell, answers)
    stage.on(exam.exam_date(stage, 1), 9)
    shell.open_page("clock")
    shell.page().start()
    stage.on(exam.exam_date(stage, 1), 9, 25)
    _count_attendance(qtbot, shell, stage)
    stage.on(exam.exam_date(stage, 1), 13)
    _scan(qtbot, shell, stage, monkeypatch)
    _decide_doubtful(qtbot, shell, stage)
    for number in sorted(truths_of(stage)):
        _identify(qtbot, shell, stage, number, answers)
    shell.close()
    _confirm(qtbot, window, stage, answers)
    shell = window(stage)
    _open_key(qtbot, shell, stage, answers)
    _announce(qtbot, shell, stage, answers, monkeypatch)
    assert shifts.shifts(slips.programmer(stage))[0].state is ShiftState.RESULTS
    stage.close()


def _press_save(qtbot: QtBot, shell: WorkplaceShell, widget: QWidget) -> None:
    """Ctrl+S in a widget; after a question the offscreen platform must be told which window is in front."""
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)


def _draw_duty(qtbot: QtBot, shell: WorkplaceShell) -> None:
    shell.open_page("day")
    button = shell.page().steps.buttons["1", "duty:1"]
    assert button.hasFocus()  # the morning begins with it
    qtbot.keyClick(button, Qt.Key.Key_Return)
    page = shell.page()
    assert not any(row.drawn for row in page.shown_rows())
    page.draw()
    assert all(row.drawn for row in page.shown_rows())
    page.check()
    assert "the same came out" in shell.messages.words()


def _open_shift(qtbot: QtBot, shell: WorkplaceShell, answers: Answers) -> None:
    shell.open_page("day")
    button = shell.page().steps.buttons["1", "open:1"]
    assert button.hasFocus()
    answers.expect("1")
    qtbot.keyClick(button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("1", "scan:1") in shell.page().steps.buttons)


def _count_attendance(qtbot: QtBot, shell: WorkplaceShell, stage: Stage) -> None:
    shell.open_page("attendance")
    page = shell.page()
    number = page.halls.current()
    here = {truth.student for truth in truths_of(stage)[number] if truth.used}
    lines = seating.seat_lines(slips.programmer(stage), 1, number)
    for (specialty, language), field in page.fields.items():
        group = [line for line in lines if (line.specialty, line.test_language) == (specialty, language)]
        field.clear()
        qtbot.keyClicks(field, str(len(group) + 1))  # more than were expected
    _press_save(qtbot, shell, next(iter(page.fields.values())))
    assert all(e.isVisible() for e in page.errors.values())
    for (specialty, language), field in page.fields.items():
        came = [x for x in lines if (x.specialty, x.test_language) == (specialty, language) and x.code in here]
        field.clear()
        qtbot.keyClicks(field, str(len(came)))
    page.save()
    assert page._counted(number)


def _scan(qtbot: QtBot, shell: WorkplaceShell, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.open_page("envelopes")
    page = shell.page()
    for number, truths in sorted(truths_of(stage).items()):
        page.halls.choose(number)
        used = sum(truth.used for truth in truths)
        card = page.card
        assert not card.scan_buttons[1].isEnabled()  # the act comes first (p.34)
        card.used.setText(str(used))
        card.unused.setText(str(len(truths) - used))
        card.unused.setFocus()
        qtbot.keyClick(card.unused, Qt.Key.Key_Return)
        for scan_pass in (1, 2):
            folder = scans(stage, number, scan_pass)
            monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, folder=folder: str(folder))
            qtbot.waitUntil(card.scan_buttons[scan_pass].isEnabled)
            qtbot.mouseClick(card.scan_buttons[scan_pass], Qt.MouseButton.LeftButton)
            save = page.run.save_button
            qtbot.waitUntil(lambda save=save: save.isVisible() and save.isEnabled(), timeout=60_000)
            qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
            assert not page.scanning
        assert len(page.pages) == len(truths)
        _settle_pages(page, number, truths)
        assert page.lines[number].balance.read1 == page.lines[number].balance.read2 == len(truths)


def _settle_pages(page: object, number: str, truths: list) -> None:  # type: ignore[type-arg]
    """Pages refused or without a serial: people look at the paper."""
    from mab_desktop.services import envelopes

    for scan_pass in (1, 2):
        for line in envelopes.page_lines(page.app.ctx, 1, number, scan_pass):  # type: ignore[attr-defined]
            serial = truths[line.position - 1].sheet
            if not line.ok:
                envelopes.put_to_eye(page.app.ctx, line.page, serial)  # type: ignore[attr-defined]
            elif not line.serial:
                envelopes.name_page(page.app.ctx, line.page, serial)  # type: ignore[attr-defined]
    page.refresh()  # type: ignore[attr-defined]


def _decide_doubtful(qtbot: QtBot, shell: WorkplaceShell, stage: Stage) -> None:
    shell.open_page("doubtful")
    page = shell.page()
    truths = {truth.sheet: truth for found in truths_of(stage).values() for truth in found}
    waiting = [mark for mark in page.marks.values() if mark.decided is None]
    assert any((mark.field, mark.column) == ("subject1", 0) for mark in waiting)
    for _mark in waiting:
        mark = page.current()
        assert mark is not None
        assert mark.decided is None
        assert page.first.pixmap() is not None
        values = truths[mark.serial].marks[mark.field].get(str(mark.column), ())
        if len(values) == 1:
            qtbot.keyClick(page.list, values[0].lower())
        elif not values:
            qtbot.keyClick(page.list, Qt.Key.Key_N)
        else:
            for value in values:
                qtbot.keyClick(page.list, value, Qt.KeyboardModifier.ShiftModifier)
            qtbot.keyClick(page.list, Qt.Key.Key_Return)
    assert all(mark.decided is not None for mark in page.marks.values())
    before = {name: mark.decided for name, mark in page.marks.items()}
    screens.type_text(page.list, "в")  # a Cyrillic letter that looks like B: nothing may be guessed
    assert "Cyrillic" in shell.messages.words()
    assert {name: mark.decided for name, mark in page.marks.items()} == before


def _identify(qtbot: QtBot, shell: WorkplaceShell, stage: Stage, number: str, answers: Answers) -> None:
    shell.open_page("identification", shift=1, hall=number)
    page = shell.page()
    page.refresh()
    truths = {truth.sheet: truth for truth in truths_of(stage)[number]}
    here = {truth.student for truth in truths.values() if truth.used}
    first = page.current()
    if isinstance(first, SheetLine):
        assert page.card.why.text().startswith(f"Sheet {first.sheet.serial}.")
        assert not page.card.note_button.isEnabled()  # not signed yet
    page.print_out()
    shell.open_page("identification", shift=1, hall=number)
    page = shell.page()
    if page.hall_view.result.open_lines:
        answers.expect()
        page.sign()
        assert page.hall_view.may_decide
        for line in list(page.hall_view.result.sheets):
            truth = truths[line.sheet.serial]
            page.list.put(f"sheet:{line.sheet.serial}")
            if not truth.used:
                answers.expect("Қолданылмаған")
                page.card._ask_unused()
                continue
            page.card.code.clear()
            qtbot.keyClicks(page.card.code, truth.student)
            page.card.seat.setText(str(truth.seat))
            page.card.variant.setText(truth.variant)
            page.card.ground.setText("Отырғызу парағы")
            qtbot.keyClick(page.card.ground, Qt.Key.Key_Return)
        if page.typed:
            _press_save(qtbot, shell, page.list)
        assert not page.typed, page.card.errors.text()
        for line in list(page.hall_view.result.missing):
            if line.place.code not in here:
                page.list.put(f"student:{line.place.student}")
                assert isinstance(page.current(), MissingLine)
                qtbot.mouseClick(page.absence.button, Qt.MouseButton.LeftButton)
        assert page.hall_view.result.open_lines == 0
        assert "not issued" in page.halls.currentIndex().data()  # not finished yet
        page.print_out()
        shell.open_page("identification", shift=1, hall=number)
    page.refresh()
    assert shell.page().hall_view.versions[-1].last
    assert shell.page().halls.currentIndex().data().endswith("no open line")


def _confirm(qtbot: QtBot, window: Open, stage: Stage, answers: Answers) -> None:
    shell = window(stage, exam.REPRESENTATIVE)
    assert {spec.key for spec in shell.spec.pages} == set(FOR_REPRESENTATIVE)
    shell.open_page("representative")
    page = shell.page()
    assert not page.closed_reason
    confirm = page._page_buttons[-1]
    assert confirm.isEnabled(), confirm.toolTip()
    answers.expect("1")
    qtbot.mouseClick(confirm, Qt.MouseButton.LeftButton)
    assert "closed and signed under" in shell.messages.words()
    shell.close()


def _open_key(qtbot: QtBot, shell: WorkplaceShell, stage: Stage, answers: Answers) -> None:
    mp, ntc = slips.programmer(stage), stage.ctx("ntc")
    told = home(shell.app)
    assert told.next_step is not None
    assert (told.next_step.page, told.next_step.verb) == ("transfer", "Load the file")  # the key has not come yet
    (halls,) = (number for number in told.numbers if number.page == "envelopes")
    assert (halls.value, halls.note) == (str(len(truths_of(stage))), f"of {len(truths_of(stage))}")
    shell.open_page("day")
    assert shell.page().steps.buttons["1", "key:1"].hasFocus()
    shell.open_page("key")
    page = shell.page()
    assert not page.open_button.isEnabled()
    centre_secrets.release_key(ntc, "013", 1, "Нұрланова А. С.")
    stage.hand_over("ntc", "answer-key", MP, persons=stage.signers("ntc"))
    page.refresh()
    chair = slips.commission_names(mp)[0]
    ministry = centre_secrets.give_password(ntc, "013", 1, centre_secrets.MINISTRY, "Асан")
    joint = centre_secrets.give_password(ntc, "013", 1, centre_secrets.CHAIR, chair)
    assert page.chair.currentText() == chair
    screens.type_text(page.ministry, ministry)
    screens.type_text(page.chair_password, passwords.generate(SeededEntropy("not the chair's")))
    answers.expect("1")
    qtbot.mouseClick(page.open_button, Qt.MouseButton.LeftButton)
    assert page.wrong.text()
    assert "1" in page.state.text()
    assert "Tries so far" in page.state.text()
    page.chair_password.clear()
    screens.type_text(page.chair_password, joint)
    answers.expect("1")
    qtbot.mouseClick(page.open_button, Qt.MouseButton.LeftButton)
    assert page.stack.currentIndex() == 1
    assert page.table.rowCount() > 0
    assert not page.ministry.text()


def _announce(
    qtbot: QtBot, shell: WorkplaceShell, stage: Stage, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.open_page("results")
    page = shell.page()
    page.refresh()
    count, announce = (
        next(b for b in page._page_buttons if b.text() == words) for words in ("Count the points", "Announce…")
    )
    assert not announce.isEnabled()
    assert "p.39" in announce.toolTip()
    qtbot.mouseClick(count, Qt.MouseButton.LeftButton)
    page.print_out()
    assert _printed(stage, "result-sheet-before") == 0  # only looked at
    _save_paper(shell, monkeypatch, stage.out / "results.pdf")
    assert _printed(stage, "result-sheet-before") == 1
    shell.open_page("results")
    page.refresh()
    assert announce.isEnabled(), announce.toolTip()
    answers.expect("1")
    qtbot.mouseClick(announce, Qt.MouseButton.LeftButton)
    assert "13:00" in page.choice.state.text()


def _save_paper(shell: WorkplaceShell, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Save the paper in front as a file: that is a printing."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(file), ""))
    shell.page().export()
    assert file.read_bytes().startswith(b"%PDF")


def _printed(stage: Stage, document: str) -> int:
    """How often a paper of shift 1 was printed."""
    of_shift = or_(PrintJob.key == "1", PrintJob.key.startswith("1-"))
    newest = select(func.max(PrintJob.number)).where(PrintJob.document == document, of_shift, documents.finished())
    with slips.programmer(stage).store.read() as session:
        return session.scalar(newest) or 0


def test_every_page_opens_in_three_languages(window: Open, exam_morning: Path, tmp_path: Path) -> None:
    stage = copy(exam_morning, tmp_path / "season")
    shell = window(stage)
    for lang in ("kk", "ru", "en"):
        shell.set_language(lang)
        for spec in shell.spec.pages:
            shell.open_page(spec.key)
            assert shell.current_key == spec.key
            assert shell.page().title()
            assert spec.key in ("log", "transfer", "papers") or shell.page().help_words()
    states = {spec.key: spec.state(shell.app).mark for spec in PAGES if spec.state}
    assert states["duty"] is Mark.DUE  # before a shift is opened its officers are drawn (p.7)
    assert {spec.key for spec in PAGES} - {spec.key for spec in shell.spec.pages} == set(ONLY_FOR_REPRESENTATIVE)
    stage.close()
