"""Which halls are taken for the contingent, which stay in reserve (p.17): proposed, accepted, changed, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.hall_choice import Candidate, Proposal, propose
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_, translate
from mab_desktop.services import halls
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.halls import HALL_CHOICE, HallRow
from mab_desktop.services.settings import put_setting, reference_list, setting

_KEPT = 30  # earlier choices that can be taken back


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A hall in the choice: whether it is taken, what is proposed, for which languages, why it is warned about."""

    number: str
    building: str
    floor: int
    kind: str
    seats: int
    taken: bool
    proposed: bool
    languages: str
    warnings: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The halls and the proposal; `agrees` when just the proposed halls are taken, `undoable` how often undo works."""

    rows: tuple[ChoiceRow, ...]
    proposal: Proposal
    sentence: str
    undoable: int

    @property
    def agrees(self) -> bool:
        """Whether just the proposed halls are taken."""
        return all(row.taken == row.proposed for row in self.rows)


def choice(ctx: Context) -> Choice:
    """The halls as they are taken now, beside a proposal for the contingent and the shifts of now."""
    found = halls.halls(ctx)
    with ctx.store.read() as session:
        needs = halls.contingent(session, ctx.university)
        shifts, aside = halls.planned_shifts(session), halls.reserve(session)
        undoable = len(setting(session, HALL_CHOICE).get("before", ()))
        names = {code: line.name(ctx.lang) for code, line in reference_list(session, "study_language").items()}
    by_language: dict[str, int] = {}
    for need in needs:
        by_language[need.language] = by_language.get(need.language, 0) + need.students
    candidates = tuple(Candidate(row.number, row.seats, _is_last(row)) for row in found)
    proposal = _proposed(candidates, tuple(sorted(by_language.items())), shifts)
    rows = tuple(
        ChoiceRow(
            row.number, row.building, row.floor, row.kind, row.seats, row.number not in aside,
            row.number in proposal.taken, _languages(ctx.lang, proposal, row.number, names),
            " ".join(warning.message(ctx.lang) for warning in row.warnings),
        )
        for row in found
    )  # fmt: skip
    return Choice(rows, proposal, sentence(proposal, ctx.lang), undoable)


@lru_cache(maxsize=4)
def _proposed(halls_there: tuple[Candidate, ...], needs: tuple[tuple[str, int], ...], shifts: int) -> Proposal:
    """A page asks after every change; halls and needs change seldom."""
    return propose(halls_there, dict(needs), shifts)


def _is_last(row: HallRow) -> bool:
    """Halls over the profile's maximum, or with seats too near, are taken last."""
    return any(warning.field in ("seats", "distance") for warning in row.warnings)


def _languages(lang: str, proposal: Proposal, number: str, names: Mapping[str, str]) -> str:
    given = proposal.sittings.get(number, {})
    if len(given) == 1:
        return next(names.get(code, code) for code in given)
    words = translate(lang, N_("{language}: {n} shifts"))
    return ", ".join(words.format(language=names.get(code, code), n=n) for code, n in sorted(given.items()))


def sentence(proposal: Proposal, lang: str) -> str:
    """The proposal explained."""
    say = []
    if not proposal.students:
        return translate(lang, N_("There is no contingent yet, so nothing is proposed."))
    if not proposal.taken:
        return translate(lang, N_("No hall is entered, so nothing is proposed."))
    values = {
        "halls": len(proposal.taken), "seats": proposal.seats, "shifts": proposal.shifts,
        "students": proposal.students, "spare": proposal.spare, "missing": proposal.missing,
        "mixed": proposal.mixed, "warned": proposal.warned, "more": len(proposal.taken) - proposal.fewest,
    }  # fmt: skip
    if proposal.missing:
        say.append(N_("All {halls} halls are needed and {missing} students still have no seat."))
    else:
        say.append(N_("{halls} halls with {seats} seats hold {students} students in {shifts} shifts; "
                      "{spare} seats stay empty over all shifts."))  # fmt: skip
        if proposal.mixed:
            say.append(N_("Two languages share a hall {mixed} times: the seats leave no other way."))
        elif values["more"]:
            say.append(N_("Fewest would be {more} halls less, but then two languages would share a hall."))
        elif len({code for given in proposal.sittings.values() for code in given}) > 1:
            say.append(N_("Fewer halls would not do, and no hall holds two languages at once."))
        else:
            say.append(N_("Fewer halls would not do."))
    if proposal.warned:
        say.append(N_("Halls with a warning among them: {warned}; the others are too few."))
    return " ".join(translate(lang, words).format(**values) for words in say)


# -- changing ----------------------------------------------------------------------------------------------------------


def accept(ctx: Context) -> int:
    """Take the proposed halls and put the others in reserve; how many are taken."""
    found = choice(ctx)
    if not found.proposal.taken:
        raise UserError(N_("Nothing is proposed: enter halls, and receive the contingent."))
    _put(ctx, {row.number for row in found.rows if not row.proposed}, "proposal")
    return len(found.proposal.taken)


def take(ctx: Context, numbers: Iterable[str], *, taken: bool) -> None:
    """Take these halls, or put them in reserve."""
    wanted = set(numbers)
    with ctx.store.read() as session:
        aside = set(halls.reserve(session))
    _put(ctx, aside - wanted if taken else aside | wanted, "by hand")


def undo(ctx: Context) -> None:
    """Take the last choice back."""
    _may_choose(ctx)
    with ctx.store.write(ctx.actor) as tx:
        known = setting(tx.session, HALL_CHOICE)
        before = list(known.get("before", ()))
        if not before:
            raise UserError(N_("There is nothing to take back."))
        last = before.pop()
        put_setting(tx, HALL_CHOICE, {"reserve": last, "before": before})
        tx.note("hall-choice-changed", ctx.university, how="undone", reserve=last)


def _put(ctx: Context, aside: set[str], how: str) -> None:
    _may_choose(ctx)
    known = {row.number for row in halls.halls(ctx)}
    with ctx.store.write(ctx.actor) as tx:
        stored = setting(tx.session, HALL_CHOICE)
        old, new = sorted(stored.get("reserve", ())), sorted(aside & known)
        if old == new:
            return
        before = [*stored.get("before", ()), old][-_KEPT:]
        put_setting(tx, HALL_CHOICE, {"reserve": new, "before": before})
        tx.note("hall-choice-changed", ctx.university, how=how, reserve=new)


def _may_choose(ctx: Context) -> None:
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
