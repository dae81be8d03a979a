"""What a scenario is: a piece of real work in a real workplace folder that says after each step what was acknowledged.

`act` may be called again on whatever an interrupted call left: it does what is not done yet. `check` opens the
workplaces anew and asserts that all that was said is there and that nothing is half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SystemEntropy
from mab_desktop.services import workplace
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import AuditEntry
from tests.services.land import PASSWORD, Land, the_clock

Say = Callable[[str], None]
Prepare = Callable[[Land], None]
Act = Callable[[Path, Say], None]
Check = Callable[[Path, Sequence[str]], None]


@dataclass(frozen=True)
class Scenario:
    """One piece of work; `needs` are the entries of the folder that a run gets a copy of, made ready by `prepare`.

    No fault meets what is `spared`: the program's own files and the test's. `builds_on` names the scenario whose folder
    is made ready further.
    """

    name: str
    needs: tuple[str, ...]
    act: Act
    check: Check
    prepare: Prepare = lambda _: None
    spared: tuple[str, ...] = ()
    builds_on: str = ""


def database(folder: Path, name: str) -> Path:
    """A workplace's database."""
    return folder / name / "mab.db"


@contextmanager
def opened(folder: Path, name: str, login: str = "programmer", password: str = PASSWORD) -> Iterator[Context]:
    """A workplace with a person logged in, a minute after the last thing that its log tells."""
    ctx = workplace.log_in(
        database(folder, name), login, password, clock=the_clock(), entropy=SystemEntropy(), lang="en"
    )
    try:
        with ctx.store.read() as session:
            last = session.scalars(select(AuditEntry.at).order_by(AuditEntry.at.desc()).limit(1)).one()
        go_on(ctx, datetime.fromisoformat(last) + timedelta(minutes=1))
        yield ctx
    finally:
        ctx.store.close()


def go_on(ctx: Context, moment: datetime) -> None:
    """Let the time of a workplace go on to a moment."""
    assert isinstance(ctx.clock, SetClock)
    ctx.clock.set(moment)


def require_whole(ctx: Context) -> None:
    """The database is sound and its log is one chain, whatever happened to it."""
    ctx.store.quick_check()
    with ctx.store.read() as session:
        loose = session.connection().exec_driver_sql("PRAGMA foreign_key_check").all()
    assert loose == []
    assert ctx.store.verify_log() is None


def after(said: Sequence[str], word: str) -> list[str]:
    """What stood behind `word` in the acknowledgements, in their order."""
    return [line.removeprefix(f"{word} ") for line in said if line.startswith(f"{word} ")]


def events_of(ctx: Context, event: str) -> list[str]:
    """The objects of the log's entries of one kind."""
    with ctx.store.read() as session:
        return list(session.scalars(select(AuditEntry.object).where(AuditEntry.event == event).order_by(AuditEntry.n)))
