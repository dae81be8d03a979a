"""Every command of `mab ntc` a second time: nothing changes, and the words say so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.errors import EXIT_OK, EXIT_USAGE
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.ntc.main import COMMANDS, build_parser
from mab_desktop.services import centre_trust, persons, recovery, transfer, trusting, workplace
from mab_desktop.services.context import Context
from mab_desktop.storage.tables import Base
from mab_desktop.storage.tables.students import Student, WrongData
from tests.apps.ntc_centre import PASSWORD, Run, open_centre, roots
from tests.apps.test_ntc import stock
from tests.services.centre_stand import BASE
from tests.services.final_records import deliver, perfect

# The log notes who came in and what a drive took; a paper bears its number. Neither changes anything of the season.
# Not tried here, for they are facts each time: a password told, a copy made, a key sealed under fresh passwords.
NOT_COUNTED = {"audit", "print_job"}


def contents(folder: Path) -> dict[str, str]:
    """A digest of every table that counts."""
    ctx = open_centre(folder)
    found = {}
    with ctx.store.engine.connect() as connection:
        for table in Base.metadata.tables.values():
            if table.name not in NOT_COUNTED:
                order = ", ".join(column.name for column in table.primary_key.columns)
                rows = connection.exec_driver_sql(f"SELECT * FROM {table.name} ORDER BY {order}").fetchall()
                found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    ctx.store.close()
    return found


def workplace_of_base(tmp_path: Path, drive: Path, groups: str) -> Context:
    start = workplace.Start(Role.BASE_UNI, BASE, Season.of(2011, official=False), "prog", "Программист")
    return workplace.create(
        tmp_path / "bu" / "mab.db", start, PASSWORD, centre_file=drive / "mab-centre-trust.json", groups=groups,
        clock=SetClock(datetime.now(UTC)), lang="en",
    )  # fmt: skip


def wrong_data(tmp_path: Path) -> None:
    """A line about a surname, as a list of the base university brought it."""
    ctx = open_centre(tmp_path)
    with ctx.store.write(ctx.actor) as tx:
        student = tx.session.scalars(select(Student).order_by(Student.id)).first()
        assert student is not None
        tx.session.add(
            WrongData(id="ab" * 16, student=student.id, university=student.university, field="surname",
                      printed_value=student.surname, right_value="Әбілова", ground="жеке куәлік",
                      application_number="7", application_date=date(2011, 4, 20))
        )  # fmt: skip
        tx.note("carrier-accepted", "test")
    ctx.store.close()


def final_data(tmp_path: Path) -> None:
    """The final data of shift 1, in which everybody filled in everything rightly."""
    ctx = open_centre(tmp_path)
    ministry = DeviceKeys.generate(f"mp{BASE}", f"mp{BASE}", "ministry_programmer", ctx.entropy)
    centre_trust.enrol(ctx, ministry.public, ministry.public.fingerprint)
    passwords = {login: f"{PASSWORD} {login.upper()}" for login in ("registrar", "deputy")}
    centre_trust.issue_trust(ctx, persons.signing_keys(ctx, passwords))
    deliver(ctx, perfect(ctx, BASE, 1, ministry), BASE)
    ctx.store.close()


class TypedSeason:
    """The season's commands in their order: what is typed, and what the second time says."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp = tmp_path
        self.drive = tmp_path / "drive"
        self.drive.mkdir()

    def steps(self) -> Iterator[tuple[tuple[object, ...], str]]:
        drive, tmp = self.drive, self.tmp
        yield ("init", "--year", 2011, "--roots", roots(tmp)), "database already"
        yield ("people",), ""
        yield ("people", "add", "asel", "--name", "Асель Бекова"), "taken already"
        yield ("signers",), ""
        yield ("root",), ""
        yield ("trust", "write", drive), ""
        ctx = open_centre(tmp)
        groups = centre_trust.fingerprint(ctx)
        ctx.store.close()
        base = workplace_of_base(tmp, drive, groups)
        request = transfer.export(base, "enrolment", "ntc", drive).paths[0]
        with base.store.read() as session:
            own = trusting.my_fingerprint(session)
        base.store.close()
        yield ("receive", "--yes", request), "nothing changed"
        yield ("enrol", f"bu{BASE}", "--groups", own), "was let in before; nothing changed"
        yield ("trust", "issue"), "Nothing has changed"
        yield ("reference", "--tables", tmp / "package"), ""
        yield ("reference", "--csv", tmp / "package"), "nothing changed"
        (tmp / "c.csv").write_text(f"base,direction,language,students\n{BASE},01,1,30\n", encoding="utf-8")
        yield ("contingent", "--csv", tmp / "c.csv"), "nothing changed"
        yield ("export", "contingent", f"bu{BASE}", drive), "nothing changed since the last file"
        yield ("export", "reference", "all", drive), "nothing changed since the last file"
        stock(tmp)
        yield ("plan", BASE, tmp / "plans.pdf"), ""
        yield ("allot", BASE, "--spread"), "nothing changed"
        yield ("export", "final-students", f"bu{BASE}", drive), "nothing changed since the last file"
        yield ("variants",), ""
        yield ("keys", "--base", BASE), "nothing changed"
        yield ("keys", "--base", BASE, "--release", 1, "--confirmed-by", "А. Үсенов"), "nothing changed"
        yield ("passwords", "--base", BASE), ""
        wrong_data(tmp)
        yield ("corrections", "--yes"), "nothing changed"
        yield ("export", "final-students", f"bu{BASE}", drive), "nothing changed since the last file"
        yield ("check-seating", BASE, 1, "--local", "ab" * 32), ""
        final_data(tmp)
        yield ("daily",), ""
        yield ("final",), ""
        yield ("report",), ""
        yield ("images", "--base", BASE), ""
        yield ("summary",), ""
        yield ("status",), ""
        yield ("status", "--base", BASE), ""
        yield ("decide",), ""
        yield ("sheet", "fingerprint", tmp / "f.pdf"), ""
        _, file, _sheet = recovery.ask(
            tmp / "bu" / "mab.db", "prog", f"{PASSWORD} анық", drive, clock=SetClock(datetime.now(UTC))
        )
        yield ("recover", file), ""
        yield ("backup",), ""
        yield ("database",), ""
        yield ("database", "check"), ""


@pytest.mark.heavy
def test_a_second_time_changes_nothing_and_says_so(
    centre: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = set()
    code, said = centre("people", "add", "asel")
    assert (code, "MAB_NTC_NEW_PASSWORD" in said) == (EXIT_USAGE, True), said
    monkeypatch.setenv("MAB_NTC_NEW_PASSWORD", "жаңа құпия сөйлем")
    for words, expected in TypedSeason(tmp_path).steps():
        tried.add(words[0])
        centre(*words)
        before = contents(tmp_path)
        code, said = centre(*words)
        after = contents(tmp_path)
        assert [name for name in after if after[name] != before[name]] == [], words
        assert expected in said, (words, said)
        assert expected or code == EXIT_OK, (words, said)
    assert tried == {module.NAME for module in COMMANDS}


def test_every_command_shows_an_example_that_it_understands(capsys: pytest.CaptureFixture[str]) -> None:
    """The examples of every help name the command itself, and its parser takes them."""
    for module in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            build_parser().parse_args([module.NAME, "--help"])
        assert ended.value.code == EXIT_OK
        shown = capsys.readouterr().out
        examples = [line.split("mab ", 1)[1] for line in shown.splitlines() if "mab " in line and "ntc " in line]
        assert any(f"ntc {module.NAME}" in line for line in examples), module.NAME
        assert "example" in shown, module.NAME
