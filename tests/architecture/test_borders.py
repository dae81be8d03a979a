"""The house rules as tests: layers, no literals on screens, one clock, small files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "mab_desktop"
FILES = sorted(SOURCE.rglob("*.py"))
PRODUCT = [path for path in FILES if "migrations" not in path.parts]
SHOWN = {"setText", "setWindowTitle", "setToolTip", "setPlaceholderText", "setTitle", "addTab", "setStatusTip"}
WIDGETS = {"QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "QToolButton", "QMessageBox"}


def trees(paths: list[Path]) -> Iterator[tuple[Path, ast.AST]]:
    for path in paths:
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def literal(node: ast.Call) -> str:
    """The first argument when it is a text with letters, written out or as an f-string."""
    if not node.args:
        return ""
    parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
    text = "".join(p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))
    return text if any(c.isalpha() for c in text) else ""


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_no_literal_text_on_screens() -> None:
    found = [
        f"{path}:{node.lineno} {literal(node)!r}"
        for path, tree in trees(PRODUCT)
        for node in ast.walk(tree)
        if called(node) in SHOWN | WIDGETS and isinstance(node, ast.Call) and literal(node)
    ]
    assert found == []


def test_no_f_string_is_translated() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees(PRODUCT)
        for node in ast.walk(tree)
        if called(node) in {"_", "N_", "translate"} and isinstance(node, ast.Call)
        if any(isinstance(argument, ast.JoinedStr) for argument in node.args)
    ]
    assert found == []


def test_only_the_clock_asks_for_the_time() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees([p for p in PRODUCT if p.name != "clock.py"])
        for node in ast.walk(tree)
        if called(node) in {"now", "today", "utcnow"}
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", getattr(node.func.value, "attr", "")) in {"datetime", "date"}
    ]
    assert found == []


def test_no_moment_is_spelled_in_words_of_the_system() -> None:
    """Qt sets the system's locale: %p is "AM" before that, and "" afterwards in Russian and Kazakh."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees(PRODUCT)
        for node in ast.walk(tree)
        if called(node) in ("strftime", "strptime") and re.search(r"%[aAbBcpxX]", ast.unparse(node))
    ]
    assert found == []


def test_no_archive_is_unpacked_blindly_and_nothing_is_shuffled_by_random() -> None:
    found = [
        f"{path}:{node.lineno} {called(node)}"
        for path, tree in trees(PRODUCT)
        for node in ast.walk(tree)
        if called(node) in {"extractall", "unpack_archive", "shuffle"} and "rehearsal" not in path.parts
    ]
    assert found == []


@pytest.mark.parametrize("path", PRODUCT, ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_are_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 600
    assert ast.get_docstring(ast.parse(text)), "a module begins with one line that says what it is"


def test_no_module_of_leftovers() -> None:
    names = {path.stem for path in PRODUCT}
    assert names.isdisjoint({"utils", "helpers", "common", "manager", "base", "misc"})
