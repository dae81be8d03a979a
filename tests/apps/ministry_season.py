"""A small season on the eve of its first shift and on its morning, for the windows of the ministry programmer.

Its passwords open only while guesses are cheap (the fixture `cheap_guesses`).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPlainTextEdit

from mab_desktop.domain.progress import Silent
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.files import read_files
from mab_desktop.rehearsal import exam, hall, preparation, slips
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.stage import PASSWORD, Plan, Stage, new_stage, open_stage
from mab_desktop.ui.confirm_password import PasswordQuestion
from mab_desktop.ui.messages import Question
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.cheap_guesses import make_guesses_cheap

MP = "mp013"
EVERYBODYS = PASSWORD.format(name=MP)
PLAN = Plan("windows", 36, 3, 3)


def prepare(folders: pytest.TempPathFactory) -> Path:
    """Everything up to the eve of shift 1, once for all tests of a run."""
    return _prepared(folders.getbasetemp())


def morning(folders: pytest.TempPathFactory) -> Path:
    """The morning of shift 1, once for all tests of a run."""
    return _morning(folders.getbasetemp())


@cache
def _prepared(base: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        make_guesses_cheap(patch)
        stage = new_stage(base / "ministry-prepared", PLAN, "kk", Silent())
        preparation.prepare(stage)
    stage.save()
    stage.close()
    return stage.out


@cache
def _morning(base: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        make_guesses_cheap(patch)
        return _until_morning(base)


def _until_morning(base: Path) -> Path:
    """Seats drawn, the envelopes scanned into folders, one mark unlike in the two passes."""
    stage = copy(_prepared(base), base / "ministry-morning")
    exam.eve(stage, 1)
    mp = slips.programmer(stage)
    form = layout(slips.profile(mp))
    for number, truths in truths_of(stage).items():
        pdf = (stage.out / "paper" / "shift-1" / number / "answer-sheets.pdf").read_bytes()
        hall.scan_hall(PLAN.seed, 1, number, form, pdf, truths, scans(stage, number, 1).parent)
    first = min(truths_of(stage))
    _touch(stage, scans(stage, first, 2), truths_of(stage)[first])
    stage.on(exam.exam_date(stage, 1), 8, 30)
    stage.save()
    stage.close()
    return stage.out


def copy(season: Path, out: Path) -> Stage:
    """A season of one's own; only what the exam days need goes along."""
    leave = shutil.ignore_patterns("nu*", "af*", "prints", "backups")
    shutil.copytree(season, out, ignore=leave)
    (out / "prints").mkdir(exist_ok=True)
    return open_stage(out, "kk", Silent())


def scans(stage: Stage, number: str, scan_pass: int) -> Path:
    """The folder of a hall's images."""
    return stage.out / "scans" / number / f"pass-{scan_pass}"


def truths_of(stage: Stage) -> dict[str, list[SheetTruth]]:
    """What everybody put on paper in shift 1, by hall in the envelope's order."""
    return hall.read_truth(slips.truth_path(stage, 1))


def _touch(stage: Stage, folder: Path, truths: Sequence[SheetTruth]) -> None:
    """A speck of ink gets on a sheet between the passes: one more bubble of subject 1, item 1 is filled."""
    at = next(n for n, truth in enumerate(truths) if truth.used and len(truth.marks["subject1"].get("0", ())) == 1)
    file = sorted(folder.iterdir())[at]
    form = layout(slips.profile(slips.programmer(stage)))
    (read,) = read_files([file], form)
    marked = truths[at].marks["subject1"]["0"][0]
    bubble = next(b for b in form.bubbles if (b.field, b.column) == ("subject1", 0) and b.value != marked)
    a, b, c, d, e, f, g, h, i = read.placement
    depth = g * bubble.x + h * bubble.y + i
    x, y = (a * bubble.x + b * bubble.y + c) / depth, (d * bubble.x + e * bubble.y + f) / depth
    image = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    cv2.circle(image, (round(x), round(y)), round(bubble.rx * abs(a) * 0.9), 30, -1)
    cv2.imwrite(str(file), image)


def leave(shell: WorkplaceShell) -> None:
    """Close the window of a test that failed in the middle of a form: nobody is there to answer its question."""
    shell.current_key = ""


class Answers:
    """Answers the questions that come up, in their order: what is typed into the fields, and the verb pressed."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self._typed: list[tuple[str, ...] | None] = []
        self._timer = QTimer(interval=5)
        self._timer.timeout.connect(self._look)

    def expect(self, *typed: str) -> None:
        """The next question gets these words in its fields, and the password where it asks for one.

        No words: every box is ticked.
        """
        self._typed.append(typed)
        self._timer.start()

    def refuse(self) -> None:
        """The next question is answered with «Go back»."""
        self._typed.append(None)
        self._timer.start()

    def _look(self) -> None:
        asked = QApplication.activeModalWidget()
        if not isinstance(asked, Question) or not self._typed:
            return
        typed = self._typed.pop(0)
        if not self._typed:
            self._timer.stop()
        self.titles.append(asked.windowTitle())
        if typed is None:
            asked.reject()
            return
        if isinstance(asked, PasswordQuestion):
            asked.password.setText(EVERYBODYS)
        fields = [*asked.findChildren(QLineEdit), *asked.findChildren(QPlainTextEdit)]
        for field, words in zip(fields, typed, strict=False):  # the password stands last
            field.setText(words) if isinstance(field, QLineEdit) else field.setPlainText(words)
        if not typed and not isinstance(asked, PasswordQuestion):
            for box in asked.findChildren(QCheckBox):
                box.setChecked(True)
        if not asked.act_button.isEnabled():
            self.titles.append("the verb is closed")
            asked.reject()
            return
        asked.act_button.click()
