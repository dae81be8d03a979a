"""The base university by keyboard and mouse: databases in, the signed paper, to the centre, passes, stubs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from mab_desktop.base_uni.app import APP, PAGES
from mab_desktop.base_uni.paper_question import PaperQuestion
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange.kdf import KdfParams
from mab_desktop.services import (
    base_board,
    centre_allotment,
    centre_trust,
    commission,
    passes,
    specialties,
    transfer,
    workplace,
)
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.login import LoginPage
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import ActionButton
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace
from tests.apps.window import answer, open_window, press, receive, write
from tests.conftest import MakeContext
from tests.services.authority import make_authority
from tests.services.centre_stand import BASE, CIPHERS, NETWORKS, Stand, make_stand, put_halls, put_students, record

ENTER, CTRL = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
EACH = 4  # students of each network university


@dataclass
class Desk:
    """The season of the tests and the base university's window."""

    stand: Stand
    shell: WorkplaceShell

    def hand_in(self, university: str) -> None:
        """A network university writes statistics and database to the drive; the window takes both."""
        sender = self.stand.networks[university]
        for kind, title in (("statistics", "Student statistics"), ("university-students", "Student database")):
            transfer.export(sender, kind, self.stand.base.organisation, self.stand.drive)
            receive(self.shell, self.stand.drive, title)
        QApplication.processEvents()


@pytest.fixture
def desk(make_context: MakeContext, tmp_path: Path, qtbot: QtBot, qapp: QApplication) -> Iterator[Desk]:
    """Three network universities with four students each; nothing has come yet."""
    stand = make_stand(make_context, tmp_path, shifts=2)
    for number, code in enumerate(NETWORKS):
        specialties.choose_specialties(stand.networks[code], CIPHERS)
        put_students(stand.networks[code], [record(10 * number + n, code) for n in range(EACH)])
    yield Desk(stand, open_window(qtbot, APP, stand.base))
    qapp.setStyleSheet("")


def paper_of(desk: Desk, university: str) -> tuple[int, str]:
    with desk.stand.base.store.read() as session:
        return base_board.database_sum(session, university)


def active_question() -> Question:
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, Question)
    return asked


def sign(desk: Desk, university: str, total: int, checksum: str, *, sealed: bool = True) -> str:
    """Type count, control sum and signature of the paper into the question of the acceptance page; "" when it closed.
    """
    said: list[str] = []

    def fill(asked: Question) -> None:
        assert isinstance(asked, PaperQuestion)
        type_text(asked.form.editor("total"), str(total))
        type_text(asked.form.editor("checksum"), checksum)
        type_text(asked.form.editor("person"), "Бірінші Басшы")
        asked.form.editor("sealed").set_value(sealed)
        asked.act_button.click()
        if asked.isVisible():
            said.append(" ".join(shown.text() for shown in asked.findChildren(QLabel)))
            asked.reject()

    QTimer.singleShot(0, lambda: fill(active_question()))
    desk.shell.open_page("acceptance", row=university, confirm=True)
    QApplication.processEvents()
    return " ".join(said)


def everything_in(desk: Desk) -> None:
    for code in NETWORKS:
        desk.hand_in(code)
        sign(desk, code, *paper_of(desk, code))


def final_database(desk: Desk) -> None:
    """The centre takes the databases, allots, and its final database is taken at the window."""
    stand = desk.stand
    write(desk.shell, stand.drive, "base-students")
    for path in transfer.list_carriers(stand.drive):
        if "base-students" in path.name:
            transfer.load(stand.centre, path)
    put_halls(stand.centre, [4, 4])
    centre_allotment.allot(stand.centre, BASE)
    transfer.export(stand.centre, "final-students", stand.base.organisation, stand.drive)
    receive(desk.shell, stand.drive, "Final student database")
    QApplication.processEvents()


def test_a_database_comes_and_only_its_own_paper_confirms_it(desk: Desk) -> None:
    """A wrong control sum confirms nothing and says so; the right one does."""
    desk.hand_in("027")
    total, checksum = paper_of(desk, "027")
    assert total == EACH
    refused = sign(desk, "027", total, "0000-0000-0000-0000")
    assert "Nothing was confirmed" in refused
    assert "that of another database" in refused
    slip = checksum.replace(checksum[0], "E" if checksum[0] == "D" else "D", 1)
    assert "Only group 1 of the control sum differs" in sign(desk, "027", total, slip)
    assert base_board.completeness(desk.stand.base).confirmed == ()
    assert "number of students does not agree" in sign(desk, "027", total + 1, checksum)
    assert base_board.completeness(desk.stand.base).confirmed == ()
    assert "only with the seal of the university" in sign(desk, "027", total, checksum, sealed=False)
    assert base_board.completeness(desk.stand.base).confirmed == ()
    assert sign(desk, "027", total, checksum.replace("-", "").lower()) == ""
    assert base_board.completeness(desk.stand.base).confirmed == ("027",)
    desk.shell.open_page("board")
    row = next(row for row in desk.shell.page().shown_rows() if row["university"] == "027")
    assert row["line"].cells["confirmed"].at
    assert row["line"].cells["confirmed"].note == "Бірінші Басшы"


