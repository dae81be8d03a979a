"""The list of duty officers: files, training, halls by shift, nobody twice in a shift, the rest filled (p.6, p.24)."""

from __future__ import annotations

from datetime import date

import pytest

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import commission, duty_list
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.students import Shift
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    """Two halls in two shifts; the final database has not come."""
    ctx = make_context(Role.BASE_UNI, BASE)
    with ctx.store.write(ctx.actor) as tx:
        for number in (1, 2):
            tx.session.add(Shift(number=number, exam_date=date(2011, 5, 15 + number), start_time="09:00"))
        tx.session.add(Building(base_university=BASE, code="1", name="Бас корпус", address="Атырау"))
        for hall in ("101", "007"):
            tx.session.add(Hall(base_university=BASE, number=hall, building="1", floor=1, kind="x", rows=2,
                                places_in_row=5, seats=10, plan={}))  # fmt: skip
        tx.note("season-planned", "", shifts=2)
    return ctx


def person(ctx: Context, name: str, *, ready: bool = True) -> str:
    return duty_list.save_officer(ctx, {"full_name": name, "file_received": ready, "trained": ready})


def missing(ctx: Context) -> list[tuple[int, str, int]]:
    return [(post.shift, post.place, post.missing) for post in duty_list.posts(ctx) if post.missing]


def places(ctx: Context, key: str) -> list[tuple[int | None, str]]:
    officer = next(o for o in duty_list.officers(ctx) if o.id == key)
    return [(p.shift, p.place) for p in officer.places]


def test_a_person_has_many_places_but_one_in_a_shift(base: Context) -> None:
    assert missing(base) == [(1, "007", 2), (1, "101", 2), (2, "007", 2), (2, "101", 2)]
    aigul, serik = person(base, "Айгүл"), person(base, "Серік")
    duty_list.assign(base, [aigul, serik], 1, "7")
    assert missing(base)[0] == (1, "101", 2)  # 7 is hall 007
    duty_list.assign(base, [aigul], 2, "101")
    assert places(base, aigul) == [(1, "7"), (2, "101")]
    before = duty_list.officers(base)
    with pytest.raises(Refused, match="Айгүл serves in 101 in the same shift already"):
        duty_list.assign(base, [serik, aigul], 2, "2-дәліз")
    assert duty_list.officers(base) == before  # all or nobody
    with pytest.raises(Refused, match="same shift"):
        duty_list.assign(base, [serik], None, "101")  # every shift
    with pytest.raises(Refused, match="Enter the hall"):
        duty_list.assign(base, [serik], 2, " ")
    # What is the person's is changed in every place, which the hand-over carries by itself.
    duty_list.save_officer(base, {"id": aigul, "full_name": "Айгүл Омар", "trained": False, "file_received": True})
    rows = [row for row in commission.duty_officers(base) if row["full_name"] == "Айгүл Омар"]
    assert [(row["place"], row["trained"]) for row in rows] == [("101", False), ("7", False)]


def test_places_are_taken_back_in_any_order(base: Context) -> None:
    aigul = person(base, "Айгүл")
    first, second, third = (duty_list.assign(base, [aigul], n, f"{n}-дәліз")[0] for n in (1, 2, 3))
    duty_list.release(base, [first])
    assert places(base, aigul) == [(2, "2-дәліз"), (3, "3-дәліз")]
    with pytest.raises(UserError, match="not given any more"):
        duty_list.release(base, [third, "strange"])
    left = [p.row for o in duty_list.officers(base) for p in o.places]
    duty_list.release(base, left)
    assert (places(base, aigul), second in left or third in left) == ([], True)
    assert [o.full_name for o in duty_list.officers(base)] == ["Айгүл"]


def test_files_and_training_are_noted_of_many_and_taken_back(base: Context) -> None:
    keys = [person(base, name, ready=False) for name in ("А", "Ә")]
    before = duty_list.mark(base, keys, trained=True)
    assert [(o.file_received, o.trained) for o in duty_list.officers(base)] == [(False, True)] * 2
    duty_list.mark(base, keys, file_received=True)
    assert all(o.ready for o in duty_list.officers(base))
    duty_list.mark_back(base, before)
    assert not any(o.trained for o in duty_list.officers(base))
    gone = duty_list.remove(base, keys)
    assert duty_list.officers(base) == []
    duty_list.put_back(base, gone)
    assert [o.full_name for o in duty_list.officers(base)] == ["А", "Ә"]


def test_what_is_missing_is_filled_fairly_by_who_is_ready(base: Context) -> None:
    ready = [person(base, name) for name in ("А", "Ә", "Б", "В")]
    person(base, "Дайын емес", ready=False)
    everywhere = duty_list.save_officer(base, {"full_name": "Дәліз", "place": "1-дәліз", "trained": True,
                                               "file_received": True})  # fmt: skip
    duty_list.assign(base, ready[:1], 1, "101")
    made = duty_list.fill(base)
    assert (missing(base), len(made)) == ([], 7)
    assert sorted(len(places(base, key)) for key in ready) == [2, 2, 2, 2]
    assert places(base, everywhere) == [(None, "1-дәліз")]  # he stands in the corridor in every shift
    corridor = [post for post in duty_list.posts(base) if not post.hall]
    assert [(post.shift, post.missing, len(post.officers)) for post in corridor] == [(1, 0, 1), (2, 0, 1)]
    assert duty_list.fill(base) == []
    duty_list.release(base, made)
    assert missing(base)[1] == (1, "101", 1)
