"""What goes to the ministry representative (p.24): counted, missing stubs named, files on the act, the note."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mab_desktop.domain.errors import OutOfOrder, Refused
from mab_desktop.domain.organisation import Role
from mab_desktop.services import (
    commission,
    documents_hand_over,
    duty_list,
    passes,
    representative_papers,
    transfer,
)
from mab_desktop.services.context import Context
from mab_desktop.services.representative_papers import CARRIERS
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE, make_stand
from tests.services.test_base_board import allotted, text_of

ROLES = ("chair", "secretary", *["member"] * 5)


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    """Twelve allotted students in two halls, passes numbered; the first stub is still missing."""
    ctx = make_context(Role.BASE_UNI, BASE)
    allotted(ctx)
    passes.number_passes(ctx)
    first, *others = passes.pass_lines(ctx)
    passes.receive_stubs(ctx, first.university, [x.student for x in others if x.university == first.university])
    for university in {line.university for line in others} - {first.university}:
        passes.receive_stubs(ctx, university)
    return ctx


def test_papers_are_counted_and_the_annex_names_missing_stubs_and_officers(base: Context) -> None:
    asan = duty_list.save_officer(base, {"full_name": "Кезекші Асан", "file_received": True, "trained": True})
    duty_list.assign(base, [asan], 1, "101")
    missing = passes.missing_stubs(base)
    found = {paper.key: (paper.count, paper.of) for paper in representative_papers.papers(base)}
    assert found == {"stubs": (11, 12), "hall-lists": (2, None), "registers": (3, None), "duty": (1, None),
                     "wrong-data": (0, None)}  # fmt: skip
    halls = representative_papers.halls(base)
    assert [(x.hall, x.students) for x in halls] == [("101", 6), ("102", 6)]
    assert [number for x in halls for number in x.missing] == [line.number for line in missing]
    assert [x.officers for x in halls] == [("Кезекші Асан",), ()]
    annex = text_of(documents_hand_over.print_hand_over_halls(base))
    assert missing[0].number in annex
    assert "Кезекші Асан" in annex
    act = text_of(documents_hand_over.print_hand_over(base))
    assert "missing: 1" in act
    printed = {paper.key: bool(paper.printed_at) for paper in representative_papers.papers(base)}
    assert printed["stubs"]  # the annex was printed
    assert not printed["duty"]


def test_the_act_bears_the_files_that_were_written(make_context: MakeContext, tmp_path: Path) -> None:
    stand = make_stand(make_context, tmp_path)
    base = stand.base
    allotted(base)
    passes.number_passes(base)
    assert [file.file for file in representative_papers.files(base)] == ["", ""]
    with pytest.raises(OutOfOrder, match="Nothing has been written"):
        documents_hand_over.print_centre_act(base)
    for number, role in enumerate(ROLES):
        commission.save_member(base, {"full_name": f"Мүше {number}", "role": role})
    duty_list.save_officer(base, {"full_name": "Кезекші Асан"})
    exported = transfer.export(base, "hand-over", stand.ministry.organisation, stand.drive)
    written = representative_papers.files(base)[CARRIERS.index("hand-over")]
    assert written.file == exported.paths[0].name
    assert written.records == 1 + len(ROLES) + 12
    assert not written.confirmed
    # The file's name may be broken over two lines of its cell.
    assert written.checksum in text_of(documents_hand_over.print_hand_over(base))


def test_the_duty_list_is_of_the_season_or_by_hall_of_a_shift(base: Context) -> None:
    people = [duty_list.save_officer(base, {"full_name": name, "file_received": True, "trained": True})
              for name in ("Асан", "Әсем", "Болат")]  # fmt: skip
    duty_list.fill(base)
    season = text_of(documents_hand_over.print_duty_list(base))
    assert all(name in season for name in ("Асан", "Әсем", "Болат"))
    shift = text_of(documents_hand_over.print_duty_list(base, 1))
    assert shift.count("Hall, corridor: 10") == 2
    assert len(people) == 3  # one place of 102 stays an empty line
    assert documents_hand_over.print_materials_act(base, 1).key == "s1"
    boxes = text_of(documents_hand_over.print_materials_act(base, 1))
    assert "Box of hall 101" in boxes
    assert "Box of hall" not in text_of(documents_hand_over.print_materials_act(base))


def test_the_hand_over_is_noted_and_the_note_taken_back(base: Context) -> None:
    day = base.clock.now().date()
    with pytest.raises(Refused, match="who took"):
        representative_papers.note_given(base, day, " ")
    with pytest.raises(Refused, match="not come yet"):
        representative_papers.note_given(base, date(2031, 1, 1), "Нұрланова Айгүл")
    representative_papers.note_given(base, day, "Нұрланова  Айгүл")
    noted = representative_papers.given(base)
    assert noted == representative_papers.Given(day, "Нұрланова Айгүл", base.actor.login)
    representative_papers.take_note_back(base)
    assert representative_papers.given(base) is None