def test_the_centre_gets_nothing_while_a_university_is_missing(desk: Desk) -> None:
    """The button names what is missing; with all in and signed the file is written and the centre takes it."""
    desk.hand_in("027")
    sign(desk, "027", *paper_of(desk, "027"))
    desk.shell.open_page("centre")
    page = desk.shell.page()
    assert "013" in page.obstacle("base-students")
    button = next(b for b in page.findChildren(ActionButton) if b.action.icon == "drive")
    assert not button.isEnabled()
    assert "041" in button.toolTip()
    assert write(desk.shell, desk.stand.drive, "base-students").stack.currentIndex() == 2

    for code in ("013", "041"):
        desk.hand_in(code)
        sign(desk, code, *paper_of(desk, code))
    desk.shell.open_page("centre")
    assert button.isEnabled()
    button.click()
    assert desk.shell.current_key == "transfer"
    assert write(desk.shell, desk.stand.drive, "base-students").stack.currentIndex() == 4
    written = [path for path in transfer.list_carriers(desk.stand.drive) if "base-students" in path.name]
    assert transfer.load(desk.stand.centre, written[0]).known is False


def test_incomplete_may_go_with_a_reason_that_is_kept(desk: Desk) -> None:
    """p.23: complete, or with a recorded reason."""
    desk.hand_in("027")
    desk.shell.open_page("centre")
    page = desk.shell.page()
    answer(lambda asked: asked.findChild(QPlainTextEdit, "words").setPlainText("Екі ЖОО-да студент жоқ, хат № 12"))
    page.allow()
    QApplication.processEvents()
    assert page.obstacle("base-students") == ""
    assert "хат № 12" in page.reason.text()


def test_passes_are_numbered_printed_and_their_stubs_counted(desk: Desk, qtbot: QtBot) -> None:
    """From the final database to the last stub."""
    everything_in(desk)
    desk.shell.open_page("passes")
    assert "final database has not come" in desk.shell.page().closed_reason
    final_database(desk)

    desk.shell.open_page("passes")
    page = desk.shell.page()
    assert page.closed_reason == ""
    asked = answer(lambda _asked: None)
    page.number()
    QApplication.processEvents()
    assert asked == ["Number the passes?"]
    assert sorted(int(line.number) for line in page.shown_rows()) == list(range(1, 3 * EACH + 1))

    desk.shell.open_page("papers", paper="passes-university", option="027")
    QApplication.processEvents()
    papers = desk.shell.page()
    assert ("passes-university", "027") in papers._made
    assert papers.preview.isVisible()
    row = page.shown_rows()[0]
    desk.shell.open_page("passes", row=row.student)
    QApplication.processEvents()
    page._print_chosen("pass-one")
    assert ("pass-one", "chosen") in papers._made
    for paper in papers.papers():
        papers.choose(paper.key)
        QApplication.processEvents()
        assert papers.current().key == paper.key
        assert desk.shell.messages.words() == "", paper.key

    desk.shell.open_page("stubs")
    stubs = desk.shell.page()
    stubs.view.selectRow(0)
    stubs.receive_chosen()
    QApplication.processEvents()
    assert len(passes.missing_stubs(desk.stand.base)) == 3 * EACH - 1
    stubs.view.selectRow(1)
    answer(lambda asked: asked.findChild(QLineEdit, "confirmation").setText(str(EACH - 1)))
    stubs.receive_all()
    QApplication.processEvents()
    assert len(passes.missing_stubs(desk.stand.base)) == 2 * EACH


