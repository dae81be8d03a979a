"""The centre's board: every step of the season with every base university, what came, what went out, what is next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.calendar import DUTIES
from mab_desktop.domain.organisation import Role, organisation_id
from mab_desktop.domain.statistics import FINAL, PRELIMINARY_1, PRELIMINARY_2
from mab_desktop.i18n import N_
from mab_desktop.services import sent_incomplete
from mab_desktop.services.carriers import BUILT
from mab_desktop.services.centre_corrections import lines_of, outdated_in
from mab_desktop.services.centre_secrets import SEATING
from mab_desktop.services.context import Context, require
from mab_desktop.services.settings import reference_list, ties
from mab_desktop.storage.tables.base_university import StatisticsRow
from mab_desktop.storage.tables.centre import (
    AllotmentRun,
    DailyFigure,
    FinalScore,
    KeyEnvelope,
    PasswordGiven,
    ReceivedFund,
    Recount,
    SeatingSeed,
    VariantHall,
)
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut
from mab_desktop.storage.tables.halls import Contingent


class State(StrEnum):
    """How a step stands."""

    DONE = "done"
    PART = "part"
    LATE = "late"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Step:
    """A step with a base university: `title` and `short` are message ids, `at` when it was done ("" for not yet).

    `done` of `of` counts what comes in parts (0 of 0 for what does not). `command` is what to type next.
    """

    key: str
    title: str
    short: str
    state: State
    at: str
    done: int
    of: int
    last_day: date | None
    command: str


@dataclass(frozen=True)
class Board:
    """The steps with a base university, in order; `name` as the lists have it.

    `incomplete`: files that came although something lacks, by kind: what lacks and the sender's reason, in words.
    """

    base: str
    name: str
    steps: tuple[Step, ...]
    incomplete: Mapping[str, str]

    @property
    def next(self) -> Step | None:
        """The first step that is not done; None when all are."""
        return next((step for step in self.steps if step.state is not State.DONE), None)


_TITLES: Mapping[str, tuple[str, str]] = {
    "reference": (N_("Reference package sent"), N_("Ref.")),
    "contingent": (N_("Contingent entered and sent"), N_("Cont.")),
    "hall-fund": (N_("Hall fund came"), N_("Fund")),
    PRELIMINARY_1: (N_("Statistics of 16 March came"), N_("16.03")),
    PRELIMINARY_2: (N_("Statistics of 1 April came"), N_("01.04")),
    FINAL: (N_("Final statistics came"), N_("Stat.")),
    "base-students": (N_("Student database came"), N_("Stud.")),
    "allotment": (N_("Students allotted"), N_("Allot.")),
    "final-students": (N_("Final database sent to both"), N_("Final db")),
    "wrong-data": (N_("Lists of wrong data put right"), N_("Errors")),
    "variants": (N_("Variants and sealed seatings sent"), N_("Var.")),
    "password": (N_("Seating passwords told"), N_("Told")),
    "key": (N_("Answer keys released and sent"), N_("Keys")),
    "daily": (N_("Daily statistics came"), N_("Daily")),
    "final-data": (N_("Final data came"), N_("F. data")),
    "recount": (N_("Counted again without differences"), N_("Recount")),
}
_DUTY = {"hall-fund": "hall-funds", PRELIMINARY_1: "statistics-1", PRELIMINARY_2: "statistics-2",
         "base-students": "students", "wrong-data": "wrong-data"}  # fmt: skip


@dataclass(frozen=True)
class _Facts:
    """Everything that the database knows, by base university or organisation; read once for all."""

    sent: Mapping[tuple[str, str], str]
    came: Mapping[tuple[str, str], str]
    contingent: Mapping[str, int]
    funds: Mapping[tuple[str, str], str]
    files: Mapping[tuple[str, str], str]
    stages: Mapping[tuple[str, str], int]
    allotted: Mapping[str, str]
    wrong: Mapping[str, tuple[int, int, int]]
    outdated: frozenset[str]
    shifts: Mapping[str, int]
    laid: Mapping[str, int]
    told: Mapping[str, int]
    released: Mapping[str, int]
    keys_at: Mapping[str, str]
    daily: Mapping[str, int]
    final: Mapping[str, int]
    recounts: Mapping[str, tuple[str, int]]


def boards(ctx: Context, base: str = "") -> list[Board]:
    """The board of every base university, or of one."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        names, season = reference_list(session, "university"), ties(session)
        facts = _facts(session)
        days = {duty.key: duty.last_day(ctx.season.year) for duty in DUTIES[Role.NTC] if not duty.by_shift}
        today = ctx.clock.now().date()
        return [
            Board(code, names[code].name(ctx.lang) if code in names else code,
                  tuple(_steps(code, len(networks), facts, days, today)), _incomplete(ctx, session, facts, code))
            for code, networks in sorted(season.items()) if base in ("", code)
        ]  # fmt: skip


