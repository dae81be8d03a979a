"""The catalogs: complete, not stale, with the same placeholders in every language."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from mab_desktop import i18n
from tests.architecture.test_borders import SOURCE

LANGS = ("kk", "ru")
PLACEHOLDER = re.compile(r"\{[a-z_]*[^}]*\}")


@cache
def messages() -> frozenset[str]:
    """Every text that the code marks for translation, inside an f-string too (Babel's own search passes over those)."""
    calls = (
        node
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_") and node.args
    )
    first = (call.args[0] for call in calls)
    return frozenset(text.value for text in first if isinstance(text, ast.Constant) and isinstance(text.value, str))


@cache
def catalog(lang: str) -> dict[str, str]:
    with (i18n.SOURCES / f"{lang}.po").open("rb") as source:
        return {str(entry.id): str(entry.string or "") for entry in read_po(source, locale=lang) if entry.id}


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_untranslated(lang: str) -> None:
    assert sorted(text for text in messages() if not catalog(lang).get(text)) == []


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_stale(lang: str) -> None:
    assert sorted(set(catalog(lang)) - messages()) == []


@pytest.mark.parametrize("lang", LANGS)
def test_placeholders_are_the_same(lang: str) -> None:
    wrong = {
        text: shown
        for text, shown in catalog(lang).items()
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(shown))
    }
    assert wrong == {}


def test_a_field_of_a_form_is_no_line_of_a_list_in_kazakh() -> None:
    """A field is «өріс»; «жол» is a line, and stands where the English says so."""
    fields, lines = re.compile(r"\bfields?\b", re.I), re.compile(r"\b(lines?|rows?)\b|-row", re.I)
    line = re.compile(r"\bжол(?!а|сыз)", re.I)
    wrong = [
        text for text, words in catalog("kk").items()
        if fields.search(text) and not lines.search(text) and line.search(words)
    ]  # fmt: skip
    assert wrong == []


def test_kazakh_is_kazakh_and_russian_is_russian() -> None:
    """A translation in the wrong column shows by its letters."""
    only_kazakh = set("ӘҒҚҢӨҰҮҺІәғқңөұүһі")
    russian = {text: shown for text, shown in catalog("ru").items() if only_kazakh & set(shown) and "«" not in shown}
    assert {text: shown for text, shown in russian.items() if not shown.startswith(tuple("ӘҒҚҢӨҰҮҺІ"))} == {}
    russian_words = catalog("ru")
    same = [text for text, shown in catalog("kk").items() if shown == russian_words.get(text) and shown.count(" ") > 2]
    assert same == []


def test_a_program_in_a_folder_that_takes_no_file_speaks_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(i18n, "LOCALE", tmp_path / "file" / "locale")
    assert i18n._catalog.__wrapped__("kk").gettext("Students") == i18n.translate("kk", "Students") != "Students"
