"""A whole small season with the centre's tables on PostgreSQL: every carrier, key, point; then back into a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.cli import main
from mab_desktop.domain.clock import SystemClock
from mab_desktop.services import backups, centre_board, centre_server, centre_summary, trial_restore, workplace
from mab_desktop.services.centre_board import State
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.centre import CentreKey, KeyEnvelope, SeatingSeed
from mab_desktop.storage.tables.core import DeviceKey
from tests.cheap_guesses import make_guesses_cheap
from tests.postgres import Server, postgres  # noqa: F401

SIZE = ["--students", "36", "--universities", "3", "--shifts", "3"]

pytestmark = pytest.mark.heavy


def centre(out: Path) -> Context:
    database = out / "workplaces" / "ntc" / "mab.db"
    return workplace.log_in(database, "registrar", "rehearsal ntc 2011", clock=SystemClock(), lang="en")


def test_a_season_with_the_centre_on_a_server(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    make_guesses_cheap(monkeypatch)
    out, address = tmp_path / "season", postgres.new_database()
    words = ["--lang", "en", "rehearse", "--out", str(out), "--seed", "7", *SIZE, "--centre-database", address]
    assert main(words) == 0
    students = json.loads((out / "ledger.json").read_text(encoding="utf-8"))["students"]
    assert len(students) == 36
    assert all(line["agrees"] for line in students.values())
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["recount"]["agrees"]
    assert not (out / "workplaces" / "ntc" / "mab.db").exists()
    name = address.rpartition("@/")[2].partition("?")[0]
    assert int(postgres.ask("SELECT count(*) FROM mab.student", name)) == 36
    _secrets(out, postgres.dump(name))
    _look(out)
    _move(out)


def _secrets(out: Path, dump: str) -> None:
    """Whoever copies the database gets no seed, no password of a seating or a key, no answer key, no device key."""
    ctx, found = centre(out), list[str]()
    with ctx.store.read() as session:
        for table in (SeatingSeed, KeyEnvelope):
            for row in session.scalars(select(table)):
                found += [row.seed, row.password] if isinstance(row, SeatingSeed) else [
                    row.password_ministry, row.password_chair, *row.others.values()
                ]  # fmt: skip
        found += [key.content.hex() for key in session.scalars(select(CentreKey))]
        for own in session.scalars(select(DeviceKey).where(DeviceKey.kind == "device")):
            found += [own.keys["signing"], own.keys["age"]]
    ctx.store.close()
    assert len(found) > 15
    assert [secret for secret in found if secret in dump] == []


def _look(out: Path) -> None:
    """What the centre counts, and what it knows of everybody; its log is whole; no copy was made by itself."""
    ctx = centre(out)
    assert ctx.store.on_server
    assert ctx.store.verify_log() is None
    found = centre_summary.summary(ctx)
    assert found.whole.students == 36
    assert found.whole.came + found.whole.absent + found.whole.removed == 36
    (board,) = centre_board.boards(ctx)
    assert {step.key for step in board.steps if step.state is not State.DONE} == set()
    assert backups.lines(ctx) == []
    backups.back_up(ctx, "asked")
    assert backups.check_all(ctx).damaged == ()
    assert trial_restore.try_restore(ctx).whole
    ctx.store.close()


def _move(out: Path) -> None:
    """Into a file, and the log goes on: the same rows, nothing lost."""
    ctx = centre(out)
    before, sums = ctx.store.log_head()[0], centre_summary.summary(ctx).whole
    centre_server.to_file(ctx)
    ctx = centre(out)
    assert not ctx.store.on_server
    assert ctx.store.verify_log() is None
    assert ctx.store.log_head()[0] > before
    assert centre_summary.summary(ctx).whole == sums
    assert centre_server.check(ctx) == []
    ctx.store.close()
