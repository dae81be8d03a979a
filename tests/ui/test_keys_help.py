"""The page of keys leaves nothing out: it is compared with what the kit and the pages listen to."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

import mab_desktop.ui
from mab_desktop.ui import keys_help
from mab_desktop.ui.kazakh_letters import LETTERS
from mab_desktop.ui.page import WINDOW_KEYS, Action, ActionButton, Page
from tests.ui.conftest import MakeShell

KIT = Path(mab_desktop.ui.__file__).parent
GROUPS = dict(keys_help.GROUPS)
EVERYTHING = tuple(line for group in GROUPS.values() for line in group)
# Which groups tell of a module's keys; a module with keys of its own that stands nowhere here fails the test.
TOLD_IN = {
    "list_view.py": keys_help.LISTS, "list_page.py": keys_help.LISTS, "record_form.py": keys_help.FORMS,
    "record_fields.py": keys_help.FORMS, "print_pages.py": keys_help.PAPERS, "image_review.py": keys_help.PICTURES,
    "hall_plan.py": keys_help.PICTURES, "page.py": keys_help.EVERYWHERE, "shell.py": keys_help.EVERYWHERE,
    "kazakh_letters.py": keys_help.FORMS, "panels.py": keys_help.EVERYWHERE,
}  # fmt: skip
# What every program does with these keys needs no line of help: buttons pressed, a cell gone back to, Caps Lock told.
USUAL = {"messages.py", "home.py", "groups_field.py", "password_fields.py", "rail.py"}
SAID = {"↑": "Up", "↓": "Down", "←": "Left", "→": "Right", "PgDn": "PageDown", "PgUp": "PageUp", "Esc": "Escape"}
SAME = {"Return": "Enter", "Equal": "+", "Plus": "+", "Minus": "-"}
HELD = {"Shift", "Control", "Alt", "AltGr", "Meta", "CapsLock", "Ctrl"}


def listened_to(path: Path) -> set[str]:
    """Names of Qt keys in a module, with one name for Enter and Return, + and =."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    names = {
        node.attr.removeprefix("Key_") for node in nodes if isinstance(node, ast.Attribute) and "Key_" in node.attr
    }
    return {SAME.get(name, name) for name in names} - HELD


def told(lines: keys_help.Keys) -> set[str]:
    """The single keys in the first column of the help."""
    found = {part for shown, _words in lines for part in re.split(r"[ ,]+|(?<=\w)\+(?=.)", shown)}
    return {SAID.get(part, part) for part in found}


def whole(lines: keys_help.Keys) -> set[str]:
    """The keys with what is held, as the help writes them."""
    found = set()
    for shown, _words in lines:
        for part in shown.split(", "):
            held = part[: part.rfind("+") + 1] if "+" in part[:-1] else ""
            found |= {part, *(held + key for key in part.removeprefix(held).split(" "))}
    return found


@pytest.mark.parametrize("path", sorted(KIT.glob("*.py")), ids=lambda path: path.name)
def test_every_key_of_the_kit_is_told(path: Path) -> None:
    keys = listened_to(path)
    if keys and path.name not in USUAL:
        assert path.name in TOLD_IN, f"{path.name} listens to {sorted(keys)}"
        assert keys - told(TOLD_IN[path.name]) == set()


def test_keys_with_something_held_are_told_whole() -> None:
    every = whole(EVERYTHING)
    assert {f"Alt+{n}" for n in range(1, 10)} < {*WINDOW_KEYS}
    wanted = (WINDOW_KEYS - {f"Alt+{n}" for n in range(2, 9)}) | {
        "Ctrl+R", "Ctrl+Delete", "Ctrl+Shift+Delete", "Ctrl+Enter", "Shift+Enter", "Ctrl+Shift+C", "Ctrl+Shift+F",
        "Ctrl+Shift+→",
    }  # fmt: skip
    assert {key for key in wanted if key not in every and f"{key} …" not in every} - {"Alt+1", "Alt+9"} == set()
    assert "Alt+1 … Alt+9" in dict(keys_help.EVERYWHERE)
    shown = next(key for key, _words in keys_help.FORMS if key.startswith("Alt+A"))
    assert [latin for _letter, latin, _cyrillic in LETTERS] == shown.removeprefix("Alt+").split(", ")


def test_sequences_named_in_the_kit_are_told() -> None:
    """`QKeySequence("…")` and the shortcuts of the kit's own buttons."""
    named = set()
    for path in KIT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named |= set(re.fullmatch(r"((?:Ctrl|Alt|Shift)\+[\w+]+|F\d+)", node.value) and [node.value] or [])
    every = whole(EVERYTHING) | {f"Alt+{n}" for n in range(1, 10)}
    assert {key.replace("Return", "Enter") for key in named} - every == set()


def test_the_keys_of_the_pages_own_buttons_stand_on_top(make_shell: MakeShell) -> None:
    shell = make_shell()
    shell.open_page("first")
    page = shell.page()
    assert isinstance(page, Page)
    page.add_actions((Action("Take the value", lambda: None, "check", "2"), Action("No key", lambda: None, "check")))
    shell.help()
    page = shell.page()
    assert page is not None
    shown = [label.text() for label in page.findChildren(QLabel)]
    assert shown[shown.index("2") + 1] == "Take the value"
    assert "No key" not in shown
    assert page.findChildren(ActionButton) == []
