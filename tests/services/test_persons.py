"""Persons who sign: each under a password of his own, counted before its result is known, nobody for another."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.services import persons, transfer
from mab_desktop.services.context import Context
from mab_desktop.services.persons import PersonState
from mab_desktop.storage.tables.core import DeviceKey
from mab_desktop.storage.tables.results import PasswordTries
from tests.conftest import MakeContext
from tests.services.authority import CHEAP
from tests.services.land import Land, events

WORD, OTHER = "аттың жалы, түйенің қомы", "судың да сұрауы бар"


@pytest.fixture
def ministry(make_context: MakeContext) -> Context:
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    persons.make_person_key(ctx, "programmer", WORD, "Асан Үсенұлы", params=CHEAP)
    return ctx


def tries(ctx: Context) -> list[int]:
    with ctx.store.read() as session:
        return [row.tries for row in session.scalars(select(PasswordTries))]


def test_who_needs_persons_and_what_two_must_sign() -> None:
    assert [role for role in Role if persons.role_needs_persons(role)] == [
        Role.NTC, Role.BASE_UNI, Role.MINISTRY_PROGRAMMER,
    ]  # fmt: skip
    assert [persons.signers_needed(kind) for kind in ("answer-key", "results", "trust", "statistics", "?")] == [
        2, 2, 2, 0, 0,
    ]  # fmt: skip


def test_a_key_is_made_under_a_password_of_ones_own(ministry: Context) -> None:
    (line,) = persons.persons(ministry)
    assert (line.login, line.name, line.state) == ("programmer", "Асан Үсенұлы", PersonState.WAITING)
    (key,) = persons.signing_keys(ministry, {"Programmer ": WORD})
    assert key.keyid == line.keyid
    with ministry.store.read() as session:
        stored = session.scalars(select(DeviceKey).where(DeviceKey.kind == "person")).one()
        assert key.dump() not in str(stored.keys)
    with pytest.raises(UserError, match="not on this PC"):
        persons.signing_keys(ministry, {"nobody": WORD})
    for login, word, name in (("", WORD, "x"), ("chair", "short", "x"), ("chair", WORD, ""), ("c" * 65, WORD, "x")):
        with pytest.raises(Refused):
            persons.make_person_key(ministry, login, word, name, params=CHEAP)


def test_an_account_s_name_is_known_and_another_s_key_is_a_manager_s_matter(land: Land) -> None:
    line = persons.make_person_key(land.ctx("mp013"), "programmer", WORD, params=CHEAP)
    assert line.name == "Асан Үсенұлы"
    operator = land.ctx("mp013").as_person("op", "Оператор", PersonRole.OPERATOR)
    with pytest.raises(UserError, match="no right"):
        persons.make_person_key(operator, "chair", WORD, "Төраға", params=CHEAP)
    persons.make_person_key(operator, "op", WORD, "Оператор", params=CHEAP)


def test_every_try_is_counted_and_five_wrong_ones_make_one_wait(ministry: Context) -> None:
    for number in range(1, 6):
        with pytest.raises(WrongPassword, match="password for signing of Асан Үсенұлы is wrong"):
            persons.signing_keys(ministry, {"programmer": OTHER})
        assert tries(ministry) == [number]
    with pytest.raises(WrongPassword, match="wrong tries"):
        persons.signing_keys(ministry, {"programmer": WORD})
    ministry.clock.set(ministry.clock.now().replace(hour=10))  # type: ignore[attr-defined]
    persons.signing_keys(ministry, {"programmer": WORD})
    assert tries(ministry) == []
    assert events(ministry)[-2:] == ["password-tried", "person-key-opened"]


def test_one_wrong_password_of_two_signs_nothing(ministry: Context) -> None:
    persons.make_person_key(ministry, "chair", OTHER, "Төраға", params=CHEAP)
    with pytest.raises(WrongPassword, match="Төраға"):
        persons.signing_keys(ministry, {"programmer": WORD, "chair": WORD})
    both = persons.signing_keys(ministry, {"chair": OTHER, "programmer": WORD})
    assert [key.keyid for key in both] == [line.keyid for line in persons.persons(ministry)]


def test_a_password_changes_by_the_old_one_only(ministry: Context) -> None:
    before = persons.signing_keys(ministry, {"programmer": WORD})
    with pytest.raises(WrongPassword):
        persons.change_password(ministry, "programmer", OTHER, OTHER, params=CHEAP)
    with pytest.raises(Refused):
        persons.change_password(ministry, "programmer", WORD, "short", params=CHEAP)
    persons.change_password(ministry, "programmer", WORD, OTHER, params=CHEAP)
    assert persons.signing_keys(ministry, {"programmer": OTHER}) == before
    with pytest.raises(WrongPassword):
        persons.signing_keys(ministry, {"programmer": WORD})


def test_a_forgotten_password_is_a_new_key_and_the_old_one_is_kept_aside(ministry: Context) -> None:
    (old,) = persons.persons(ministry)
    new = persons.make_person_key(ministry, "programmer", OTHER, "Асан Үсенұлы", params=CHEAP)
    assert [line.keyid for line in persons.persons(ministry)] == [new.keyid]
    assert (new.keyid, new.person) != (old.keyid, old.person)
    with ministry.store.read() as session:
        rows = session.scalars(select(DeviceKey).where(DeviceKey.kind == "person")).all()
        assert {row.keyid: row.retired_at is None for row in rows} == {old.keyid: False, new.keyid: True}


def test_a_file_that_two_must_sign_is_refused_with_one(land: Land) -> None:
    ctx = land.ctx("ntc")
    people = {"registrar": "бірінші құпия сөз", "deputy": "екінші құпия сөз"}
    one = persons.signing_keys(ctx, {"registrar": people["registrar"]})
    with pytest.raises(UserError):
        transfer.export(ctx, "trust", ["bu013", "nu027"], land.drive, persons=one)
    both = persons.signing_keys(ctx, people)
    exported = transfer.export(ctx, "trust", ["bu013", "nu027"], land.drive, persons=both)
    accepted = transfer.load(land.ctx("nu027"), exported.paths[0])
    assert [line.params for line in accepted.summary] == [{"n": 2}]
