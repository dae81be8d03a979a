"""`python benchmarks/keystrokes.py [--records 20] [--json FILE]`: keys pressed for twenty records, against the data.

Key events go to the real typing page in the real window, one after the other, as they come from a keyboard; nothing is
put into a field by the program. The people are the rehearsal's; the pile is sorted as the deans' offices hand it in: by
specialty, course, language and payment, in the order of names.

Counted is every press: letters, digits, Enter, and Shift, Ctrl or Alt each as a press of its own. Two keyboards: the
Kazakh layout, where each Kazakh letter is one key; and the Russian one, where Alt with a letter makes it two.

What the data itself is, is said twice:
- `all`: the characters of every field of every record, repeated ones too, as they stand on paper (a date is 8);
- `strict`: only the characters that the record before does not repeat already: fields that are carried over count
  where they change (the first record: all of them). This is the harder measure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

import shiboken6
from benchmarks.typing_stage import open_page, people, workplace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from mab_desktop.domain.names import KAZAKH_ONLY
from mab_desktop.domain.student import STUDENT
from mab_desktop.network_uni.typing_page import TypingPage
from mab_desktop.services import students
from mab_desktop.ui.kazakh_letters import LETTERS

NONE, ALT, CTRL, SHIFT = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier,
                          Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)  # fmt: skip
_ALT_KEY = {letter: latin for letter, latin, _cyrillic in LETTERS}
REPEATED = [field.name for field in STUDENT.fields if field.carry]
SPECIALTIES = ("050102", "050703")
SORTED = ("specialty", "study_language", "study_form", "payment", "surname", "first_name")
LOOSE = ("specialty", "study_language", "surname", "first_name")


def paper(value: Any) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    return value.strftime("%d%m%Y") if isinstance(value, date) else str(value)


def pile(count: int, by: tuple[str, ...]) -> list[dict[str, Any]]:
    """A pile of records as it lies beside the keyboard."""
    return sorted(people(count, SPECIALTIES), key=lambda values: [paper(values[name]) for name in by])


class Typist:
    """Presses keys and counts them; `alt` for a keyboard without Kazakh letters."""

    def __init__(self, *, alt: bool) -> None:
        self.alt, self.pressed = alt, 0

    def key(self, key: int, held: Qt.KeyboardModifier = NONE, text: str = "") -> None:
        """One key, with those held down."""
        target = QApplication.focusWidget()
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(target, QKeyEvent(kind, key, held, text))
        self.pressed += 1 + sum(bool(held & one) for one in (ALT, CTRL, SHIFT))

    def word(self, text: str) -> None:
        """A value, small letters throughout in names."""
        for letter in text:
            if self.alt and letter.upper() in KAZAKH_ONLY:
                self.key(ord(_ALT_KEY[letter.upper()]), ALT)
            else:
                self.key(0, NONE, letter)

    def record(self, page: TypingPage, values: Mapping[str, Any]) -> None:
        """One record as a person types it who looks at the paper and knows the keys."""
        rows = page.form.rows
        other = [name for name, row in rows.items() if row.carried and row.editor.value() != values[name]]
        if len(other) > 3:  # another group
            self.key(Qt.Key.Key_Delete, CTRL | SHIFT)
        last = self.to_type(page, values)[-1]
        for name in self.to_type(page, values):
            self.go_to(page, name)
            for repeated in reversed(self.wrong_before(page, values, name)):
                self.up_to(page, repeated)
                self.word(paper(values[repeated]))
                self.go_to(page, name)
            self.word(paper(values[name]) if rows[name].field.kind == "text" else paper(values[name]).lower())
        for name in list(rows)[list(rows).index(last) + 1 :]:
            if rows[name].carried and rows[name].editor.value() != values[name]:
                while not rows[name].line.hasFocus():
                    self.key(Qt.Key.Key_Down)
                self.word(paper(values[name]))
        self.key(Qt.Key.Key_Return)

    def to_type(self, page: TypingPage, values: Mapping[str, Any]) -> list[str]:
        """The fields that hold nothing yet and are to hold something."""
        return [name for name, row in page.form.rows.items() if paper(values[name]) and not row.carried]

    def wrong_before(self, page: TypingPage, values: Mapping[str, Any], name: str) -> list[str]:
        """The repeated values between here and the field typed before that are another's."""
        rows, found = page.form.rows, []
        names = list(rows)
        for earlier in reversed(names[: names.index(name)]):
            if not rows[earlier].carried and not rows[earlier].editor.is_empty():
                break
            if rows[earlier].carried and rows[earlier].editor.value() != values[earlier]:
                found.append(earlier)
        return found[::-1]

    def go_to(self, page: TypingPage, name: str) -> None:
        """Enter until the field has the focus: once, twice where one is left empty."""
        for _n in range(3):
            if not page.form.rows[name].line.hasFocus():
                self.key(Qt.Key.Key_Return)
        if not page.form.rows[name].line.hasFocus():
            raise SystemExit(f"{name} is not reached")

    def up_to(self, page: TypingPage, name: str) -> None:
        """Arrow up until the field has the focus."""
        while not page.form.rows[name].line.hasFocus():
            self.key(Qt.Key.Key_Up)


def measure(by: tuple[str, ...], count: int, *, alt: bool, unpin: tuple[str, ...] = ()) -> dict[str, Any]:
    """Type a pile, look that it was saved as it is on paper, and count."""
    records, typist = pile(count, by), Typist(alt=alt)
    with tempfile.TemporaryDirectory() as folder:
        ctx = workplace(Path(folder))
        shell, page = open_page(ctx)
        for name in unpin:  # once for the whole pile; the presses count
            page.form.rows[name].line.setFocus()
            typist.key(Qt.Key.Key_R, CTRL)
        page.form.focus_first()
        for values in records:
            typist.record(page, values)
            QApplication.processEvents()
        saved = {row.to_code: row.values() for row in students.all_rows(ctx)}
        if saved != {values["to_code"]: values for values in records}:
            raise SystemExit("what was saved is not what was typed")
        shell.close()
        QApplication.processEvents()
        shiboken6.delete(shell)
        ctx.store.close()
    every = sum(len(paper(value)) for values in records for value in values.values())
    strict = sum(
        len(paper(values[name])) for before, values in zip([None, *records], records, strict=False) for name in values
        if before is None or name not in REPEATED or values[name] != before[name]
    )  # fmt: skip
    return {
        "pressed": typist.pressed, "all": every, "strict": strict,
        "pressed / all": round(typist.pressed / every, 3), "pressed / strict": round(typist.pressed / strict, 3),
    }  # fmt: skip


def main() -> None:
    """Measure, print, keep."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--records", type=int, default=20)
    ask.add_argument("--json", type=Path)
    asked = ask.parse_args()
    runs = {
        "sorted pile, Kazakh layout": measure(SORTED, asked.records, alt=False),
        "sorted pile, Russian layout and Alt": measure(SORTED, asked.records, alt=True),
        "payment not sorted and unpinned, Kazakh layout": measure(LOOSE, asked.records, alt=False, unpin=("payment",)),
    }
    found = {
        "records": asked.records, "goal": "pressed / strict <= 1.15", "runs": runs,
        "kept": sum(value["pressed / strict"] <= 1.15 for value in runs.values()),
        "date": datetime.now(UTC).date().isoformat(), "python": platform.python_version(),
    }  # fmt: skip
    print(json.dumps(found, indent=1, ensure_ascii=False))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
