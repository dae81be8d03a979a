"""Statistics of a real, scored shift: each cut holds each student once, only those see them who may, papers say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.services import documents_analysis, documents_results, keys, result_statistics, results, shifts
from mab_desktop.services.result_statistics import Cut, odds_words
from tests.conftest import MakeContext
from tests.services.exam_room import CHAIR, FIRST_DAY, MINISTRY, Room, give_key, make_room, own_marks, password
from tests.services.test_exam_documents import text_of


@pytest.fixture
def scored(make_context: MakeContext, tmp_path: Path) -> Room:
    """Hall 101 scored, the first one right everywhere, each next one with one item less."""
    room = make_room(make_context, tmp_path / "scans")
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    room.scan([(room.serial(n + 1), own_marks(line, wrong=n)) for n, line in enumerate(room.lines())])
    room.finish_identification()
    with pytest.raises(OutOfOrder, match="before its key is opened"):
        result_statistics.group_lines(room.ctx, 1, Cut.HALL)
    give_key(room)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    with pytest.raises(OutOfOrder, match="not counted"):
        result_statistics.items(room.ctx, 1)
    results.score_shift(room.ctx, 1)
    return room


def test_every_cut_holds_every_student_once(scored: Room) -> None:
    points = sorted(line.total_after for line in results.results(scored.ctx, 1) if line.total_after is not None)
    for cut in Cut:
        lines = result_statistics.group_lines(scored.ctx, 1, cut)
        if cut is Cut.SUBJECT:
            assert sum(line.points.mean * line.points.count for line in lines) == pytest.approx(sum(points))
            continue
        assert sum(line.points.count for line in lines) == len(points)
        assert sum(sum(line.bins) for line in lines) == len(points)
        assert max(line.points.greatest for line in lines) == points[-1]
    (hall,) = result_statistics.group_lines(scored.ctx, 1, Cut.HALL)
    assert (hall.code, hall.points.least, hall.points.greatest) == ("101", points[0], points[-1])


def test_the_items_count_the_points_again(scored: Room) -> None:
    items = result_statistics.items(scored.ctx, 1)
    assert sum(item.right for item in items) == sum(line.total_before or 0 for line in results.results(scored.ctx, 1))
    letters = keys.answer_key(scored.ctx, 1).letters
    assert all(item.key == letters[item.variant, item.subject][item.item - 1] for item in items)


def test_who_is_alike_is_the_representative_s_alone(scored: Room) -> None:
    with pytest.raises(UserError, match="no right"):
        result_statistics.likeness(scored.ctx, 1)
    with pytest.raises(UserError, match="no right"):
        documents_analysis.print_likeness(scored.ctx, 1)
    report = result_statistics.likeness(scored.representative, 1)
    assert report.neighbours == 3
    assert report.apart == 0
    assert "proof" in text_of(documents_analysis.print_likeness(scored.representative, 1))


def test_the_papers_say_the_same_numbers(scored: Room) -> None:
    said = text_of(documents_analysis.print_statistics(scored.ctx, 1))
    (hall,) = result_statistics.group_lines(scored.ctx, 1, Cut.HALL)
    assert f"{hall.points.mean:.2f}".replace(".", ",") in said
    items = text_of(documents_analysis.print_items(scored.ctx, 1))
    assert all(item.variant in items for item in result_statistics.items(scored.ctx, 1))


def test_the_wall_copy_shows_codes_only_where_that_was_chosen(scored: Room) -> None:
    name = scored.lines()[0].name
    assert text_of(documents_results.print_results(scored.ctx, 1)).count(name) == 3
    results.choose_wall_copy(scored.ctx, by_code=True)
    said = text_of(documents_results.print_results(scored.ctx, 1))
    assert said.count(name) == 2
    assert said.count(scored.lines()[0].code) == 3


def test_small_probabilities_are_said_as_odds() -> None:
    assert odds_words(1 / 228_060, "en") == "1 in 228 060"
    assert odds_words(1e-12, "en") == "less than 1 in 1 000 000 000"
