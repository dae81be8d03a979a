"""The print log calls every document that the services print by words, never by the kind it is stored under."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

from mab_desktop import services
from mab_desktop.services.document_titles import document_title


def _kinds() -> set[str]:
    """Every kind that a service gives to `print_document`, as a word or as a name of its module."""
    found = set()
    for path in Path(services.__path__[0]).glob("*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        kinds = [call.args[1] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print_document"]
        for kind in kinds:
            if isinstance(kind, ast.Constant):
                found.add(str(kind.value))
            elif isinstance(kind, ast.Name) and kind.id.isupper():
                found.add(str(getattr(importlib.import_module(f"{services.__name__}.{path.stem}"), kind.id)))
    return found


def test_every_printed_document_has_words_in_the_print_log() -> None:
    kinds = _kinds()
    assert {"trial-pack", "duty-draw", "protocol"} <= kinds
    assert [kind for kind in sorted(kinds) if document_title(kind) == kind] == []
