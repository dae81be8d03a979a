"""The drive wizard, both ways, by keyboard; what goes wrong is said with what is safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.transfer import (
    KNOWN_WORDS,
    Drive,
    Exportable,
    Known,
    Recipient,
    Signer,
    TransferActions,
    TransferChange,
    TransferItem,
    TransferPreview,
    TransferResult,
)
from mab_desktop.ui.transfer_wizard import TransferPage
from tests.ui.conftest import MakeShell
from tests.ui.trial import FIRST


@dataclass
class Stick:
    """A flash drive that is a folder: files are read from it and written to it."""

    folder: Path
    secret: str = ""
    trouble: BaseException | None = None
    accepted: list[tuple[str, str]] = field(default_factory=list)
    removable: bool = True
    more: list[Drive] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    refused: BaseException | None = None
    held: BaseException | None = None
    signers: tuple[Signer, ...] = ()
    made: int = 0
    passwords: dict[str, str] = field(default_factory=dict)

    def actions(self) -> TransferActions:
        return TransferActions(
            self.drives, self.carriers, self.preview, self.accept, self.accept_new, self.kinds, self.make, self.write,
            self.eject,
        )  # fmt: skip

    def drives(self) -> list[Drive]:
        return [Drive(str(self.folder), "KINGSTON", 10, 20, removable=self.removable), *self.more]

    def carriers(self, drive: Drive) -> list[TransferItem]:
        files = sorted(Path(drive.path).glob("*.mab"))
        return [
            TransferItem(
                str(file), file.stem, "Operator 2", "University 027", known=self.known.get(file.stem, Known.NEW)
            )
            for file in files
        ]

    def preview(self, path: str, progress: Progress) -> TransferPreview:
        progress.stage("Checking", 1)
        if "broken" in path:
            raise UserError("The signature is wrong.", next_step="Ask the sender for the file again.")
        item = TransferItem(path, Path(path).stem)
        why = "This file is for another university." if "foreign" in path else ""
        return TransferPreview(
            item,
            (("Records", "450"),),
            (TransferChange("Students", 96, 12, 342),),
            ("3 are not complete.",),
            why,
            self.secret,
        )

    def accept(self, preview: TransferPreview, progress: Progress) -> TransferResult:
        progress.stage("Records", 2)
        progress.step()
        if self.trouble:
            raise self.trouble
        self.accepted.append((Path(preview.item.path).stem, preview.secret))
        return TransferResult(lines=(("Records accepted", "450"),))

    def accept_new(self, drive: Drive, progress: Progress) -> TransferResult:
        progress.stage("Records", 2)
        self.accepted += [(item.title, "") for item in self.carriers(drive) if item.known is Known.NEW]
        return TransferResult(lines=(("Records accepted", "900"),), warnings=self.left)

    def kinds(self) -> list[Exportable]:
        both = (Recipient("010", "Base 010"), Recipient("020", "Base 020"))
        return [
            Exportable("stat", "Statistics", both, obstacle="Portions are not merged."),
            Exportable("db", "Student database", both, paragraph="p.21"),
            Exportable("points", "Results", both[:1], signatures=2, signers=self.signers),
        ]

    def make(self, kind: str, recipients: Sequence[str], passwords: Mapping[str, str], progress: Progress) -> Any:
        progress.stage("Encrypting", 1)
        if self.refused:
            raise self.refused
        self.made += 1
        self.passwords = dict(passwords)
        return [(kind, recipient) for recipient in recipients]

    def write(self, made: Any, drive: Drive, progress: Progress) -> list[TransferResult]:
        progress.stage("Writing", 1)
        if self.trouble:
            raise self.trouble
        files = [Path(drive.path, f"{kind}-{recipient}.out") for kind, recipient in made]
        for file in files:
            file.write_text("x", "utf-8")
        return [
            TransferResult(str(file), (("Records", "96"),), recipient=f"Base {recipient}")
            for file, (_kind, recipient) in zip(files, made, strict=True)
        ]

    def eject(self, drive: Drive) -> str:
        if self.held:
            raise self.held
        return f"The system has let go of {drive.name}."


@pytest.fixture
def stick(tmp_path: Path) -> Stick:
    for name in ("a-portion", "broken", "foreign"):
        (tmp_path / f"{name}.mab").write_text("x", "utf-8")
    return Stick(tmp_path)


@pytest.fixture
def page(make_shell: MakeShell, stick: Stick) -> TransferPage:
    shell = make_shell(pages=(replace(FIRST, factory=lambda app: TransferPage(app, stick.actions())),))
    shell.open_page("first")
    found = shell.page()
    assert isinstance(found, TransferPage)
    return found


def words_of(widget: Any) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel))


def test_accept_by_keyboard(page: TransferPage, stick: Stick, qtbot: QtBot) -> None:
    assert page.drive_step.list.hasFocus()
    qtbot.keyClick(page.drive_step.list, Qt.Key.Key_Return)
    assert page.accept_step.list.hasFocus()
    for words in ("a-portion", "450", "3 are not complete.", "96", "342"):
        assert words in words_of(page.accept_step)
    qtbot.keyClick(page.accept_step.list, Qt.Key.Key_Return)
    assert page.accept_step.accept.hasFocus()
    qtbot.keyClick(page.accept_step.accept, Qt.Key.Key_Space)
    assert stick.accepted == [("a-portion", "")]
    assert page.end.words.text() == "Accepted and checked. You may take the drive out."
    assert "450" in words_of(page.end)
    assert page.let_go.hasFocus()
    qtbot.keyClick(page.let_go, Qt.Key.Key_Space)
    assert page.end.words.text() == "The system has let go of KINGSTON."
    assert page.let_go.isHidden()
    qtbot.keyClick(page.finish, Qt.Key.Key_Space)
    assert page.app.shell.current_key == "home"


def test_refused_and_foreign_files_cannot_be_accepted(page: TransferPage, qtbot: QtBot) -> None:
    qtbot.keyClick(page.drive_step.list, Qt.Key.Key_Return)
    qtbot.keyClick(page.accept_step.list, Qt.Key.Key_Down)
    assert "The signature is wrong. Ask the sender for the file again." in words_of(page.accept_step)
    assert not page.accept_step.accept.isEnabled()
    qtbot.keyClick(page.accept_step.list, Qt.Key.Key_Down)
    assert "This file is for another university." in words_of(page.accept_step)
    assert not page.accept_step.accept.isEnabled()
    qtbot.keyClick(page.window(), Qt.Key.Key_Escape)
    assert page.drive_step.list.hasFocus()


def test_secret_is_asked_and_reaches_the_service(page: TransferPage, stick: Stick, qtbot: QtBot) -> None:
    stick.secret = "Password that NTC gave by telephone"
    qtbot.keyClick(page.drive_step.list, Qt.Key.Key_Return)
    assert not page.accept_step.accept.isEnabled()
    qtbot.keyClick(page.accept_step.list, Qt.Key.Key_Return)
    type_text(page.accept_step.secret, "7351")
    qtbot.keyClick(page.accept_step.secret, Qt.Key.Key_Return)
    assert stick.accepted == [("a-portion", "7351")]
    assert page.accept_step.secret.text() == "7351" or page.stack.currentIndex() == 4


def test_write_for_chosen_recipients(page: TransferPage, stick: Stick) -> None:
    page.drive_step.write.click()
    assert "Portions are not merged." in words_of(page.write_step)
    assert not page.write_step.write.isEnabled()
    page.write_step.list.choose("db")
    boxes = page.write_step._boxes
    boxes["010"].setChecked(False)
    boxes["020"].setChecked(False)
    assert page.write_step.write.toolTip() == "Choose for whom."
    boxes["020"].setChecked(True)
    page.write_step.write.click()
    assert page.end.words.text() == "Written and verified. You may take the drive out."
    assert sorted(file.name for file in stick.folder.glob("*.out")) == ["db-020.out"]


def test_each_file_says_for_whom_it_is(page: TransferPage) -> None:
    page.drive_step.write.click()
    page.write_step.list.choose("db")
    page.write_step.write.click()
    shown = [found.text() for found in page.end.findChildren(QLabel) if found.text() and found is not page.end.words]
    heads = [place for place, text in enumerate(shown) if text in ("Base 010", "Base 020")]
    assert [shown[place] for place in heads] == ["Base 010", "Base 020"]
    for place, nth in zip(heads, ("010", "020"), strict=True):  # under each head its own lines
        assert shown[place + 1] == "Records"
        assert any(f"db-{nth}.out" in text for text in shown[place + 1 : place + 5])


def test_trouble_is_said_with_what_is_safe(page: TransferPage, stick: Stick) -> None:
    stick.trouble = UserError("The drive was taken out.", next_step="Put it back and press Write again.")
    page.opened(path=str(stick.folder), export="db")
    page.write_step.write.click()
    assert page.end.words.text() == "It did not work"
    assert page.end.rest.text() == "The drive was taken out. Put it back and press Write again."
    assert page.retry.hasFocus()
    stick.trouble = None
    page.retry.click()
    assert page.end.words.text() == "Written and verified. You may take the drive out."
    assert (stick.made, len(list(stick.folder.glob("*.out")))) == (1, 2)
    assert page.retry.isHidden()


def test_what_was_made_goes_to_another_drive_and_to_a_second(page: TransferPage, stick: Stick, tmp_path: Path) -> None:
    """A drive fails: the same file, not a new one, goes to the next; and once more to a second one."""
    others = [tmp_path / "b", tmp_path / "c"]
    for folder in others:
        folder.mkdir()
    stick.more = [Drive(str(folder), folder.name, removable=True) for folder in others]
    stick.trouble = UserError("The drive is full.", next_step="Use another drive.")
    page.opened(path=str(stick.folder), export="db")
    page.write_step.write.click()
    stick.trouble = None
    for folder in others:
        page.second.click()
        assert page.stack.currentIndex() == 0
        assert not page.drive_step.pending.isHidden()
        assert page.drive_step.read.isHidden()
        page.drive_step.choose(str(folder))
        page.drive_step.write.click()
        assert page.end.words.text() == "Written and verified. You may take the drive out."
        assert len(list(folder.glob("*.out"))) == 2
    assert stick.made == 1
    page.again.click()
    assert page.drive_step.pending.isHidden()
    assert not page.drive_step.read.isHidden()


def test_why_a_kind_is_closed_stands_once_and_whole(page: TransferPage, stick: Stick) -> None:
    why = "No shift is closed."
    both = (Recipient("ntc", "Centre", note=why), Recipient("010", "Base 010", note="waits for a receipt"))
    page.write_step.show_kinds([Exportable("points", "Results", both, obstacle=why)], stick.drives()[0], "points")
    boxes = [box.accessibleName() for box in page.write_step.findChildren(QCheckBox)]
    assert boxes == ["Centre", "Base 010 · waits for a receipt"]


def test_a_long_name_of_a_recipient_wraps_and_pushes_nothing_out(
    page: TransferPage, stick: Stick, qtbot: QtBot
) -> None:
    """Else the name was cut, and with it the fields of the passwords under it."""
    name = "Network university: 023 Kazakh university of international relations and world languages of Abylai khan"
    both = (Recipient("nu023", name), Recipient("nu022", "Base 010"))
    signers = (Signer("one", "First Person"), Signer("two", "Second Person"))
    page.drive_step.write.click()
    page.window().resize(1366, 768)
    page.write_step.show_kinds(
        [Exportable("points", "Results", both, signatures=2, signers=signers)], stick.drives()[0], "points"
    )
    (area,) = page.write_step.card.findChildren(QScrollArea)
    qtbot.waitUntil(lambda: page.write_step.signers[0].password.isVisible())
    qtbot.waitUntil(lambda: area.widget().width() <= area.viewport().width())
    box = page.write_step._boxes["nu023"]
    (words,) = box.parentWidget().findChildren(QLabel)
    assert (words.text(), box.isChecked()) == (name, True)
    qtbot.mouseClick(words, Qt.MouseButton.LeftButton)
    assert not box.isChecked()


def test_another_kind_asked_for_does_not_find_the_word_on_the_last_one(page: TransferPage, stick: Stick) -> None:
    """"Written and verified" of one kind must not stand where another kind was asked for, nor its file be written."""
    page.opened(path=str(stick.folder), export="db")
    page.write_step.write.click()
    assert page.end.words.text() == "Written and verified. You may take the drive out."
    page.opened(export="points")
    assert (page.stack.currentIndex(), page.drive_step.pending.isHidden()) == (0, True)
    page.drive_step.choose(str(stick.folder))
    page.drive_step.write.click()
    assert page.stack.currentWidget() is page.write_step
    assert page.write_step.list.key() == "points"
    assert stick.made == 1


def test_enter_on_the_drive_does_what_one_came_for(page: TransferPage, stick: Stick, qtbot: QtBot) -> None:
    for where, button, step in (({"export": "points"}, page.drive_step.write, page.write_step),
                                ({}, page.drive_step.read, page.accept_step)):  # fmt: skip
        page.begin()
        page.opened(**where)
        assert button.property("kind") == "primary"
        page.drive_step.choose(str(stick.folder))
        qtbot.keyClick(page.drive_step.list, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda step=step: page.stack.currentWidget() is step)


def test_a_chosen_folder_takes_the_keys(
    page: TransferPage, stick: Stick, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a: str(stick.folder))
    page.choose_folder()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.accept_step)


def test_everything_new_is_shown_in_order_and_taken(page: TransferPage, stick: Stick, qtbot: QtBot) -> None:
    stick.known = {"foreign": Known.FOREIGN}
    stick.left = ("b: Earlier files are missing.",)
    page.opened(path=str(stick.folder))
    assert page.accept_step.every.text() == "Accept everything new (2)"
    qtbot.keyClick(page.accept_step.every, Qt.Key.Key_Space)
    assert "1. a-portion" in words_of(page.accept_step)
    assert stick.accepted == []
    assert page.accept_step.accept.hasFocus()
    qtbot.keyClick(page.accept_step.accept, Qt.Key.Key_Space)
    assert stick.accepted == [("a-portion", ""), ("broken", "")]
    assert page.end.words.text() == "Accepted and checked. You may take the drive out."
    assert page.end.warning.text() == "b: Earlier files are missing."


def test_one_new_file_needs_no_button_for_all(page: TransferPage, stick: Stick) -> None:
    stick.known = {"foreign": Known.FOREIGN, "broken": Known.DAMAGED}
    page.opened(path=str(stick.folder))
    assert page.accept_step.every.isHidden()


def test_each_state_has_its_words(page: TransferPage, stick: Stick) -> None:
    for known in Known:
        (stick.folder / f"{known.value}.mab").write_text("x", "utf-8")
        stick.known[known.value] = known
    page.opened(path=str(stick.folder))
    rows = [page.accept_step.list.items.item(row).text() for row in range(page.accept_step.list.items.rowCount())]
    for known, words in KNOWN_WORDS.items():
        assert any(row.startswith(f"{known.value}\n{words}") for row in rows), words


def test_two_people_sign(page: TransferPage, stick: Stick, qtbot: QtBot) -> None:
    page.opened(path=str(stick.folder), export="points")
    assert "Two people with signing keys" in page.write_step.write.toolTip()
    stick.signers = (Signer("asan", "Asan"), Signer("dana", "Dana"), Signer("olzhas", "Olzhas", "waits for the centre"))
    page.opened(path=str(stick.folder), export="points")
    assert "Olzhas: waits for the centre" in words_of(page.write_step)
    first, second = page.write_step.signers
    assert (first.login, second.login) == ("asan", "dana")
    second.who.setCurrentIndex(0)
    assert page.write_step.write.toolTip() == "Choose two different people."
    second.who.setCurrentIndex(1)
    assert page.write_step.write.toolTip() == "Both people type their passwords."
    qtbot.keyClick(page.write_step.list, Qt.Key.Key_Return)
    assert first.password.hasFocus()
    type_text(first.password, "one")
    qtbot.keyClick(first.password, Qt.Key.Key_Return)
    assert second.password.hasFocus()  # the other person's turn
    type_text(second.password, "two")
    qtbot.keyClick(second.password, Qt.Key.Key_Return)
    assert stick.passwords == {"asan": "one", "dana": "two"}
    assert (first.password.text(), second.password.text()) == ("", "")


def test_a_file_that_cannot_be_made_is_not_offered_again(page: TransferPage, stick: Stick) -> None:
    stick.refused = UserError("A password is wrong.")
    page.opened(path=str(stick.folder), export="db")
    page.write_step.write.click()
    assert page.retry.isHidden()
    assert page.second.isHidden()
    assert page.again.hasFocus()


def test_a_busy_drive_is_not_let_go(page: TransferPage, stick: Stick) -> None:
    stick.held = UserError("Another program still uses the drive.")
    page.opened(path=str(stick.folder), export="db")
    page.drive = stick.drives()[0]
    page.write_step.write.click()
    page.let_go.click()
    assert not page.let_go.isHidden()
    assert page.let_go.isEnabled()
    assert "Another program still uses the drive." in words_of(page.app.shell.messages)


def test_drives_come_and_go_by_themselves(page: TransferPage, stick: Stick, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    stick.more = [Drive(str(second), "NEW", removable=True)]
    page.watch.changed.emit()
    assert page.drive_step.list.key() == str(second)
    page.drive_step.read.click()
    assert page.stack.currentIndex() == 1
    second.rmdir()
    stick.more = []
    page.watch.changed.emit()
    assert page.stack.currentIndex() == 0
    assert set(page.drive_step.drives) == {str(stick.folder)}
    assert "The drive was taken out." in words_of(page.app.shell.messages)


def test_cancel_says_that_nothing_changed(page: TransferPage, stick: Stick) -> None:
    stick.trouble = Cancelled()
    page.opened(path=str(stick.folder))
    page.accept_step.accept.click()
    assert page.end.words.text() == "Cancelled"
    assert page.end.rest.text() == "Nothing on this computer has changed."


def test_a_drive_that_can_only_be_read_is_not_written_to(page: TransferPage) -> None:
    page.drive_step.show_drives([Drive("/x", "CD", writable=False)])
    assert page.drive_step.read.isEnabled()
    assert not page.drive_step.write.isEnabled()
    page.drive_step.show_drives([])
    assert not page.drive_step.read.isEnabled()
    assert not page.drive_step.empty.isHidden()


def test_last_folder_is_offered_again(page: TransferPage, stick: Stick, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    page.app.settings.set("transfer.folder", str(other))
    page.read_drives()
    assert set(page.drive_step.drives) == {str(stick.folder), str(other)}


def test_no_stray_window_flashes_up(page: TransferPage) -> None:
    shown: list[object] = []

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched)
            return False

    watcher = Watcher()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watcher)
    for act in (
        page.drive_step.read.click,
        page.accept_step.accept.click,
        page.again.click,
        page.drive_step.write.click,
    ):
        act()
    page.app.shell.set_language("ru")
    page.app.shell.open_page("keys")
    app.removeEventFilter(watcher)
    assert shown == []
