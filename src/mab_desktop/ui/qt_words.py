"""Qt's own words (edit menus, file and print dialogs) in the language of now, from our catalogs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, QTranslator

from mab_desktop.i18n import N_, _, active

# The texts of Qt that a person of these programs meets; Qt's "&" marks are put on the translation's first letter.
_KNOWN = (
    N_("Undo"), N_("Redo"), N_("Cut"), N_("Copy"), N_("Paste"), N_("Delete"), N_("Select All"), N_("Open"), N_("Save"),
    N_("Cancel"), N_("Close"), N_("Print"), N_("OK"), N_("Yes"), N_("No"), N_("Look in:"), N_("Directory:"),
    N_("File name:"), N_("Files of type:"), N_("All Files (*)"), N_("Back"), N_("Forward"), N_("Parent Directory"),
    N_("Create New Folder"), N_("List View"), N_("Detail View"), N_("Name"), N_("Size"), N_("Type"),
    N_("Date Modified"),
    N_("Choose"), N_("Find Directory"), N_("Printer"), N_("Options"), N_("Properties"), N_("Copies"), N_("Print range"),
    N_("Print all"), N_("Pages from"), N_("to"), N_("Current Page"), N_("Output file:"), N_("Location:"),
)  # fmt: skip


class _Translator(QTranslator):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._words = {plain: plain for plain in _KNOWN}

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, *_more: object) -> str:
        plain = source.replace("&", "")
        if not context.startswith("Q") or active() == "en" or plain not in self._words:
            return source  # an empty answer would be taken for an empty translation
        return _(plain)


_installed: list[_Translator] = []


def speak() -> None:
    """Let Qt speak the language of `_`; call again after each change of language (widgets made before keep theirs)."""
    app = QCoreApplication.instance()
    if app is not None and not _installed:
        made = _Translator(app)
        _installed.append(made)
        app.destroyed.connect(_installed.clear)
        app.installTranslator(made)
