"""The ledger: what each simulated person meant, counted by the regulation's rules, against what the product reached.

Nothing here uses the product's scoring code: the points are counted anew from the marks that were put on the paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Marks = Mapping[str, Mapping[str, Sequence[str]]]
SUBJECTS = 5


@dataclass(frozen=True)
class Points:
    """Points per subject in the order of sectors 6-10; None for a student who did not come or was removed."""

    before: tuple[int, ...] | None
    after: tuple[int, ...] | None


@dataclass(frozen=True)
class LedgerLine:
    """One student: the points by the truth and by the product."""

    code: str
    name: str
    shift: int
    hall: str
    note: str
    truth: Points
    product: Points

    @property
    def agrees(self) -> bool:
        """True where the product reached what the person meant."""
        return self.truth == self.product


def points_on_paper(marks: Marks, keys: Sequence[str]) -> tuple[int, ...]:
    """Points per subject for what stands on the paper (p.33: five options, exactly one right, one bubble).

    `keys` holds a text of option letters per subject.
    """
    points = []
    for subject in range(SUBJECTS):
        column = marks.get(f"subject{subject + 1}", {})
        right = 0
        for item, letter in enumerate(keys[subject]):
            right += list(column.get(str(item), ())) == [letter]
        points.append(right)
    return tuple(points)


def with_appeal(before: Sequence[int], granted: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Points after the appeal: one more for each item granted (p.43); `granted` are (subject, item) pairs."""
    points = list(before)
    for subject, _item in set(granted):
        points[subject] += 1
    return tuple(points)


def write_ledger(path: Path, seed: str, lines: Iterable[LedgerLine]) -> list[LedgerLine]:
    """Write the ledger as JSON, sorted by code; the lines that disagree."""
    ordered = sorted(lines, key=lambda line: line.code)
    wrong = [line for line in ordered if not line.agrees]
    content = {
        "seed": seed,
        "students": {line.code: _shown(line) for line in ordered},
        "differences": [line.code for line in wrong],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return wrong


def _shown(line: LedgerLine) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(line).items() if name not in {"code", "truth", "product"}}
    for side in ("truth", "product"):
        points: Points = getattr(line, side)
        shown[side] = {
            "before": points.before, "total_before": _total(points.before),
            "after": points.after, "total_after": _total(points.after),
        }  # fmt: skip
    return shown | {"agrees": line.agrees}


def _total(points: Sequence[int] | None) -> int | None:
    return None if points is None else sum(points)
