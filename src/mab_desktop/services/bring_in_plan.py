"""A table of students from elsewhere, looked at before anything is brought in: what each row would do, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.table_columns import Matching
from mab_desktop.domain.table_values import Translated, Translator
from mab_desktop.i18n import N_
from mab_desktop.services.bring_in_rows import CODED, Choice, Here, Judge, Line, State, clashes
from mab_desktop.services.bring_in_sheet import Sheet
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.settings import reference_list
from mab_desktop.services.students import rules

_STEP = 500


@dataclass(frozen=True)
class Plan:
    """What a table would do to the records here, as they stood at the log entry `head`."""

    sheet: Sheet
    matching: Matching
    lines: tuple[Line, ...]
    head: tuple[int, str]

    def states(self, choice: Choice) -> Sequence[State]:
        """The state of every row. The last answer is kept: one row more or less that is left out asks that row only."""
        return self._answer(choice)[1]

    def _answer(self, choice: Choice) -> tuple[Choice, list[State], Counter[State]]:
        known = self._answered.get("last")
        if known is not None and known[0] == choice:
            return known
        if known is None or known[0].partial != choice.partial:
            states = [line.state(choice) for line in self.lines]
        else:
            states = list(known[1])
            for number in differing(known[0], choice):
                states[self.places[number]] = self.lines[self.places[number]].state(choice)
        found = self._answered["last"] = (choice, states, Counter(states))
        return found

    @cached_property
    def places(self) -> dict[int, int]:
        """Number of a row in the file → its place among `lines`."""
        return {line.number: place for place, line in enumerate(self.lines)}

    @cached_property
    def _answered(self) -> dict[str, tuple[Choice, list[State], Counter[State]]]:
        return {}

    def counts(self, choice: Choice) -> Counter[State]:
        """How many rows have each state; together they are all rows of the table."""
        return self._answer(choice)[2]

    def taken(self, choice: Choice) -> list[Line]:
        """The rows that would be written."""
        return self._of(choice, State.NEW, State.CHANGED)

    def held_up(self, choice: Choice) -> list[Line]:
        """The rows that wait for a correction or a decision."""
        return self._of(choice, State.ERROR, State.DUPLICATE)

    def _of(self, choice: Choice, *wanted: State) -> list[Line]:
        return [line for line, state in zip(self.lines, self.states(choice), strict=True) if state in wanted]

    @cached_property
    def verdict(self) -> int:
        """A number that two plans share when they would do the same."""
        return hash(tuple((line.kind, line.student, line.problems, line.missing, line.twin, line.changes)
                          for line in self.lines))  # fmt: skip


def differing(one: Choice, other: Choice) -> frozenset[int]:
    """The rows about which two choices say something else of the row itself."""
    return (one.left_out ^ other.left_out) | (one.other_people ^ other.other_people)


def translator(ctx: Context, session: Session, matching: Matching) -> Translator:
    """The reader of cells, with the lists of this workplace."""
    lists = {choices: reference_list(session, choices) for _name, choices in CODED}
    return Translator(lists, matching, rules(session, ctx).taught)


def unknown_values(ctx: Context, sheet: Sheet, matching: Matching) -> dict[tuple[str, str], int]:
    """Texts of list fields that are no code and no name, and how often each stands."""
    with ctx.store.read() as session:
        reader = translator(ctx, session, matching)
    return reader.unknown(row.cells for row in sheet.rows)


def look(ctx: Context, sheet: Sheet, matching: Matching, progress: Progress = Silent()) -> Plan:
    """Say for every row what would become of it. Nothing is changed."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.OPERATOR)
    if not matching.columns:
        said = N_("No column of the table is matched to a field.")
        raise UserError(said, next_step=N_("Choose what the columns are."))
    progress.stage(N_("Checking the rows"), len(sheet.rows))
    head = ctx.store.log_head()
    with ctx.store.read() as session:
        return look_in(ctx, session, sheet, matching, head, progress)


def look_in(
    ctx: Context, session: Session, sheet: Sheet, matching: Matching, head: tuple[int, str], progress: Progress
) -> Plan:
    """`look` within a session that is open already."""
    reader = translator(ctx, session, matching)
    read: list[Translated] = []
    for n, row in enumerate(sheet.rows):
        read.append(reader.row(row.cells))
        if n % _STEP == _STEP - 1:
            progress.step(_STEP)
    judge = Judge(ctx, rules(session, ctx), Here.of(ctx, session), clashes(sheet.rows, read))
    lines = []
    for n, (row, found) in enumerate(zip(sheet.rows, read, strict=True)):
        lines.append(judge.line(row, found))
        if n % _STEP == _STEP - 1:
            progress.step(0)
    return Plan(sheet, matching, tuple(lines), head)
