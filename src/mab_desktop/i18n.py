"""Gettext catalogs in Kazakh, Russian and English.

English message ids stand in the code: `N_` marks a text where it is defined, `_` translates it where it is shown.
Parameters go in by name after translation: ``_("{n} students").format(n=3)``.
"""

from __future__ import annotations

import gettext
import io
import os
import re
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGS = ("kk", "ru", "en")
LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
LOCALE = Path(__file__).with_name("locale")
SOURCES = Path(__file__).resolve().parents[2] / "po"

_active = "kk"


def N_(message: str) -> str:
    """Mark `message` for the catalogs; translate it later with `_` or `translate`."""
    return message


def use(lang: str) -> None:
    """Make `lang` the language of `_` from now on; unknown languages raise ValueError."""
    global _active
    if lang not in LANGS:
        raise ValueError(lang)
    _active = lang


def active() -> str:
    """The language that `_` speaks now."""
    return _active


def _(message: str) -> str:
    """`message` in the active language."""
    return translate(_active, message)


def translate(lang: str, message: str) -> str:
    """`message` in `lang`; English, and whatever a catalog lacks, is the message id itself."""
    if lang == "en" or not message:
        return _Counting(message) if any(form.search(message) for form in (_COUNTED, _BARE, _PART, _THERE)) else message
    return _catalog(lang).gettext(message)


def fill(lang: str, text: str, params: Mapping[str, Any]) -> str:
    """A text of `lang` with its parameters; fractions get the comma that Kazakh and Russian write."""
    return _Counting(text).format(**params) if lang == "en" else _COMMA.vformat(text, (), params)


# Kazakh counts with the singular, Russian texts say "листов: 1"; English words follow their number.
_PLURALS = {
    plural: plural.removesuffix("s") for plural in (
        "acts", "applications", "bytes", "carriers", "cells", "changes", "characters", "cores", "corrections",
        "databases", "days", "decisions", "differences", "digits", "dots", "drives", "errors", "fields", "files",
        "findings", "folders", "halls", "images", "items", "languages", "letters", "lines", "lists", "marks",
        "members", "minutes", "numbers", "officers", "pages", "pairs", "pictures", "places", "points",
        "prints", "questions", "records", "rows", "seats", "seconds", "sheets", "shifts", "signs", "streaks",
        "students", "stubs", "subjects", "symbols", "tasks", "times", "values", "variants", "votes",
    )
} | {
    "copies": "copy", "passes": "pass", "people": "person", "specialties": "specialty", "tries": "try",
    "universities": "university",
}  # fmt: skip
_VERBS = {
    "are": "is", "were": "was", "have": "has", "do": "does", "lie": "lies", "wait": "waits", "fit": "fits",
    "get": "gets", "belong": "belongs", "stand": "stands", "hold": "holds", "go": "goes", "run": "runs",
}  # fmt: skip
_NO_NUMBER = r"(?:still|is|are|was|were|has|have)\b"  # what stands before these is a name: building 1 has halls
# {n} whole pages … : the number, its noun, and the rest of the clause with the verb.
_COUNTED = re.compile(
    rf"(?<![\w}}])\{{(\w+)\}} ((?:(?!{_NO_NUMBER})[a-z]+ ){{0,2}}?)({'|'.join(_PLURALS)})\b([^.;:,·{{]*)"
)
# {n} wait: at the beginning of a clause the number stands for its noun. {n} of {all} files have come: the verb is n's.
_BARE = re.compile(rf"(?:^|[.;:,·] )\{{(\w+)\}} (?:more )?({'|'.join(_VERBS)})\b")
_PART = re.compile(rf"(?<![\w}}])\{{(\w+)\}} of \{{\w+\}} (?:[a-z]+ ){{0,3}}?({'|'.join(_VERBS)})\b")
_THERE = re.compile(r"\bThere (are|were) \{(\w+)\}")
_ASIDE = re.compile(r"\b(of|with|for|in|on|to|from|by) $")  # such a number is not what the clause is about


class _Counting(str):
    """An English text with numbers in it: one student is, two students are."""

    __slots__ = ()

    def format(self, *args: object, **params: object) -> str:
        """Fill in; a noun and its verb are in the singular where their number is one."""

        def agree(found: re.Match[str]) -> str:
            name, between, noun, rest = found.groups()
            if str(params.get(name)) != "1":
                return found[0]
            if not _ASIDE.search(found.string[: found.start()]):
                rest = re.sub(rf"\b({'|'.join(_VERBS)})\b", lambda verb: _VERBS[verb[0]], rest)
            one = noun if between.startswith("of ") else _PLURALS[noun]  # one of these records
            return f"{{{name}}} {between}{one}{rest}"

        def verb(found: re.Match[str]) -> str:
            plural, name = (found[1], found[2]) if found[1] in _VERBS else (found[2], found[1])
            return found[0].replace(plural, _VERBS[plural]) if str(params.get(name)) == "1" else found[0]

        words = _COUNTED.sub(agree, str(self))
        for form in (_BARE, _PART, _THERE):
            words = form.sub(verb, words)
        return words.format(*args, **params)


class _Comma(Formatter):
    """Formats as `str.format` does, but with a decimal comma."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """One parameter."""
        words = str(super().format_field(value, format_spec))
        return words.replace(".", ",") if isinstance(value, float) else words


_COMMA = _Comma()


def compile_catalog(lang: str) -> bytes:
    """The compiled catalog made from `po/<lang>.po` of a source tree."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (SOURCES / f"{lang}.po").open("rb") as source:
        catalog = read_po(source, locale=lang)
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def compiled_path(lang: str) -> Path:
    """Where the compiled catalog lies; in a source tree it is made anew when the `.po` file is newer."""
    compiled, source = LOCALE / f"{lang}.mo", SOURCES / f"{lang}.po"
    if source.exists() and (not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime):
        LOCALE.mkdir(exist_ok=True)
        fresh = compiled.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
        fresh.write_bytes(compile_catalog(lang))
        fresh.replace(compiled)
    return compiled


@cache
def _catalog(lang: str) -> gettext.NullTranslations:
    try:
        path = compiled_path(lang)
    except OSError:  # the program lies where this person may not write
        return gettext.GNUTranslations(io.BytesIO(compile_catalog(lang)))
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as compiled:
        return gettext.GNUTranslations(compiled)
