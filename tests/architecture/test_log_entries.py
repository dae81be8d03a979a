"""Nothing changes without a log entry: every service that opens a transaction for writing notes what it did.

The store itself takes back a change without an entry (tests/storage/test_store.py); this looks at the code, so that a
path that no test walks is seen too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mab_desktop.domain.events import EVENTS
from mab_desktop.services.detail_words import DETAIL_WORDS
from mab_desktop.services.event_words import EVENT_WORDS

SOURCE = Path(__file__).parents[2] / "src" / "mab_desktop"
SERVICES = sorted((SOURCE / "services").glob("*.py"))
# What a person is still typing is no act yet.
UNNOTED = {("drafts.py", "save_draft")}
OWN_ENGINE = {"workplace.py", "backups.py", "restore.py", "centre_server.py"}

WORDS = {"events.py", "log_view.py", "event_words.py"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def functions(path: Path) -> Iterator[Function]:
    for node in tree(path):
        if isinstance(node, Function):
            yield node


def name_of(node: ast.expr) -> str:
    """The last name of `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_write(item: ast.withitem) -> bool:
    """`....write(actor) as tx`: a transaction of the store, not a file."""
    call = item.context_expr
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "write"
        and name_of(call.func.value) in ("store", "_store")
    )


def writes(function: Function) -> Iterator[ast.With]:
    for node in ast.walk(function):
        if isinstance(node, ast.With) and any(is_write(item) for item in node.items):
            yield node


def called(node: ast.AST) -> Iterator[str]:
    """Names of functions that are handed a transaction, and `note` where it is called on one."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            name = name_of(call.func)
            if name == "note" or "tx" in map(name_of, call.args):
                yield name


def noting() -> set[str]:
    """Functions that note an event, themselves or through another that they hand their transaction."""
    calls: dict[str, set[str]] = {}
    for path in SERVICES:
        for function in functions(path):
            calls.setdefault(function.name, set()).update(called(function))
    found = {"note"}
    while more := {name for name, uses in calls.items() if name not in found and uses & found}:
        found |= more
    return found


def test_every_transaction_of_a_service_notes_an_event() -> None:
    known, count = noting(), 0
    for path in SERVICES:
        for function in functions(path):
            for block in writes(function):
                count += 1
                if (path.name, function.name) not in UNNOTED:
                    assert known & set(called(block)), f"{path.name}:{block.lineno} {function.name} notes nothing"
    assert count > 60


def test_only_migrations_and_copies_reach_the_engine() -> None:
    for path in SERVICES:
        for node in tree(path):
            if isinstance(node, ast.Attribute) and node.attr == "engine":
                assert path.name in OWN_ENGINE, f"{path.name}:{node.lineno}"


def test_an_event_is_noted_somewhere_and_every_noted_one_is_known() -> None:
    text = "".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py") if path.name not in WORDS)
    assert {event for event in EVENTS if f'"{event}"' not in text} == set()
    assert EVENT_WORDS.keys() == EVENTS.keys()  # each has words for the page of the log


def test_each_detail_of_an_entry_has_a_name_on_the_page_of_the_log() -> None:
    noted = {
        keyword.arg
        for path in SOURCE.rglob("*.py")
        for node in tree(path)
        if isinstance(node, ast.Call) and name_of(node.func) == "note" and len(node.args) > 1
        for keyword in node.keywords
        if keyword.arg
    }
    assert {"printer", "scan_pass", "sha256"} <= noted
    assert noted - DETAIL_WORDS.keys() == set()
