"""What is pasted into a record form: a row of a table goes into the fields in their order, a value loses what is no
part of it."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtWidgets import QLineEdit, QWidget

from mab_desktop.domain.fields import Kind
from mab_desktop.domain.table_values import read_date
from mab_desktop.ui.record_fields import CodeEditor, FlagEditor


def cells(text: str) -> list[str]:
    """The cells of the first row of a pasted text that is not empty."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return [" ".join(cell.split()) for cell in line.split("\t")]


def takes_whole(line: QWidget) -> bool:
    """Whether a pasted text becomes the whole value, and no part of what stands there."""
    return isinstance(line, QLineEdit) and not line.isReadOnly() and line.selectedText() == line.text()


def put_in(editor: Any, text: str) -> bool:
    """Put `text` into a field as if it were typed; True when the field itself tells that it was edited.

    A date may be written in any way, a code stand before its name or be found by it, a number have a № before it.
    """
    if isinstance(editor, FlagEditor):
        editor.set_value(text)
        return False
    if isinstance(editor, CodeEditor):
        first, found = text.split(" ", 1)[0], editor.matches(text)
        editor.set_value(first if first in editor.names else found[0][0] if len(found) == 1 else text)
        return False
    if editor.field.kind is Kind.DATE and (day := read_date(text)):
        text = f"{day:%d%m%Y}"
    editor.selectAll()
    editor.insert(text if editor.field.kind is Kind.NAME else re.sub(r"^№\s*", "", text))
    return True
