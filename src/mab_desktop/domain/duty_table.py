"""Which column of a table from elsewhere tells what of a duty officer, by its heading in three languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mab_desktop.domain.table_columns import normal

_ALIASES: Mapping[str, str] = {
    "full_name": "таә|т а ә|аты жөні|толық аты жөні|тегі аты әкесінің аты|тегі аты|кезекші|фио|ф и о|"
                 "фамилия имя отчество|дежурный|full name|name|duty officer",
    "post": "қызметі|қызметі кафедрасы|лауазымы|кафедра|кафедрасы|бөлім|должность|должность кафедра|подразделение|"
            "post|post department|department|position",
    "phone": "телефон|телефоны|байланыс телефоны|номер телефона|тел|telephone|phone|mobile",
    "place": "аудитория|аудиториясы|аудитория дәліз|аудитория немесе дәліз|дәліз|орны|аудитория коридор|"
             "аудитория или коридор|коридор|место|hall|hall or corridor|hall corridor|corridor|place|room",
    "shift": "лек|легі|ауысым|поток|смена|shift",
    "file_received": "жеке іс|жеке ісі|жеке іс қағазы|личное дело|дело|personal file|personal file received|file",
    "trained": "оқытылды|оқытылған|оқу|обучен|обучена|обучение|trained|training",
}  # fmt: skip
_YES = frozenset(map(normal, ("иә", "бар", "да", "есть", "yes", "true", "x", "х", "v", "1", "+", "✓")))
_PLAIN = re.compile(r"[0-9]{1,2}")


def columns_by_heading(heads: Sequence[str]) -> dict[str, int]:
    """Field -> number of its column; each column serves one field, the first that bears its name."""
    known = {normal(alias): name for name, aliases in _ALIASES.items() for alias in aliases.split("|")}
    found: dict[str, int] = {}
    for number, head in enumerate(heads):
        name = known.get(normal(head))
        if name is not None:
            found.setdefault(name, number)
    return found


def yes(cell: str) -> bool:
    """True for a cell that says yes in any of three languages, with a tick or a cross."""
    return cell.strip() in ("+", "✓") or normal(cell) in _YES


def shifts_of(cell: str) -> tuple[int | None, ...] | None:
    """The shifts of a cell («1, 3»); empty is every shift (None); None when it is no number."""
    if not cell.strip():
        return (None,)
    parts = re.split(r"[\s,;]+", cell.strip())
    return tuple(map(int, parts)) if all(map(_PLAIN.fullmatch, parts)) else None
