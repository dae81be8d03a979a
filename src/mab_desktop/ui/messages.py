"""How the program speaks: the message bar, the question before what cannot be undone, the report of a bug."""

from __future__ import annotations

import platform
import re
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop import __version__
from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.states import Mark

_KINDS = {
    "info": ("messageInfo", Mark.INFO),
    "warning": ("messageWarning", Mark.DUE),
    "error": ("messageError", Mark.LATE),
}


class MessageBar(QFrame):
    """One message at a time over the page: what happened in bold, then what is safe and what to do next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(20), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(12))
        self._shape, self._what, self._rest = QLabel(), QLabel(wordWrap=True), QLabel(wordWrap=True)
        for said in (self._what, self._rest):
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._what.setFont(theme.font(bold=True))
        self.act_button = QPushButton(_("Undo"))
        self._act: Callable[[], object] | None = None
        self.act_button.clicked.connect(self._do)
        self._close = icons.button("close", _("Close the message (Esc)"))
        self._close.clicked.connect(self.dismiss)
        self._kind = ""
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        words.addWidget(self._what)
        words.addWidget(self._rest)
        row.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.act_button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_message(
        self,
        kind: str,
        text: str,
        *,
        safe: str = "",
        next_step: str = "",
        verb: str = "",
        act: Callable[[], object] | None = None,
    ) -> None:
        """Show words ready in the language of now; kind "info", "warning" or "error". `verb` is a button that acts."""
        self._kind = kind
        self._act = act
        self.act_button.setText(verb)
        self.act_button.setVisible(act is not None)
        name, mark = _KINDS[kind]
        self.setObjectName(name)
        self.style().unpolish(self)
        self.style().polish(self)
        self._shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 20))
        self._what.setText(text)
        self._rest.setText(" ".join(part for part in (safe, next_step) if part))
        self._rest.setVisible(bool(safe or next_step))
        self.setAccessibleName(text)
        self.show()

    def words(self) -> str:
        """All that is said now, "" when nothing is."""
        return " ".join(part for part in (self._what.text(), self._rest.text()) if part) if self.isVisible() else ""

    def dismiss(self) -> None:
        """Take the message away."""
        self._act = None
        self.hide()

    def new_act(self) -> None:
        """Somebody does something else: an older refusal goes, for beside a success it is read as its own."""
        if self._kind == "error":
            self.dismiss()

    def _do(self) -> None:
        act = self._act
        self.dismiss()
        if act is not None:
            act()


_FILLED = (QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QCheckBox, QRadioButton)


class Question(QDialog):
    """A dialog with a title, text, room for fields, and two buttons: back (the default) and the verb."""

    def __init__(self, parent: QWidget | None, title: str, text: str, verb: str, *, dangerous: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(theme.px(480))
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(theme.px(24), theme.px(20), theme.px(24), theme.px(20))
        self._stack.setSpacing(theme.px(12))
        heading, words = theme.named(QLabel(title, wordWrap=True), "section"), QLabel(text, wordWrap=True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        self._stack.addWidget(heading)
        self._stack.addWidget(words)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(theme.px(4))
        self._stack.addLayout(self.fields)
        self._stack.addLayout(self._buttons(verb, dangerous))

    def _buttons(self, verb: str, dangerous: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.act_button, self.back_button = QPushButton(verb), QPushButton(_("Go back"))
        self.act_button.setProperty("kind", "danger" if dangerous else "primary")
        self.act_button.clicked.connect(self.accept)
        self.back_button.clicked.connect(self.reject)
        for button in (self.act_button, self.back_button):
            button.setAutoDefault(False)
        # The dangerous verb stands left, apart; the way back is where "Next" was and answers to Enter.
        ordered = (self.act_button, None, self.back_button) if dangerous else (None, self.back_button, self.act_button)
        for part in ordered:
            row.addWidget(part) if part else row.addStretch(1)
        (self.back_button if dangerous else self.act_button).setDefault(True)
        return row

    def showEvent(self, event: QShowEvent) -> None:
        """As large as its words need; the keys are where something is to be filled in, not on a button."""
        self.fit()
        super().showEvent(event)
        if self.focusWidget() is None and (first := self._first_to_fill()):
            first.setFocus()

    def _first_to_fill(self) -> QWidget | None:
        """The first open field, as Tab walks through them."""
        part = self.nextInFocusChain()
        while part is not None and part is not self:
            if isinstance(part, _FILLED) and part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isEnabled():
                return part
            part = part.nextInFocusChain()
        return None

    def fit(self) -> None:
        """Exactly as high as the words and fields need at this width: Qt guesses too much for wrapped words."""
        self._stack.activate()
        width = max(self.width(), self._stack.totalMinimumSize().width())
        self.resize(width, max(self._stack.totalHeightForWidth(width), self._stack.totalMinimumSize().height()))

    def interrupt(self) -> None:
        """The window is locked: the question goes, what is typed into it waits for the same person."""
        typed = self.findChild(QPlainTextEdit, "words")
        if typed is not None and typed.toPlainText().strip():
            _interrupted[self.windowTitle()] = typed.toPlainText()
        self.reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the default button only when it is open; Esc goes back.

        After the word that a dangerous act asks for, Enter goes to its button: going back then would look as if it had
        been done.
        """
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.act_button.isEnabled():
                return
            if self.focusWidget() is self.act_button:
                self.act_button.click()
                return
            if self.back_button.isDefault() and isinstance(self.focusWidget(), QLineEdit):
                self.act_button.setFocus()
                return
        super().keyPressEvent(event)


