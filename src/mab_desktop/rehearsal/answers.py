"""What a simulated person puts on the answer sheet, and what goes wrong on purpose.

Marks are `{field: {column: [values]}}` with the names of the sheet's geometry and columns as text, so that they stand
in JSON unchanged; a column with nothing on it holds an empty list. A scenario is a pure function: a sheet in, a
changed sheet out, with a word about it in `note`. The truth is what a careful human sees on the paper; where he would
be unsure (what p.38 leaves to people) it is `ambiguous` and names all that he may say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from numpy.random import Generator

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.rehearsal.chance import pick

Marks = dict[str, dict[str, list[str]]]
Place = tuple[str, str]
Plausible = tuple[tuple[str, ...], ...]
Scenario = Callable[[Generator, "SheetTruth"], "SheetTruth"]

OMITTED = 0.035
PRINTED = ("shift", "hall")
OPTIONS = ("A", "B", "C", "D", "E")


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something out of the ordinary at one bubble, drawn by `traces`: its kind, how much of it, what is beside it.

    `apart` says that the mark itself is drawn with the mishap, not among the usual ones.
    """

    kind: str
    field: str
    column: str
    value: str
    amount: float = 1.0
    beside: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class SheetTruth:
    """One sheet of paper: who filled it in, where he really sat, and what stands on it.

    `student`, `seat` and `variant` are the true ones (None on an unused sheet), `marks` what is on the paper. `faint`
    holds (field, column) whose mark is pale, `erased` (field, column, value) of marks rubbed out: no marks any more.
    `written` is the handwriting by cell row, `printed` the fields that the printer filled in, not the person.
    `mishaps` are what else happened at bubbles; `ambiguous` names for a (field, column) every reading that a careful
    human may defend, `marks` being one of them.
    """

    sheet: str
    student: str | None
    seat: str | None
    variant: str | None
    marks: Marks
    note: str = ""
    faint: frozenset[Place] = frozenset()
    erased: tuple[tuple[str, str, str], ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    printed: tuple[str, ...] = PRINTED
    options: tuple[str, ...] = OPTIONS
    mishaps: tuple[Mishap, ...] = ()
    ambiguous: Mapping[Place, Plausible] = field(default_factory=dict)

    @property
    def used(self) -> bool:
        """True when a person had this sheet before him."""
        return self.student is not None

    def plausible(self, place: Place) -> Plausible:
        """Every reading of a group that is right: one, unless the paper is ambiguous there."""
        return self.ambiguous.get(place) or (tuple(self.marks[place[0]][place[1]]),)

    def as_json(self) -> dict[str, Any]:
        """Plain data: the six keys of a truth file, and what it takes to draw the sheet again."""
        return {
            "sheet": self.sheet, "student": self.student, "seat": self.seat, "variant": self.variant,
            "marks": self.marks, "note": self.note, "faint": sorted(map(list, self.faint)),
            "erased": [list(mark) for mark in self.erased], "written": dict(self.written),
            "printed": list(self.printed), "options": list(self.options),
            "mishaps": [list(astuple(mishap)) for mishap in self.mishaps],
            "ambiguous": [[*place, [list(r) for r in readings]] for place, readings in sorted(self.ambiguous.items())],
        }  # fmt: skip


def truth_from(data: Mapping[str, Any]) -> SheetTruth:
    """The sheet that `as_json` wrote; the keys after `note` may be missing."""
    return SheetTruth(
        data["sheet"], data["student"], data["seat"], data["variant"],
        {name: {c: list(v) for c, v in columns.items()} for name, columns in data["marks"].items()},
        data.get("note", ""), frozenset((f, c) for f, c in data.get("faint", ())),
        tuple((f, c, v) for f, c, v in data.get("erased", ())), dict(data.get("written", {})),
        tuple(data.get("printed", PRINTED)), tuple(data.get("options", OPTIONS)),
        tuple(Mishap(*mishap) for mishap in data.get("mishaps", ())),
        {(f, c): tuple(tuple(r) for r in readings) for f, c, readings in data.get("ambiguous", ())},
    )  # fmt: skip


def draw_ability(rng: Generator) -> float:
    """How able a student is: 0 knows half of the items, 2 nearly all of them."""
    return float(rng.normal(0.6, 0.95))


def choose_answers(
    rng: Generator, key: Sequence[Sequence[str]], ability: float, options: Sequence[str] = OPTIONS
) -> Marks:
    """Marks for `subject1`…: right as often as the ability and the item's difficulty say, else a guess or nothing.

    `key` holds one sequence of option letters per subject. The rehearsal knows it; the person does not.
    """
    marks: Marks = {}
    for n, letters in enumerate(key):
        leaning = ability + float(rng.normal(0, 0.35))
        columns: dict[str, list[str]] = {}
        for item, right in enumerate(letters):
            knows = rng.random() < 1 / (1 + math.exp(float(rng.normal(0, 1.1)) - leaning))
            guess = options[int(rng.integers(len(options)))]
            omits = not knows and rng.random() < OMITTED
            columns[str(item)] = [] if omits else [right if knows else guess]
        marks[f"subject{n + 1}"] = columns
    return marks


def number_marks(number: str, digits: int) -> dict[str, list[str]]:
    """A digit per column, zeros leading; ValueError for what the columns cannot hold."""
    text = number.zfill(digits)
    if len(text) != digits or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{number!r} does not stand in {digits} columns")
    return {str(n): [digit] for n, digit in enumerate(text)}


def fill_in(
    rng: Generator, profile: ExamProfile, *, serial: str, code: str, seat: str, variant: str, shift: str, hall: str,
    language: str, foreign_language: str, key: Sequence[Sequence[str]], ability: float,
    written: Mapping[str, str] | None = None, printed: tuple[str, ...] = PRINTED,
) -> SheetTruth:  # fmt: skip
    """A sheet as a careful person fills it in.

    `language` and `foreign_language` are the bubbles' values ("1" is the first of the profile's list); any other value
    leaves the sector blank. `written` adds name, university and specialty to the digits in the cells.
    """
    numbers = {"code": code, "seat": seat, "variant": variant, "shift": shift, "hall": hall}
    digits = profile.digit_fields()
    marks: Marks = {name: number_marks(number, digits[name]) for name, number in numbers.items()}
    marks |= choose_answers(rng, key, ability, profile.options)
    for name, value, count in (("foreign_language", foreign_language, len(profile.foreign_languages)),
                               ("language", language, len(profile.test_languages))):  # fmt: skip
        marks[name] = {"0": [value] if value in {str(n + 1) for n in range(count)} else []}
    cells = {name: number.zfill(digits[name]) for name, number in numbers.items()}
    return SheetTruth(
        serial, code, seat, variant, marks, written=dict(written or {}) | cells, printed=printed,
        options=profile.options,
    )  # fmt: skip


def unused_sheet(
    profile: ExamProfile, serial: str, shift: str = "", hall: str = "", printed: tuple[str, ...] = PRINTED
) -> SheetTruth:
    """A spare sheet that nobody touched: nothing on it but what the printer put there."""
    marks: Marks = {name: {str(n): [] for n in range(count)} for name, count in profile.digit_fields().items()}
    for name in profile.subject_fields():
        marks[name] = {str(n): [] for n in range(profile.items)}
    marks |= {"foreign_language": {"0": []}, "language": {"0": []}}
    for name, number in (("shift", shift), ("hall", hall)):
        if name in printed and number:
            marks[name] = number_marks(number, profile.digit_fields()[name])
    return SheetTruth(serial, None, None, None, marks, note="unused-sheet", printed=printed, options=profile.options)


def draw_absent(rng: Generator, count: int, share: float = 0.03, at_least: int = 0) -> frozenset[int]:
    """Which of `count` students stay away: they have no sheet."""
    absent = max(at_least, int(rng.binomial(count, share)))
    return frozenset(int(n) for n in rng.choice(count, size=min(absent, count), replace=False))


# --- what goes wrong on one sheet --------------------------------------------------------------------------------


def wrong_code_digit(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """One digit of the code is another; the cells above show the right one as often as not."""
    return _wrong_digit(rng, truth, "code", "wrong-code-digit")


def transposed_code(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """Two neighbouring digits of the code change places; falls back to one wrong digit when all are alike."""
    columns = truth.marks["code"]
    pairs = [n for n in range(len(columns) - 1) if columns[str(n)] != columns[str(n + 1)]]
    if not pairs:
        return wrong_code_digit(rng, truth)
    at = pairs[int(rng.integers(len(pairs)))]
    turned = dict(columns) | {str(at): columns[str(at + 1)], str(at + 1): columns[str(at)]}
    return _rewritten(truth, "code", turned, "transposed-code", write=bool(rng.random() < 0.5))


def wrong_seat(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """The neighbour's seat instead of one's own."""
    seat = int(truth.seat or "1")
    last = seat + 1 == 10 ** len(truth.marks["seat"])
    other = seat - 1 if last or (seat > 1 and rng.random() < 0.5) else seat + 1
    columns = number_marks(str(other), len(truth.marks["seat"]))
    return _rewritten(truth, "seat", columns, "wrong-seat", write=True)


def wrong_variant(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """One digit of the variant is another."""
    return _wrong_digit(rng, truth, "variant", "wrong-variant", only_last=True)


def double_code_digit(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """Two bubbles filled in one column of the code."""
    column = str(int(rng.integers(len(truth.marks["code"]))))
    both = sorted({*truth.marks["code"][column], _other(rng, "0123456789", truth.marks["code"][column])})
    return _with(truth, "double-code-digit", {("code", column): both})


def blank_code_column(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """A column of the code with no bubble filled; the digit stands in the cell."""
    column = str(int(rng.integers(len(truth.marks["code"]))))
    return _with(truth, "blank-code-column", {("code", column): []})


def blank_seat(_rng: Generator, truth: SheetTruth) -> SheetTruth:
    """The seat is written in the cells, no bubble of it is filled."""
    return _with(truth, "blank-seat", {("seat", column): [] for column in truth.marks["seat"]})


def double_marks(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """Two bubbles filled in one to three items."""
    changes = {
        (name, column): sorted({*truth.marks[name][column], _other(rng, truth.options, truth.marks[name][column])})
        for name, column in _draw_answers(rng, truth, 1, 3)
    }
    return _with(truth, "double-marks", changes)


def faint_marks(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """Two to six answers marked pale: still marks, for a human to see."""
    return replace(truth, note=_note(truth, "faint-marks"), faint=truth.faint | set(_draw_answers(rng, truth, 2, 6)))


def blank_answers(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """Three to twelve items left out."""
    return _with(truth, "blank-answers", {place: [] for place in _draw_answers(rng, truth, 3, 12)})


def nothing_answered(_rng: Generator, truth: SheetTruth) -> SheetTruth:
    """The head of the sheet is filled in, not one answer is."""
    answers = {(n, c): list[str]() for n in truth.marks if n.startswith("subject") for c in truth.marks[n]}
    return _with(truth, "nothing-answered", answers)


def erased_and_remarked(rng: Generator, truth: SheetTruth) -> SheetTruth:
    """One to four answers rubbed out and marked anew: a shadow stays where the first mark was."""
    gone = tuple(
        (name, column, _other(rng, truth.options, truth.marks[name][column]))
        for name, column in _draw_answers(rng, truth, 1, 4)
    )
    return replace(truth, note=_note(truth, "erased-and-remarked"), erased=(*truth.erased, *gone))


SCENARIOS: dict[str, Scenario] = {
    "wrong-code-digit": wrong_code_digit,
    "transposed-code": transposed_code,
    "wrong-seat": wrong_seat,
    "wrong-variant": wrong_variant,
    "double-code-digit": double_code_digit,
    "blank-code-column": blank_code_column,
    "blank-seat": blank_seat,
    "double-marks": double_marks,
    "faint-marks": faint_marks,
    "blank-answers": blank_answers,
    "nothing-answered": nothing_answered,
    "erased-and-remarked": erased_and_remarked,
}
# How often each comes after every one has come once: slips with answers are common, with numbers rare.
COMMON = {name: 6.0 if name in ("double-marks", "blank-answers", "erased-and-remarked", "faint-marks") else 1.0
          for name in SCENARIOS}  # fmt: skip


def swap_sheets(
    first: SheetTruth, second: SheetTruth, fields: Iterable[str] = ("code",)
) -> tuple[SheetTruth, SheetTruth]:
    """Two students fill in each other's sheets: each writes and marks the other's `fields` over his own answers.

    With `code` each sheet lies at a seat whose code it does not carry; with `seat` the other way round.
    """
    note = "swapped-" + "-".join(fields)

    def take(mine: SheetTruth, other: SheetTruth) -> SheetTruth:
        marks = mine.marks | {name: other.marks[name] for name in fields}
        written = dict(mine.written) | {name: other.written[name] for name in fields if name in other.written}
        return replace(mine, marks=marks, written=written, note=_note(mine, note))

    return take(first, second), take(second, first)


def spoil(
    rng: Generator, truths: Sequence[SheetTruth], share: float = 0.12, *, each_once: bool = True, pairs: int = 2,
    only: Sequence[str] = tuple(SCENARIOS),
) -> list[SheetTruth]:  # fmt: skip
    """The sheets in the same order, about `share` of them with one scenario each, and `pairs` swapped (code, seat).

    With `each_once` every scenario of `only` comes at least once as long as there are sheets enough.
    """
    done = list(truths)
    order = [int(n) for n in rng.permutation([n for n, truth in enumerate(truths) if truth.used])]
    for pair in range(min(pairs, len(order) // 2)):
        a, b = order.pop(), order.pop()
        done[a], done[b] = swap_sheets(done[a], done[b], (("code",), ("seat",))[pair % 2])
    wanted = list(only) if each_once else []
    while len(wanted) < share * len(truths):
        wanted.append(pick(rng, {name: COMMON[name] for name in only}))
    for at, name in zip(order, wanted, strict=False):
        done[at] = SCENARIOS[name](rng, done[at])
    return done


def _note(truth: SheetTruth, word: str) -> str:
    return f"{truth.note}, {word}" if truth.note else word


def _with(truth: SheetTruth, word: str, changes: Mapping[Place, list[str]]) -> SheetTruth:
    marks = {name: dict(columns) for name, columns in truth.marks.items()}
    for (name, column), values in changes.items():
        marks[name][column] = values
    faint = frozenset(place for place in truth.faint if marks[place[0]][place[1]])
    return replace(truth, marks=marks, note=_note(truth, word), faint=faint)


def _rewritten(truth: SheetTruth, name: str, columns: dict[str, list[str]], word: str, *, write: bool) -> SheetTruth:
    changed = _with(truth, word, {(name, column): values for column, values in columns.items()})
    if not write:
        return changed
    digits = "".join(values[0] if values else " " for values in columns.values())
    return replace(changed, written=dict(changed.written) | {name: digits})


def _wrong_digit(rng: Generator, truth: SheetTruth, name: str, word: str, *, only_last: bool = False) -> SheetTruth:
    columns = truth.marks[name]
    column = str(len(columns) - 1 if only_last else int(rng.integers(len(columns))))
    changed = dict(columns) | {column: [_other(rng, "0123456789", columns[column])]}
    return _rewritten(truth, name, changed, word, write=bool(rng.random() < 0.5))


def _other(rng: Generator, values: Sequence[str], taken: Sequence[str]) -> str:
    free = [value for value in values if value not in taken]
    return free[int(rng.integers(len(free)))]


def _draw_answers(rng: Generator, truth: SheetTruth, low: int, high: int) -> list[Place]:
    """Some answers that are marked, in the sheet's order."""
    marked = [(n, c) for n, columns in truth.marks.items() if n.startswith("subject") for c in columns if columns[c]]
    count = min(len(marked), int(rng.integers(low, high + 1)))
    if not count:
        return []
    return [marked[at] for at in sorted(int(n) for n in rng.choice(len(marked), size=count, replace=False))]