def _incomplete(ctx: Context, session: Session, facts: _Facts, base: str) -> dict[str, str]:
    said = {kind: sent_incomplete.told(session, digest) for (of, kind), digest in facts.files.items() if of == base}
    return {kind: sent_incomplete.words(why, ctx.lang) for kind, why in said.items() if why}


def _steps(base: str, networks: int, facts: _Facts, days: Mapping[str, date | None], today: date) -> list[Step]:
    bu, mp = organisation_id(Role.BASE_UNI, base), organisation_id(Role.MINISTRY_PROGRAMMER, base)
    shifts, (wrong, open_, decided) = facts.shifts.get(base, 0), facts.wrong.get(base, (0, 0, 0))
    recounted, differences = facts.recounts.get(base, ("", 1))
    final = [facts.sent.get(("final-students", org), "") for org in (bu, mp)]
    fresh = sum(bool(at) and org not in facts.outdated for at, org in zip(final, (bu, mp), strict=True))

    def step(
        key: str, *, at: str = "", done: int = 0, of: int = 0, command: str = "", ready: bool | None = None
    ) -> Step:
        finished = ready if ready is not None else (done >= of if of else bool(at))
        last = days.get(_DUTY.get(key, ""))
        late = last is not None and today > last
        state = State.DONE if finished else State.LATE if late else State.PART if done or at else State.OPEN
        return Step(key, *_TITLES[key], state, at, done, of, last, command)

    receive = "mab ntc receive --yes FOLDER"
    sent_reference = facts.sent.get(("reference", bu), "")
    contingent = facts.sent.get(("contingent", bu), "") or facts.sent.get(
        ("contingent", organisation_id(Role.AUDIT_FUND, base)), ""
    )
    return [
        step("reference", at=sent_reference, command="mab ntc export reference all FOLDER"),
        step("contingent", at=contingent, done=int(base in facts.contingent), of=0,
             command=f"mab ntc export contingent {bu} FOLDER" if base in facts.contingent
             else "mab ntc contingent --csv FILE"),
        step("hall-fund", at=facts.funds.get((base, "hall-fund"), ""), command=receive),
        *(step(stage, done=facts.stages.get((base, stage), 0), of=networks, command=receive)
          for stage in (PRELIMINARY_1, PRELIMINARY_2, FINAL)),
        step("base-students", at=facts.funds.get((base, "base-students"), ""), command=receive),
        step("allotment", at=facts.allotted.get(base, ""), command=f"mab ntc allot {base}"),
        step("final-students", at=max(final), done=fresh, of=2,
             command=f"mab ntc export final-students {bu} FOLDER; mab ntc export final-students {mp} FOLDER"),
        step("wrong-data", at=facts.came.get(("wrong-data", bu), ""), done=wrong - open_, of=wrong,
             ready=("wrong-data", bu) in facts.came and not open_,
             command=f"mab ntc corrections --base {base}{' --yes' if open_ > decided else ''}" if open_ else receive),
        step("variants", at=facts.sent.get(("variants", mp), ""), done=int(base in facts.laid),
             command=f"mab ntc export variants {mp} FOLDER" if base in facts.laid else f"mab ntc keys --base {base}",
             ready=("variants", mp) in facts.sent),
        step("password", done=facts.told.get(base, 0), of=shifts, ready=bool(shifts) and facts.told.get(base) == shifts,
             command=f"mab ntc passwords --base {base} --shift N --of seating --code CODE --to NAME"),
        step("key", at=facts.sent.get(("answer-key", mp), ""), done=facts.released.get(base, 0), of=shifts,
             ready=bool(shifts) and facts.released.get(base) == shifts
             and facts.sent.get(("answer-key", mp), "") >= facts.keys_at.get(base, ""),
             command=f"mab ntc keys --base {base} --release N --confirmed-by NAME; "
                     f"mab ntc export answer-key {mp} FOLDER"),
        step("daily", done=facts.daily.get(base, 0), of=shifts, ready=bool(shifts) and facts.daily.get(base) == shifts,
             command=receive),
        step("final-data", at=facts.came.get(("final-data", mp), ""), ready=base in facts.final, command=receive),
        step("recount", at=recounted, ready=bool(recounted) and not differences,
             command=f"mab ntc final --base {base}"),
    ]  # fmt: skip


