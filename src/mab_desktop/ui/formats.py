"""Numbers, dates and sizes as they are shown in the language of now."""

from __future__ import annotations

import re
from datetime import date, datetime

from mab_desktop.i18n import _, active

_THIN = "\u00a0"
_HYPHEN = re.compile("(?<=[0-9A-Za-zА-ЯӘІҢҒҮҰҚӨҺ])-(?=[а-яәіңғүұқөһ])")  # never the hyphen of a double name
_SPACE = re.compile(r"(?<=№) (?=\d)|(?<=\d) (?=[KMGКМГ][BБ]\b)")


def shown_number(number: float) -> str:
    """Thousands grouped: 4,870 in English, 4 870 with a no-break space in Kazakh and Russian."""
    grouped = f"{number:,}"
    return grouped if active() == "en" else grouped.replace(",", _THIN)


def shown_decimal(number: float, places: int = 1) -> str:
    """With a comma, as the papers write it, a point in English; a true minus sign."""
    words = f"{number:.{places}f}".replace("-", "−")
    return words if active() == "en" else words.replace(".", ",")


def shown_date(day: date | None) -> str:
    """DD.MM.YYYY, as the regulation's papers write it; "" when there is none."""
    return day.strftime("%d.%m.%Y") if day else ""


def shown_moment(moment: datetime | None) -> str:
    """DD.MM.YYYY HH:MM; "" when there is none."""
    return moment.strftime("%d.%m.%Y %H:%M") if moment else ""


def shown_paragraph(paragraph: str) -> str:
    """A paragraph of the regulation, "p.18", as each language writes it; other words stay."""
    return _("p.{n}").format(n=paragraph[2:]) if paragraph.startswith("p.") else paragraph


def held_together(words: str) -> str:
    """The words with what no line is broken at: an ending's hyphen (44-т., ЖОО-ға), № 1, 17 КБ."""
    return _SPACE.sub(_THIN, _HYPHEN.sub("\u2011", words))


def shown_size(size: int) -> str:
    """Bytes in words: 12 KB, 3.4 MB, 28 GB."""
    if size < 1024 * 1024:
        return _("{n} KB").format(n=shown_number(max(1, round(size / 1024))))
    if size < 1024**3:
        return _("{n} MB").format(n=shown_decimal(size / 1024**2))
    return _("{n} GB").format(n=shown_decimal(size / 1024**3))
