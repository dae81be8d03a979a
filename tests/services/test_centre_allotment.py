"""The allotment in the database: everybody once, codes unique, secrets sealed and openable only by their holders."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain.answer_key import AnswerKey, decode_answer_key, draw_answer_key
from mab_desktop.domain.check_digit import check_digit
from mab_desktop.domain.errors import Cancelled, OutOfOrder, Refused, UserError, WrongPassword
from mab_desktop.domain.hall import default_grid
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.sealed import seed_header, shift_name
from mab_desktop.domain.variant import neighbours
from mab_desktop.exchange import key_envelope, seal
from mab_desktop.services import centre_allotment, centre_season, centre_secrets
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.centre import (
    AllotmentRun,
    CentreKey,
    KeyEnvelope,
    PasswordGiven,
    SeatingSeed,
    VariantHall,
    VariantSet,
)
from mab_desktop.storage.tables.students import Allotment, Student
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE, FIRST_DAY, put_halls, put_students, record, rows_of

CODE = "ABCD-EFGH-JKMN"


def key_table(folder: Path, key: AnswerKey) -> Path:
    """A key as the item bank gives it."""
    lines = [f"{key.shift},{variant},{subject},{letters}" for (variant, subject), letters in key.letters.items()]
    path = folder / "key.csv"
    path.write_text("\n".join(["shift,variant,subject,letters", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture
def centre(make_context: MakeContext) -> Context:
    ctx = make_context(Role.NTC)
    centre_season.plan_shifts(ctx, centre_season.planned_shifts(FIRST_DAY, 3, "09:00"))
    return ctx


@pytest.fixture
def ready(centre: Context) -> Context:
    """80 students of three universities, halls of 30 seats in all."""
    put_students(centre, [record(n, ("013", "027", "041")[n % 3]) for n in range(80)])
    put_halls(centre, [20, 10])
    return centre


def test_what_is_missing_is_told_before(centre: Context) -> None:
    texts = [p.message("en") for p in centre_allotment.obstacles_to_allot(centre, BASE)]
    assert texts == ["The hall fund of 013 has not come yet.", "The student database of 013 has not come yet."]
    assert [p.message("en") for p in centre_allotment.obstacles_to_allot(centre, "027")] == [
        "027 is not a base university of this season."
    ]


def test_every_student_gets_one_place_code_and_five_subjects(ready: Context) -> None:
    report = centre_allotment.allot(ready, BASE)
    assert report.students == 80
    rows = rows_of(ready, select(Allotment))
    with ready.store.read() as session:
        students = set(session.scalars(select(Student.id)))
        languages = dict(session.execute(select(Student.id, Student.study_language)).all())
    assert {row.student for row in rows} == students
    assert len({row.code for row in rows}) == 80
    assert all(check_digit(row.code[:-1]) == row.code[-1] and len(row.code) == 8 for row in rows)
    loads = Counter((row.shift, row.hall) for row in rows)
    assert all(count <= {"101": 20, "102": 10}[hall] for (_, hall), count in loads.items())
    assert sorted(Counter(row.shift for row in rows).values()) == [26, 27, 27]
    assert all(row.test_language == languages[row.student] for row in rows)
    assert len({row.subject1 for row in rows}) >= 1
    assert centre_allotment.allotted(ready, BASE) == 80


def test_an_allotment_is_made_once_and_can_never_change(ready: Context) -> None:
    first = centre_allotment.allot(ready, BASE)
    with pytest.raises(OutOfOrder, match="only once"):
        centre_allotment.allot(ready, BASE)
    with ready.store.read() as session:
        assert session.get_one(AllotmentRun, BASE).result_digest == first.digest
    with pytest.raises(Exception, match="made once"), ready.store.write(ready.actor) as tx:
        tx.session.connection().exec_driver_sql("UPDATE allotment_run SET seed = '0'")
    with pytest.raises(UserError, match="allotted to shifts already"):
        centre_season.plan_shifts(ready, [])


def test_a_hall_fund_that_is_too_small_says_how_many_places_are_missing(ready: Context) -> None:
    with pytest.raises(Refused, match="20 places are missing for 80 students in 2 shifts"):
        centre_allotment.allot(ready, BASE, shifts=[1, 2])
    with ready.store.read() as session:
        assert session.scalars(select(Allotment)).all() == []
    with pytest.raises(Refused, match="Shift 9 is not planned"):
        centre_allotment.allot(ready, BASE, shifts=[1, 2, 9])


def test_nothing_secret_is_made_before_the_allotment(ready: Context) -> None:
    for step in (centre_secrets.seal_seatings, centre_secrets.seal_keys, centre_secrets.lay_variants):
        with pytest.raises(OutOfOrder, match="not allotted yet"):
            step(ready, BASE)


@pytest.fixture
def prepared(ready: Context) -> Context:
    centre_allotment.allot(ready, BASE)
    centre_secrets.prepare_exam(ready, BASE)
    return ready


def test_variants_lie_on_every_seat_and_never_near(prepared: Context) -> None:
    rows = rows_of(prepared, select(VariantHall))
    with prepared.store.read() as session:
        used = centre_allotment.allotted_halls(session, BASE)
    assert {(row.shift, row.hall) for row in rows} == set(used)
    grids = {"101": default_grid(20, 2, 20), "102": default_grid(10, 2, 10)}
    serials = []
    for row in rows:
        assert len(row.variants) == {"101": 20, "102": 10}[row.hall]
        beside = enumerate(neighbours(grids[row.hall]))
        assert all(row.variants[place] != row.variants[other - 1] for place, others in beside for other in others)
        nines = [row.variants[at : at + 9] for at in range(len(row.variants))]
        assert all(len(set(nine)) == len(nine) for nine in nines)
        assert row.first_serial == f"013{row.shift:02d}{row.hall}0001"
        assert row.sheets > used[row.shift, row.hall]
        serials += [int(row.first_serial) + n for n in range(row.sheets)]
    assert len(serials) == len(set(serials))
    sets = {row.shift: set(row.variants) for row in rows}
    assert not sets[1] & sets[2]


def test_a_second_call_makes_nothing_new(prepared: Context) -> None:
    with prepared.store.read() as session:
        before = [row.sealed for row in session.scalars(select(SeatingSeed))]
    centre_secrets.prepare_exam(prepared, BASE)
    with prepared.store.read() as session:
        assert [row.sealed for row in session.scalars(select(SeatingSeed))] == before


class BrokenOff:
    """Progress that is broken off when it is told something for the nth time."""

    def __init__(self, at: int) -> None:
        self.left = at

    def stage(self, title: str, total: int = 0) -> None:
        self.step()

    def step(self, n: int = 1) -> None:
        self.left -= 1
        if not self.left:
            raise Cancelled


def test_broken_off_anywhere_the_next_call_goes_on(ready: Context) -> None:
    """Every moment at which the work can be broken off, one after the other: nothing made is lost or made anew."""
    tables = (Allotment, AllotmentRun, VariantSet, VariantHall, SeatingSeed, CentreKey, KeyEnvelope)

    def made() -> dict[str, set[str]]:
        with ready.store.read() as session:
            return {table.__name__: {repr(row) for row in session.execute(select(table.__table__))} for table in tables}

    before, breaks = made(), 0
    for at in range(1, 200):
        progress = BrokenOff(at)
        try:
            if centre_allotment.allotted(ready, BASE) is None:
                centre_allotment.allot(ready, BASE, progress)
            centre_secrets.prepare_exam(ready, BASE, progress)
        except Cancelled:
            breaks += 1
        else:
            break
        after = made()
        assert all(before[name] <= after[name] for name in before), at
        before = after
    assert breaks > 8
    whole = made()
    assert all(before[name] <= whole[name] for name in before)
    assert len(whole["Allotment"]) == 80
    shifts = {row.shift for row in rows_of(ready, select(Allotment))}
    for table in (SeatingSeed, KeyEnvelope):
        assert sorted(row.shift for row in rows_of(ready, select(table))) == sorted(shifts)
    assert centre_secrets.prepare_exam(ready, BASE) == 0


def test_in_the_real_exam_no_answer_key_is_ever_drawn(ready: Context, tmp_path: Path) -> None:
    real = replace(ready, season=replace(ready.season, official=True))
    centre_allotment.allot(real, BASE)
    assert centre_secrets.prepare_exam(real, BASE)
    assert rows_of(real, select(SeatingSeed))
    assert rows_of(real, select(CentreKey)) == rows_of(real, select(KeyEnvelope)) == []
    first, *others = centre_secrets.keys_to_enter(real, BASE)
    with real.store.read() as session:
        subjects, profile = centre_secrets.season_subjects(session), centre_season.exam_profile(session)
    key = draw_answer_key(first, centre_secrets.variant_sets(real)[first], subjects, profile, real.entropy)
    centre_secrets.keys_from_csv(real, key_table(tmp_path, key))
    assert centre_secrets.prepare_exam(real, BASE) == 1
    assert [row.shift for row in rows_of(real, select(KeyEnvelope))] == [first]
    assert centre_secrets.keys_to_enter(real, BASE) == others


def test_a_seating_seed_opens_with_its_password_only_and_fits_its_commitment(prepared: Context) -> None:
    password = centre_secrets.give_seating_password(prepared, BASE, 1, "Б. Серік", CODE)
    row = rows_of(prepared, select(SeatingSeed).where(SeatingSeed.shift == 1))[0]
    header = seed_header(prepared.season.campaign, "test", BASE, 1)
    opened = seal.unseal(row.sealed.encode(), password, header)
    assert seal.commitment(opened) == row.commitment
    other = centre_secrets.secret_sheet(prepared, BASE, 2, "seating").password
    with pytest.raises(WrongPassword):
        seal.unseal(row.sealed.encode(), other, header)


def test_a_key_opens_with_both_passwords_and_holds_only_the_needed_subjects(prepared: Context) -> None:
    row = rows_of(prepared, select(KeyEnvelope).where(KeyEnvelope.shift == 2))[0]
    with prepared.store.read() as session:
        subjects = centre_allotment.allotted_subjects(session, BASE, 2)
        whole = centre_secrets.centre_key(session, 2)
    given = {
        side: centre_secrets.give_password(prepared, BASE, 2, side, "somebody") for side in ("ministry", "chair")
    }
    where = {"campaign": prepared.season.campaign, "mode": "test", "shift": shift_name(BASE, 2)}
    opened = key_envelope.open_envelope(row.envelope.encode(), given, announced=row.commitment, **where)
    key = decode_answer_key(opened.content)
    assert list(key.subjects) == subjects
    assert all(whole.letters[pair] == letters for pair, letters in key.letters.items())
    with pytest.raises(UserError, match="more people"):
        key_envelope.open_envelope(row.envelope.encode(), {"chair": given["chair"]}, **where)
    with pytest.raises(WrongPassword):
        key_envelope.open_envelope(
            row.envelope.encode(), {"chair": given["ministry"], "ministry": given["chair"]}, **where
        )


def test_who_got_a_password_is_written_down_for_good(prepared: Context) -> None:
    with pytest.raises(UserError, match="to whom"):
        centre_secrets.give_seating_password(prepared, BASE, 1, " ", CODE)
    assert centre_secrets.passwords_given(prepared) == []
    centre_secrets.give_seating_password(prepared, BASE, 1, "Б. Серік", CODE)
    line = centre_secrets.passwords_given(prepared, BASE)[0]
    assert (line.shift, line.purpose, line.given_to) == (1, "seating", "Б. Серік")
    with pytest.raises(Exception, match="cannot be changed"), prepared.store.write(prepared.actor) as tx:
        tx.session.connection().exec_driver_sql("DELETE FROM password_given")


def test_the_password_of_a_seating_is_told_for_one_list_only(prepared: Context) -> None:
    """Whoever knows the password could look for a list whose seats suit him: the centre takes no second list."""
    password = centre_secrets.give_seating_password(prepared, BASE, 1, "Б. Серік", CODE)
    other = CODE[:-1] + ("P" if CODE[-1] != "P" else "Q")
    with pytest.raises(UserError, match="told before, for the list") as refused:
        centre_secrets.give_seating_password(prepared, BASE, 1, "Б. Серік", other)
    assert CODE in refused.value.message("en")
    assert len(centre_secrets.passwords_given(prepared, BASE)) == 1
    assert centre_secrets.give_seating_password(prepared, BASE, 1, "А. Үсенов", CODE.lower()) == password
    assert centre_secrets.give_seating_password(prepared, BASE, 2, "Б. Серік", other) != password
    assert centre_secrets.give_seating_password(prepared, BASE, 1, "Б. Серік", other, again=True) == password
    notes = [row.note for row in rows_of(prepared, select(PasswordGiven).where(PasswordGiven.shift == 1))]
    assert len(set(notes)) == 2


def test_a_key_is_released_only_with_a_name(prepared: Context) -> None:
    with pytest.raises(UserError, match="who confirmed"):
        centre_secrets.release_key(prepared, BASE, 1, "")
    centre_secrets.release_key(prepared, BASE, 1, "А. Үсенов, 17:40")
    (released,) = rows_of(prepared, select(KeyEnvelope).where(KeyEnvelope.released_at.is_not(None)))
    assert released.shift == 1
    with pytest.raises(OutOfOrder, match="not sealed"):
        centre_secrets.release_key(prepared, "007", 1, "А. Үсенов")


def test_a_key_from_the_item_bank_is_checked_and_then_sealed_is_final(ready: Context, tmp_path: Path) -> None:
    centre_allotment.allot(ready, BASE)
    centre_secrets.make_variants(ready)
    centre_secrets.make_keys(ready)
    with ready.store.read() as session:
        key, profile = centre_secrets.centre_key(session, 1), centre_season.exam_profile(session)
    other = draw_answer_key(1, key.variants, key.subjects, profile, ready.entropy)
    with pytest.raises(Refused, match="the key is missing"):
        centre_secrets.keys_from_csv(ready, key_table(tmp_path, key.only(key.subjects[1:])))
    assert centre_secrets.keys_from_csv(ready, key_table(tmp_path, key)) == {1: False}
    centre_secrets.lay_variants(ready, BASE)
    centre_secrets.seal_keys(ready, BASE)
    with pytest.raises(OutOfOrder, match="sealed already"):
        centre_secrets.keys_from_csv(ready, key_table(tmp_path, other))