# Reasons that were being typed when the window was locked, by the question's title.
_interrupted: dict[str, str] = {}


def forget_interrupted() -> None:
    """Another person works now."""
    _interrupted.clear()


def confirmation(
    parent: QWidget | None,
    title: str,
    text: str,
    verb: str,
    type_to_confirm: str | None = None,
    *,
    cannot_undo: bool = True,
) -> Question:
    """The dialog of `ask_to_confirm`, not yet shown."""
    warning = _("This cannot be undone.") if cannot_undo else ""
    asked = Question(parent, title, "\n".join(part for part in (text, warning) if part), verb, dangerous=True)
    if type_to_confirm is None:
        asked.back_button.setFocus()
        return asked
    prompt = QLabel(_("Type {what} to go on:").format(what=f"«{type_to_confirm}»"))
    typed = theme.named(QLineEdit(), "confirmation")
    prompt.setBuddy(typed)
    asked.act_button.setEnabled(False)
    typed.textChanged.connect(lambda words: asked.act_button.setEnabled(words.strip() == type_to_confirm))
    asked.fields.addWidget(prompt)
    asked.fields.addWidget(typed)
    typed.setFocus()
    return asked


def ask_to_confirm(
    parent: QWidget | None,
    title: str,
    text: str,
    verb: str,
    type_to_confirm: str | None = None,
    *,
    cannot_undo: bool = True,
) -> bool:
    """Ask before what cannot be undone. `title`, `text`, `verb` are ready words; True when the person did it.

    `type_to_confirm` is what must be typed first (the hall's number, the shift). Enter never presses the verb.
    """
    asked = confirmation(parent, title, text, verb, type_to_confirm, cannot_undo=cannot_undo)
    return asked.exec() == QDialog.DialogCode.Accepted


def ask_for_words(
    parent: QWidget | None, title: str, text: str, verb: str, *, secret: bool = False, label: str = "", given: str = ""
) -> str:
    """Ask for a line of text or a password, `given` to begin with; "" when the person went back."""
    asked = Question(parent, title, text, verb)
    typed = theme.named(QLineEdit(given), "words")
    if secret:
        typed.setEchoMode(QLineEdit.EchoMode.Password)
    if label:
        asked.fields.addWidget(QLabel(label))
    asked.fields.addWidget(typed)
    asked.act_button.setEnabled(bool(given.strip()))
    typed.textChanged.connect(lambda words: asked.act_button.setEnabled(bool(words.strip())))
    typed.setFocus()
    done = asked.exec() == QDialog.DialogCode.Accepted
    return (typed.text() if secret else typed.text().strip()) if done else ""


def ask_for_reason(parent: QWidget | None, title: str, text: str, verb: str) -> str:
    """Ask for a reason in words (several lines); "" when the person went back."""
    asked = Question(parent, title, text, verb)
    typed = theme.named(QPlainTextEdit(_interrupted.pop(title, ""), tabChangesFocus=True), "words")
    typed.setFixedHeight(theme.px(96))
    asked.fields.addWidget(typed)
    asked.act_button.setEnabled(bool(typed.toPlainText().strip()))
    typed.textChanged.connect(lambda: asked.act_button.setEnabled(bool(typed.toPlainText().strip())))
    typed.setFocus()
    return typed.toPlainText().strip() if asked.exec() == QDialog.DialogCode.Accepted else ""


def report_text(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """What a report holds: versions and the traceback. Values are left out, because they may be people's data.

    So are names and numbers inside the error's own words: what is not ASCII, and five digits or more.
    """
    head = f"mab-desktop {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n"
    return head + _PERSONAL.sub("…", "".join(traceback.format_exception(kind, error, trace)))


_PERSONAL = re.compile(r"[^\x00-\x7f]+|[0-9]{5,}")


_REPORT, _MOST_REPORTS = re.compile(r"report-(\d{1,9})\.txt"), 10**9


def save_report(text: str, folder: Path | None = None) -> Path | None:
    """Write a report beside the earlier ones, over none of them; None when the disk refuses."""
    folder = folder or Path(platformdirs.user_log_dir("mab-desktop", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = [int(found[1]) for path in folder.iterdir() if (found := _REPORT.fullmatch(path.name))]
        for number in range(max(taken, default=0) + 1, _MOST_REPORTS):
            file = folder / f"report-{number:04d}.txt"
            with suppress(FileExistsError), file.open("x", encoding="utf-8") as out:  # another program was faster
                out.write(text)
                return file
    except OSError:
        return None
    return None


def crash_dialog(parent: QWidget | None, text: str, saved: Path | None) -> QDialog:
    """The dialog that says a bug was met: what is safe, where the report lies, its text to copy."""
    where = _("The report is saved: {file}").format(file=saved) if saved else _("The report could not be saved.")
    safe = _("What was saved before is safe; the last action was not carried out. Close the program and open it again.")
    shown = Question(parent, _("The program met an error of its own"), f"{safe}\n{where}", _("Close"))
    shown.back_button.hide()
    shown.setMinimumWidth(theme.px(700))
    details = QPlainTextEdit(text, readOnly=True)
    details.setMinimumSize(theme.px(640), theme.px(240))
    shown.fields.addWidget(details)
    return shown


def install_crash_hook(parent: QWidget | None, folder: Path | None = None) -> None:
    """Show every error that nobody expected as a crash dialog, once at a time."""
    busy: list[bool] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = report_text(kind, error, trace)
        sys.stderr.write(text)
        saved = save_report(text, folder)
        if not busy:
            busy.append(True)
            crash_dialog(parent, text, saved).exec()
            busy.clear()

    sys.excepthook = hook
