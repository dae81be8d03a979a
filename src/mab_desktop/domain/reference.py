"""The reference package (p.3, p.11): lists of codes and names; the default one lies beside this module."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

DATA = files("mab_desktop.domain") / "reference_data"


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """One line of a list: its code, its names, and what only this list has (`extra`)."""

    list: str
    code: str
    name_kk: str
    name_ru: str
    name_en: str
    extra: Mapping[str, Any]

    def name(self, lang: str) -> str:
        """The name in `lang`; Russian stands in where a list has no English."""
        return {"kk": self.name_kk, "ru": self.name_ru}.get(lang) or self.name_en or self.name_ru


Lines = Mapping[str, ReferenceLine]


def named(lines: Lines, code: str, lang: str) -> str:
    """The name of a code in `lang`, the code itself where the list lacks it."""
    return lines[code].name(lang) if code in lines else code


def coded(lines: Lines, code: str, lang: str) -> str:
    """Code and name, as papers show a specialty or a direction; the code alone where the list lacks it."""
    return f"{code} {lines[code].name(lang)}" if code in lines else code


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as source:
        yield from csv.DictReader(source)


def _line(list_name: str, code: str, row: Mapping[str, str], *extra: str) -> ReferenceLine:
    return ReferenceLine(
        list_name, row[code], row["name_kk"], row["name_ru"], row.get("name_en", ""), {key: row[key] for key in extra}
    )


@cache
def default_lines() -> tuple[ReferenceLine, ...]:
    """Every line of the default reference data; not official, for rehearsals and first use."""
    lines = [_line("university", "code", row, "city_kk", "city_ru") for row in _rows("universities.csv")]
    lines += [_line("specialty", "cipher", r, "code_2009", "direction", "mab_course") for r in _rows("specialties.csv")]
    lines += [_line("direction", "group", row) for row in _rows("directions.csv")]
    lines += [_line("nationality", "code3", row) for row in _rows("nationalities.csv")]
    lines += [_line("citizenship", "numeric3", row, "alpha3") for row in _rows("citizenship.csv")]
    lines += [_line("subject", "code", row) for row in _rows("subjects.csv")]
    lines += [_line(row["list"], "code", row) for row in _rows("enumerations.csv")]
    return tuple(lines)


@cache
def default_subjects() -> Mapping[str, tuple[str, ...]]:
    """Five subject codes per direction, in the order of sectors 6-10."""
    return {row["direction"]: tuple(row[f"sector{i}"] for i in range(6, 11)) for row in
            _rows("subjects_by_direction.csv")}  # fmt: skip


@cache
def default_profile() -> Mapping[str, Any]:
    """The default exam profile: what the regulation fixes and what we assume."""
    profile: Mapping[str, Any] = json.loads((DATA / "exam_profile_default.json").read_text(encoding="utf-8"))
    return profile
