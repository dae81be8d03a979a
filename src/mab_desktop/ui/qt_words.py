"""Qt's own words (edit menus, file dialogs, their questions) in the language of now, from our catalogs.

Qt's own Kazakh catalog comes with no version used here, and of the Russian one only these texts are met: so one catalog
holds them all, and the installed packages need no other file.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QCoreApplication,
    QFileInfo,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QTranslator,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFileSystemModel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from mab_desktop.i18n import N_, _, active
from mab_desktop.ui.formats import shown_size

# The texts of Qt that a person of these programs meets, without Qt's "&" marks: the translations have none.
_KNOWN = (
    N_("Undo"), N_("Redo"), N_("Cut"), N_("Copy"), N_("Paste"), N_("Delete"), N_("Select All"), N_("Open"), N_("Save"),
    N_("Cancel"), N_("Close"), N_("Print"), N_("OK"), N_("Yes"), N_("No"), N_("Look in:"), N_("Directory:"),
    N_("File name:"), N_("Files of type:"), N_("All Files (*)"), N_("Back"), N_("Forward"), N_("Parent Directory"),
    N_("Create New Folder"), N_("List View"), N_("Detail View"), N_("Name"), N_("Size"), N_("Type"),
    N_("Date Modified"),
    N_("Choose"), N_("Find Directory"), N_("Printer"), N_("Options"), N_("Properties"), N_("Copies"), N_("Print range"),
    N_("Print all"), N_("Pages from"), N_("to"), N_("Current Page"), N_("Output file:"), N_("Location:"),
    N_("Rename"), N_("New Folder"), N_("Remove"), N_("Show "), N_("Show hidden files"), N_("Folder"), N_("File"),
    N_("File Folder"), N_("%1 File"), N_("Files"), N_("Directories"), N_("Computer"), N_("My Computer"), N_("Unknown"),
    N_("Recent Places"), N_("Save As"), N_("Kind"), N_("Invalid filename"), N_("Sidebar"),
    N_("List of places and bookmarks"), N_("Go back"), N_("Go forward"), N_("Go to the parent directory"),
    N_("Create a New Folder"), N_("Change to list view mode"), N_("Change to detail view mode"),
    N_("%1 already exists.\nDo you want to replace it?"),
    N_("%1\nFile not found.\nPlease verify the correct file name was given."),
    N_("%1\nDirectory not found.\nPlease verify the correct directory name was given."),
    N_("'%1' is write protected.\nDo you want to delete it anyway?"), N_("Are you sure you want to delete '%1'?"),
    N_("Could not delete directory."),
    N_('<b>The name "%1" cannot be used.</b><p>Try using another name, with fewer characters or no punctuation marks.'),
    N_("Copy Link Location"), N_("Step up"), N_("Step down"), N_("Scroll here"), N_("Top"), N_("Bottom"), N_("Page up"),
    N_("Page down"), N_("Scroll up"), N_("Scroll down"), N_("Left edge"), N_("Right edge"), N_("Page left"),
    N_("Page right"), N_("Scroll left"), N_("Scroll right"),
)  # fmt: skip
_OTHERWISE = {"Drive": N_("Disk")}  # Qt means any disk, our word is a USB flash drive
_KEYS = "QShortcut"  # names of keys stay as they stand on the keyboard
_SIZE, _DATE = 1, 3  # columns of a file dialog
_LOCALES = {"kk": "kk_KZ", "ru": "ru_RU", "en": "en_GB"}


class _Translator(QTranslator):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._words = {plain: plain for plain in _KNOWN} | _OTHERWISE

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, *_more: object) -> str:
        plain = source.replace("&", "")
        if not context.startswith("Q") or context == _KEYS or active() == "en" or plain not in self._words:
            return source  # an empty answer would be taken for an empty translation
        return _(self._words[plain])


class _Facts(QStyledItemDelegate):
    """Size and date of a file in the language of the program: Qt writes them in that of the system."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        path = index.sibling(index.row(), 0).data(QFileSystemModel.Roles.FilePathRole)
        if path and option.text:  # type: ignore[attr-defined]
            file = QFileInfo(str(path))
            option.text = shown_size(file.size()) if index.column() == _SIZE else _date_words(file)  # type: ignore[attr-defined]


def _date_words(file: QFileInfo) -> str:
    return str(file.lastModified().toString("dd.MM.yyyy HH:mm"))


def _attend(_before: QWidget | None, now: QWidget | None) -> None:
    """A file dialog has come to the front: its columns of size and date get our delegate."""
    dialog = now.window() if now is not None else None
    if not isinstance(dialog, QFileDialog):
        return
    for tree in dialog.findChildren(QTreeView):
        if not isinstance(tree.itemDelegateForColumn(_SIZE), _Facts):
            for column in (_SIZE, _DATE):
                tree.setItemDelegateForColumn(column, _Facts(tree))


_installed: list[_Translator] = []


def speak() -> None:
    """Let Qt speak the language of `_`; call again after each change of language (widgets made before keep theirs)."""
    locale = QLocale(_LOCALES[active()])  # what kind a file is, in a file dialog, Qt says by it
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator)
    QLocale.setDefault(locale)
    app = QCoreApplication.instance()
    if app is not None and not _installed:
        made = _Translator(app)
        _installed.append(made)
        app.destroyed.connect(_installed.clear)
        app.installTranslator(made)
        if isinstance(app, QApplication):
            app.focusChanged.connect(_attend)