def _facts(session: Session) -> _Facts:
    ask = session.execute
    networks = ask(
        select(StatisticsRow.base_university, StatisticsRow.stage, func.count(func.distinct(StatisticsRow.university)))
        .group_by(StatisticsRow.base_university, StatisticsRow.stage)
    )  # fmt: skip
    told = select(PasswordGiven.base_university, func.count(func.distinct(PasswordGiven.shift)))
    released = select(KeyEnvelope.base_university, func.count(), func.max(KeyEnvelope.released_at))
    keys = ask(released.where(KeyEnvelope.released_at.is_not(None)).group_by(KeyEnvelope.base_university)).all()
    recounts = session.scalars(select(Recount).order_by(Recount.id))
    funds = session.scalars(select(ReceivedFund).order_by(ReceivedFund.base_university, ReceivedFund.kind.desc())).all()
    return _Facts(
        sent=_sent(session),
        came={(kind, sender): at for kind, sender, at in ask(
            select(CarrierIn.kind, CarrierIn.sender, func.max(CarrierIn.accepted_at))
            .where(CarrierIn.set_aside.is_(False)).group_by(CarrierIn.kind, CarrierIn.sender))},
        contingent=_counted(session, Contingent.base_university),
        funds={(row.base_university, row.kind): row.at for row in funds},
        files={(row.base_university, row.kind): row.digest for row in funds},
        stages={(base, stage): n for base, stage, n in networks},
        allotted=_pairs(ask(select(AllotmentRun.base_university, AllotmentRun.at))),
        wrong=_wrong(session),
        outdated=frozenset(late.recipient for late in outdated_in(session)),
        shifts=_counted(session, SeatingSeed.base_university),
        laid=_counted(session, VariantHall.base_university),
        told=_pairs(ask(told.where(PasswordGiven.purpose == SEATING).group_by(PasswordGiven.base_university))),
        released={base: n for base, n, _at in keys},
        keys_at={base: at or "" for base, _n, at in keys},
        daily=_pairs(ask(select(DailyFigure.base_university, func.count(func.distinct(DailyFigure.shift)))
                         .group_by(DailyFigure.base_university))),
        final=_counted(session, FinalScore.base_university),
        recounts={row.base_university: (row.at, len(row.differences)) for row in recounts},
    )  # fmt: skip


def _sent(session: Session) -> dict[tuple[str, str], str]:
    """The newest moment by kind and organisation at which a file that a drive took was made."""
    found: dict[tuple[str, str], str] = {}
    rows = session.execute(select(CarrierOut.kind, CarrierOut.recipient, CarrierOut.created_at, CarrierOut.state))
    for kind, recipients, at, state in rows:
        for recipient in recipients.split(",") if state != BUILT else ():
            found[kind, recipient] = max(at, found.get((kind, recipient), ""))
    return found


def _wrong(session: Session) -> dict[str, tuple[int, int, int]]:
    """Lines of wrong data by base university: all, those that are open, and those of them that the centre decides."""
    found: dict[str, tuple[int, int, int]] = {}
    for line in lines_of(session):
        every, open_, decided = found.get(line.base, (0, 0, 0))
        found[line.base] = every + 1, open_ + line.is_open, decided + (line.is_open and line.centre_decides)
    return found


def _counted(session: Session, column: Any) -> dict[str, int]:
    return _pairs(session.execute(select(column, func.count()).group_by(column)))


def _pairs(rows: Any) -> dict[str, Any]:
    return {row[0]: row[1] for row in rows}
