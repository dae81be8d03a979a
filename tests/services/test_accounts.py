"""The people of a workplace: two of them for a forgotten password, the password once more, wrong ones in the log."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pyrage
import pytest

from mab_desktop.domain.errors import Refused, UserError, WrongPassword
from mab_desktop.services import accounts, centre_trust, locks, trusting, workplace
from mab_desktop.services.accounts import give_password, people
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import AuditEntry
from tests.services.land import CHEAP, PASSWORD, Land, events

SECOND = "екінші біреудің сөзі"
NEW = "жаңа құпия сөйлем"
FORGOT = "ұмытылған сөйлем"


def log_in(land: Land, login: str, password: str, name: str = "nu027") -> Context:
    return workplace.log_in(land.database(name), login, password, clock=land.clock, lang="en")


def opens(land: Land, login: str, password: str) -> bool:
    try:
        log_in(land, login, password).store.close()
    except WrongPassword:
        return False
    return True


@pytest.fixture
def ctx(land: Land) -> Context:
    """The programmer at work; a coordinator, an operator and a second programmer may log in too."""
    ctx = land.ctx("nu027")
    for login, name, role, password in (
        ("coord", "Жауапты Ерік", "coordinator", SECOND), ("op", "Теруші Алуа", "operator", FORGOT),
        ("prog2", "Бақыт Оспан", "programmer", NEW),
    ):  # fmt: skip
        accounts.add_person(ctx, login, name, role, password, CHEAP)
    return ctx


def details(ctx: Context, event: str) -> list[dict[str, object]]:
    with ctx.store.read() as session:
        rows = session.query(AuditEntry).filter(AuditEntry.event == event).order_by(AuditEntry.n)
        return [{"object": row.object, "disposition": row.disposition, **row.details} for row in rows]


# -- a forgotten password, by two


def test_two_people_with_different_roles_give_a_new_password(land: Land, ctx: Context) -> None:
    give_password(ctx, " OP ", NEW, "coord", SECOND, CHEAP)
    assert opens(land, "op", NEW)
    assert not opens(land, "op", FORGOT)
    assert details(ctx, "password-reset") == [
        {"object": "op", "disposition": "done", "by": "two", "second": "coord", "reopened": False}
    ]


def test_a_closed_account_is_opened_the_same_way(land: Land, ctx: Context) -> None:
    accounts.close_account(ctx, "op")
    assert not opens(land, "op", FORGOT)
    give_password(ctx, "op", NEW, "coord", SECOND, CHEAP)
    assert opens(land, "op", NEW)
    assert details(ctx, "password-reset")[0]["reopened"] is True


WRONG_PAIRS: dict[str, tuple[str, str, str, str]] = {
    "the same role twice": ("op", "prog2", NEW, "needs two people"),
    "an operator as the second": ("prog2", "op", FORGOT, "needs two people"),
    "the person concerned": ("coord", "coord", SECOND, "needs two people"),
    "oneself": ("op", "programmer", PASSWORD, "needs two people"),
    "nobody": ("op", "nobody", SECOND, "needs two people"),
    "for nobody": ("nobody", "coord", SECOND, "Nobody is called"),
    "for oneself": ("programmer", "coord", SECOND, "by typing the old one"),
    "the second one's wrong password": ("op", "coord", PASSWORD, "The password is wrong"),
}


@pytest.mark.parametrize("case", WRONG_PAIRS)
def test_other_pairs_are_refused(land: Land, ctx: Context, case: str) -> None:
    login, second, word, words = WRONG_PAIRS[case]
    before = locks.keyring_of(ctx.store.path).path.read_bytes()
    with pytest.raises(UserError, match=words):
        give_password(ctx, login, "тағы бір құпия сөз", second, word, CHEAP)
    assert locks.keyring_of(ctx.store.path).path.read_bytes() == before
    assert details(ctx, "password-reset") == []


def test_a_weak_new_password_is_refused_before_the_second_one_is_asked(ctx: Context) -> None:
    with pytest.raises(Refused, match="At least 12"):
        give_password(ctx, "op", "қысқа", "coord", "whatever", CHEAP)
    assert details(ctx, "login-refused") == []


def test_an_operator_answers_for_nobody(land: Land, ctx: Context) -> None:
    operator = log_in(land, "op", FORGOT)
    with pytest.raises(UserError, match="no right"):
        give_password(operator, "prog2", SECOND, "coord", SECOND, CHEAP)
    assert accounts.answerable(ctx, "op") == [p for p in people(ctx) if p.login == "coord"]
    operator.store.close()


# -- one's own password, and once more


def test_the_password_once_more_and_a_wrong_one_in_the_log(land: Land, ctx: Context) -> None:
    workplace.confirm(ctx, PASSWORD)
    before = ctx.store.log_head()[0]
    for _ in range(2):
        with pytest.raises(WrongPassword, match="The password is wrong"):
            workplace.confirm(ctx, SECOND)
    assert events(ctx, before) == ["login-refused"] * 2
    accounts.unlock_window(ctx, PASSWORD)
    assert events(ctx, before)[-1] == "window-unlocked"
    assert not locks.tries_of(ctx.store.path).path.exists()


def test_a_password_that_somebody_else_set_holds_for_one_login(land: Land, ctx: Context) -> None:
    accounts.add_person(ctx, "new", "Келген Айгүл", "operator", "бастапқы сөйлем", CHEAP, must_change=True)
    entered = log_in(land, "new", "бастапқы сөйлем")
    assert accounts.must_change(entered)
    assert [person.must_change for person in people(ctx) if person.login == "new"] == [True]
    accounts.change_password(entered, "бастапқы сөйлем", NEW, CHEAP)
    assert not accounts.must_change(entered)
    entered.store.close()
    assert opens(land, "new", NEW)


def test_a_name_is_put_right(ctx: Context) -> None:
    accounts.rename_person(ctx, "OP", " Теруші Адамқызы ")
    assert [person.name for person in people(ctx) if person.login == "op"] == ["Теруші Адамқызы"]
    assert details(ctx, "account-changed")[-1]["before"] == "Теруші Алуа"
    for name in ("", "x" * 201):
        with pytest.raises(Refused):
            accounts.rename_person(ctx, "op", name)
    with pytest.raises(UserError, match="Nobody is called"):
        accounts.rename_person(ctx, "nobody", "Адам")


def test_each_program_knows_its_own_roles(land: Land) -> None:
    mp, bu = land.ctx("mp013"), land.ctx("bu013")
    accounts.add_person(mp, "aruzhan", "Өкіл Аружан", "representative", NEW, CHEAP)
    for ctx, role in ((bu, "representative"), (bu, "operator"), (mp, "operator")):
        with pytest.raises(Refused, match="is not in the list"):
            accounts.add_person(ctx, "x", "Адам", role, NEW, CHEAP)
    assert {role.value for role in accounts.roles_here(mp)} == {"programmer", "representative", "coordinator"}


# -- wrong passwords


def test_wrong_logins_are_slowed_and_stand_in_the_log_once_somebody_is_in(land: Land) -> None:
    for _ in range(5):
        assert not opens(land, "programmer", "wrong")
    for _ in range(2):
        assert not opens(land, "nobody", "wrong")
    assert locks.tries_of(land.database("nu027")).path.exists()
    # The right password too must wait now, and it is not looked at.
    with pytest.raises(WrongPassword, match="After 5 wrong tries"):
        log_in(land, "programmer", PASSWORD)
    land.clock.moment += timedelta(seconds=20)
    ctx = land.ctx("nu027")
    refused = details(ctx, "login-refused")
    assert [(row["object"], row["tries"], row["disposition"]) for row in refused] == [
        ("?", 2, "refused"), ("programmer", 5, "refused")]  # fmt: skip
    assert str(refused[1]["first"]) < str(refused[1]["last"])
    assert [(p.refused, bool(p.last_login)) for p in people(ctx)] == [(5, True)]
    land.close()
    ctx = land.ctx("nu027")
    assert len(details(ctx, "login-refused")) == 2  # once


GUESS = """
import os, sys
from pathlib import Path
from mab_desktop.exchange.keyring import Keyring
from mab_desktop.services import locks
from mab_desktop.domain.clock import SystemClock
Keyring.unlock = lambda *_: os._exit(9)  # the plug is pulled before the answer
locks.unlock(Path(sys.argv[1]), "programmer", "guess", SystemClock())
"""


def test_pulling_the_plug_before_the_answer_gives_no_free_guess(land: Land) -> None:
    database = land.database("nu027")
    for n in (1, 2):
        done = subprocess.run([sys.executable, "-c", GUESS, str(database)], env=dict(os.environ))
        assert done.returncode == 9
        assert locks.tries_of(database).refusals()[0].tries == n


# -- the centre's wraps follow its devices


def trust_of(land: Land, change: Callable[[Context], None]) -> None:
    """The centre changes something and sends its new list around."""
    centre = land.ctx("ntc")
    change(centre)
    land.trust_file.write_bytes(centre_trust.trust_bytes(centre))


def test_a_new_trust_list_is_followed_at_once_and_after_a_power_cut_at_the_next_login(land: Land) -> None:
    ctx, centre = land.ctx("nu027"), land.ctx("ntc")
    ring = locks.keyring_of(ctx.store.path)
    key = ctx.store.key
    with centre.store.read() as session:
        identity = trusting.device_keys(session).age_identity
    assert ring.recover(identity) == key
    # As if the list had named other devices when the wraps were made.
    ring.follow(key, [str(pyrage.x25519.Identity.generate().to_public())], "another list")
    with pytest.raises(WrongPassword):
        ring.recover(identity)
    land.close()
    ctx = land.ctx("nu027")
    assert ring.recover(identity) == key
    (renewed,) = details(ctx, "recovery-renewed")
    assert (renewed["object"], renewed["recipients"]) == ("nu027", 1)
    before = ring.path.read_bytes()
    locks.follow_trust(ctx)
    assert ring.path.read_bytes() == before


def test_the_locks_say_whose_they_are(land: Land) -> None:
    assert workplace.what_it_is(land.database("nu027-op1")) == "nu027-op1"
    assert workplace.what_it_is(land.folder / "nowhere" / "mab.db") == ""
    workplace.require_free(land.database("nu027"))
    workplace.require_free(land.folder / "nowhere" / "mab.db")
