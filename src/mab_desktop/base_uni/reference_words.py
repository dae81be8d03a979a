"""Codes of reference lists in words, as the pages of the base university show them."""

from __future__ import annotations

from datetime import date, datetime

from mab_desktop.domain.fields import Kind
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import _
from mab_desktop.services.context import Context
from mab_desktop.services.settings import lists
from mab_desktop.ui.formats import shown_date, shown_moment

LISTS = ("university", "specialty", "direction", "study_language", "foreign_language", "subject", "citizenship",
         "nationality", "sex", "study_form", "payment")  # fmt: skip


class ReferenceWords:
    """The names of codes in the language of now; `read` before showing."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, str]] = {}

    def read(self, ctx: Context) -> None:
        """Read the lists."""
        found = lists(ctx, *LISTS)
        self._names = {name: {code: line.name(ctx.lang) for code, line in known.items()}
                       for name, known in found.items()}  # fmt: skip

    def name(self, list_name: str, code: str) -> str:
        """The name alone; the code where it is not known."""
        return self._names.get(list_name, {}).get(code) or code

    def coded(self, list_name: str, code: str) -> str:
        """Code and name."""
        name = self._names.get(list_name, {}).get(code, "")
        return f"{code} {name}" if name else code


    def value(self, field: str, text: str) -> str:
        """A value of the student form as a person reads it: days as DD.MM.YYYY, codes with their names."""
        if field not in STUDENT.names or not text:
            return text
        if STUDENT[field].choices:
            return self.coded(STUDENT[field].choices, text)
        if STUDENT[field].kind is Kind.DATE:
            try:
                return shown_date(date.fromisoformat(text))
            except ValueError:
                return text
        return text


def field_label(name: str) -> str:
    """A field of the student form in words."""
    return _(STUDENT[name].label) if name in STUDENT.names else name


def moment_words(text: str) -> str:
    """A stored moment, or day, as people read it; "" for none."""
    if len(text) == len("2011-03-16"):
        return day_words(text)
    return shown_moment(datetime.fromisoformat(text)) if text else ""


def day_words(text: str) -> str:
    """The day of a stored moment; "" for none."""
    return shown_date(datetime.fromisoformat(text).date()) if text else ""