def test_commission_and_duty_officers_open_the_hand_over(desk: Desk, qtbot: QtBot) -> None:
    """Seven voting members typed by keyboard, a duty officer, then the file for the ministry programmer."""
    everything_in(desk)
    final_database(desk)
    passes.number_passes(desk.stand.base)
    desk.shell.open_page("hand_over")
    hand_over = desk.shell.page()
    assert "0 voting" in hand_over.obstacle() or "voting members" in hand_over.obstacle()

    desk.shell.open_page("commission")
    press(qtbot, desk.shell, Qt.Key.Key_N, CTRL)
    form = desk.shell.page().form
    for number, role in enumerate(("chair", "secretary", *["member"] * 5)):
        type_text(form.editor("full_name"), f"Мүше {number}")
        form.editor("role").take(role)
        qtbot.keyClick(form.editor("full_name"), ENTER, CTRL)
        QApplication.processEvents()
    assert commission.problems(desk.stand.base) == []
    form.editor("full_name").setText("Екінші төраға")
    form.editor("role").take("chair")
    form.save()
    assert "exactly one chair" in form.rows["role"].note.text()
    form.set_values({})

    desk.shell.open_page("duty_officers")
    assert "1/101" in desk.shell.page().closed_reason
    desk.shell.page().new()
    form = desk.shell.page().form
    type_text(form.editor("full_name"), "Ғалия Өмірбек")
    type_text(form.editor("place"), "101")
    qtbot.keyClick(form.editor("place"), ENTER, CTRL)
    QApplication.processEvents()
    assert [officer["place"] for officer in commission.duty_officers(desk.stand.base)] == ["101"]
    assert hand_over.obstacle() == ""
    desk.shell.page().form.set_values({})
    assert write(desk.shell, desk.stand.drive, "hand-over").stack.currentIndex() == 4


def test_duplicates_across_universities_and_broken_rules_are_shown(desk: Desk) -> None:
    """The same identity document at two universities, a specialty that no list knows."""
    twin = record(1, "041", id="041" + "7" * 29)
    twin |= {"identity_document": record(0, "027")["identity_document"], "citizenship": "999"}
    put_students(desk.stand.base, [record(0, "027"), twin])
    desk.shell.open_page("findings")
    QApplication.processEvents()
    rows = desk.shell.page().shown_rows()
    assert {row["university"] for row in rows if row["twin"]} == {"027", "041"}
    assert [row["field"] for row in rows if not row["twin"]] == ["citizenship"]
    desk.shell.page().activate(rows[0])
    assert desk.shell.current_key == "students"


def test_every_page_opens_in_every_language(desk: Desk) -> None:
    """The language changes at run time on a season that has data and on one that has none."""
    for page in PAGES:
        desk.shell.open_page(page.key)
    everything_in(desk)
    for lang, words in (("kk", "Рұқсаттамалар"), ("ru", "Пропуска"), ("en", "Passes")):
        desk.shell.set_language(lang)
        for page in PAGES:
            desk.shell.open_page(page.key)
            QApplication.processEvents()
        desk.shell.open_page("passes")
        assert desk.shell.page().title() == words
        assert desk.stand.base is not desk.shell.app.ctx
        assert desk.shell.app.ctx.lang == lang


def test_log_in_to_a_real_workplace_with_a_wrong_then_the_right_password(
    make_context: MakeContext, tmp_path: Path, qtbot: QtBot, qapp: QApplication
) -> None:
    """The window on a database with its lock, as `mab base-uni --db` opens it."""
    centre = make_context(Role.NTC)
    groups = make_authority(centre)
    trust_file = tmp_path / "centre.json"
    trust_file.write_bytes(centre_trust.trust_bytes(centre))
    start = workplace.Start(Role.BASE_UNI, BASE, centre.season, "aigul", "Айгүл Серікқызы")
    database = tmp_path / "bu" / "mab.db"
    made = workplace.create(database, start, "ұзын құпия сөз", centre_file=trust_file, groups=groups,
                            clock=centre.clock, params=KdfParams(memory_kib=8, passes=1, lanes=1))  # fmt: skip
    made.store.close()
    options = AppOptions(lang="en", idle_minutes=0, inline=True, dark=False, scale=100)
    shell = build_workplace(APP, database, options, Settings(), clock=centre.clock)
    qtbot.addWidget(shell)
    shell.show()
    gate = shell.centralWidget().currentWidget()
    assert isinstance(gate, LoginPage)
    type_text(gate.password, "басқа сөз")
    qtbot.keyClick(gate.password, ENTER)
    assert gate.refusal.isVisible()
    type_text(gate.password, "ұзын құпия сөз")
    qtbot.keyClick(gate.password, ENTER)
    assert shell.is_open()
    assert "has not begun" in shell.page()._facts(shell.app).empty.title
    shell.close()
    qapp.setStyleSheet("")


def test_nothing_is_complete_before_a_network_university_is_known(
    make_context: MakeContext, qtbot: QtBot, qapp: QApplication
) -> None:
    shell = open_window(qtbot, APP, make_context(Role.BASE_UNI, "030"))
    shell.open_page("centre")
    said = " ".join(shown.text() for shown in shell.page().findChildren(QLabel))
    assert "No network university is known yet." in said
    assert "Complete: everything" not in said
    assert "agrees" not in said
    qapp.setStyleSheet("")
