"""Points: one for each right item, none taken off; what the appeal adds stands apart (p.39, p.45).

The centre recomputes the points with a scorer of its own, written apart from this one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.reading import NOTHING, SEVERAL
from mab_desktop.i18n import N_

RIGHT, WRONG = "+", "–"


@dataclass(frozen=True, slots=True)
class Score:
    """Points of one student by subject: by the key, and what the appeal added."""

    before: tuple[int, ...]
    added: tuple[int, ...]

    @property
    def after(self) -> tuple[int, ...]:
        """Points by subject with the appeal."""
        return tuple(b + a for b, a in zip(self.before, self.added, strict=True))

    @property
    def total_before(self) -> int:
        """All points by the key."""
        return sum(self.before)

    @property
    def total_after(self) -> int:
        """All points with the appeal."""
        return sum(self.before) + sum(self.added)


def right_items(answers: str, key: str) -> str:
    """The card's fourth row: `+` where the answer is the key's option, `–` elsewhere; ValueError on unequal lengths."""
    return "".join(
        RIGHT if given == right and given not in (NOTHING, SEVERAL) else WRONG
        for given, right in zip(answers, key, strict=True)
    )


def score(
    answers: Sequence[str], keys: Sequence[str], given: Collection[tuple[int, int]] = (), points_per_item: int = 1
) -> Score:
    """The points of one sheet.

    `answers` and `keys` hold one text a subject. `given` are the items (subject from 1, item from 1) that the appeal
    commission satisfied; an item that is right already adds nothing.
    """
    rows = [right_items(a, k) for a, k in zip(answers, keys, strict=True)]
    before = tuple(row.count(RIGHT) * points_per_item for row in rows)
    added = [0] * len(rows)
    for subject, item in set(given):
        if rows[subject - 1][item - 1] == WRONG:
            added[subject - 1] += points_per_item
    return Score(before, tuple(added))


def key_of_sheet(letters: Mapping[tuple[str, str], str], variant: str, subjects: Sequence[str]) -> tuple[str, ...]:
    """The key for a sheet of `variant` whose sectors hold `subjects`; UserError when the key lacks one."""
    found = []
    for subject in subjects:
        if (variant, subject) not in letters:
            raise UserError(
                N_("The answer key has no variant {variant} for subject {subject}."),
                next_step=N_("Nothing was scored. Call the testing centre."), variant=variant, subject=subject,
            )  # fmt: skip
        found.append(letters[variant, subject])
    return tuple(found)
