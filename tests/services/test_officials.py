"""Who signs as coordinator or programmer stands on the papers where that is one person; else it is written by hand."""

from __future__ import annotations

import pytest

from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.services.context import Context
from mab_desktop.services.imprint import official
from mab_desktop.storage.tables.core import Account


@pytest.fixture
def base(make_context) -> Context:
    return make_context(Role.BASE_UNI, "013")


def logs_in(ctx: Context, login: str, name: str, role: PersonRole, *, active: bool = True) -> None:
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Account(login=login, full_name=name, role=role.value, active=active, created_at="2011-03-01"))
        tx.note("account-added", login)


def coordinator(ctx: Context) -> str:
    with ctx.store.read() as session:
        return official(session, PersonRole.COORDINATOR)


def test_the_only_one_is_named(base: Context) -> None:
    assert coordinator(base) == ""
    logs_in(base, "gone", "Кеткен Кісі", PersonRole.COORDINATOR, active=False)
    logs_in(base, "prog", "Басқа Кісі", PersonRole.PROGRAMMER)
    assert coordinator(base) == ""
    logs_in(base, "coord", "Бекова Асель", PersonRole.COORDINATOR)
    assert coordinator(base) == "Бекова Асель"


def test_nobody_is_chosen_of_several(base: Context) -> None:
    logs_in(base, "coord", "Бекова Асель", PersonRole.COORDINATOR)
    logs_in(base, "second", "Үсенов Ерлан", PersonRole.COORDINATOR)
    assert coordinator(base) == ""
