"""The long run: a batch follows from its seed, counts add up, a broken run goes on, and no purpose shares its seeds."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import long_read
from printed_sheet import LAYOUT, filled

from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import GroupReading, State
from mab_desktop.rehearsal import answers, mishaps
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.pen import POPULATIONS
from mab_desktop.rehearsal.scanned_pages import FILLINGS, ONE_BIT, SCANS, Page, make_pages

TEST_SEED = long_read.RANGES["test"][0]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return long_read.run_batch(TEST_SEED, ["ordinary"], str(tmp_path_factory.mktemp("kept")))


def test_ranges_do_not_meet_and_stand_in_the_seeds_file() -> None:
    ranges = sorted(long_read.RANGES.values())
    assert all(before[1] < after[0] for before, after in zip(ranges, ranges[1:], strict=False))
    text = Path(long_read.__file__).with_name("seeds.md").read_text(encoding="utf-8")
    told = {tuple(int(n.replace(",", "")) for n in pair) for pair in re.findall(r"numbers ([\d,]+) to ([\d,]+)", text)}
    assert told == set(ranges)
    assert all(f"| {name} |" in text for name in (*POPULATIONS, ONE_BIT))


def test_a_batch_of_ordinary_sheets_is_counted_in_full_and_read_without_a_silent_error(batch: dict[str, Any]) -> None:
    (counts,) = batch["counts"].values()
    assert counts["pages"] == FILLINGS * SCANS
    assert counts["positions"] % counts["pages"] == 0
    assert counts["groups"] > 100 * counts["pages"]
    assert counts["groups"] == sum(counts["places"].values())
    assert counts["places"]["mark"] > 0.9 * counts["groups"]
    assert not batch["wrong"]
    assert not counts["refused"]
    json.dumps(batch)


def test_the_same_seed_makes_the_same_pages() -> None:
    pages = [[next(make_pages(TEST_SEED + n, long_read.draw_form, ["nasty"])) for n in (0, 1)] for _ in range(2)]
    assert [page.data for page in pages[0]] == [page.data for page in pages[1]]
    assert pages[0][0].data != pages[0][1].data
    assert pages[0][0].truth == pages[1][0].truth


def page_of(said: dict[tuple[str, str], GroupReading]) -> tuple[Page, SheetReading]:
    """A page with its truth, and a reading that is right but for what is `said`."""
    truth = filled()
    fields: dict[str, dict[int, Any]] = {}
    for name, columns in truth.marks.items():
        for column, values in columns.items():
            right = GroupReading(State.ONE if values else State.NONE, tuple(values))
            fields.setdefault(name, {})[int(column)] = said.get((name, column), right)
    scale = 200 / 25.4
    reading = SheetReading("", 1, True, (), serial=truth.sheet, fields=fields,
                           placement=(scale, 0, 0, 0, scale, 0, 0, 0, 1))  # fmt: skip
    image = long_read.cv2.imencode(".jpg", np.full((2339, 1654), 255, np.uint8))[1].tobytes()
    return Page("5.0.1", "hard", LAYOUT, truth, ("dpi 200",), image), reading


def test_a_silent_error_is_counted_told_and_kept_with_its_picture(tmp_path: Path) -> None:
    place = ("subject1", "3")
    right = filled().marks["subject1"]["3"][0]
    wrong = next(v for v in "ABCDE" if v != right)
    page, read = page_of({("subject2", "0"): GroupReading(State.DOUBTFUL, ())})
    counts = long_read.Counts()
    assert long_read.judge_page(page, read, counts) == []
    assert (counts.pages, counts.positions, counts.asked) == (1, len(LAYOUT.bubbles), 1)
    assert counts.groups == sum(len(columns) for columns in filled().marks.values())
    page, read = page_of({place: GroupReading(State.ONE, (wrong,))})
    (error,) = long_read.judge_page(page, read, counts)
    assert (error["field"], error["column"], error["truth"], error["values"]) == (*place, ((right,),), (wrong,))
    assert counts.wrong == 1
    long_read.keep_page(tmp_path, page, read, [error])
    assert {path.suffix for path in tmp_path.iterdir()} == {".jpg", ".json", ".png"}
    picture = long_read.cv2.imread(str(next(tmp_path.glob("*.png"))))
    assert (picture[..., 2].astype(int) - picture[..., 0] > 100).any()  # the red frame


def test_a_broken_run_goes_on_and_lines_of_other_sources_are_refused(tmp_path: Path, batch: dict[str, Any]) -> None:
    lines = tmp_path / "tuning.jsonl"
    whole = json.dumps(batch)
    lines.write_text(f"{whole}\n{whole[:40]}", encoding="utf-8")
    assert [line["seed"] for line in long_read.read_lines(lines)] == [TEST_SEED]
    assert lines.read_text(encoding="utf-8") == whole + "\n"
    lines.write_text(json.dumps({**batch, "sources": "others"}) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="another"):
        long_read.read_lines(lines)


def test_lines_add_up(batch: dict[str, Any]) -> None:
    once, twice = (long_read.sum_lines(json.loads(json.dumps([batch] * n)))["ordinary"] for n in (1, 2))
    assert twice.positions == 2 * once.positions
    assert twice.groups_by == Counter({tag: 2 * n for tag, n in once.groups_by.items()})
    assert long_read.shares(twice)["doubtful_percent"] == long_read.shares(once)["doubtful_percent"]


def test_what_stands_at_a_place_is_told_in_a_word() -> None:
    rng = stream("words")
    truth = answers.erased_and_remarked(rng, filled())
    truth = mishaps.weak_beside(rng, truth, ("subject3", "0"))
    truth = replace(truth, faint=frozenset({("subject4", "0")}))
    (gone, *_) = truth.erased
    told = {
        ("subject3", "0"): "weak, ambiguous", ("subject4", "0"): "faint mark", gone[:2]: "mark beside an erased one",
        ("code", "0"): "mark",
    }  # fmt: skip
    assert {place: long_read.what_stands(truth, place) for place in told} == told


def test_the_bound_without_an_error_is_the_rule_of_three() -> None:
    assert long_read.upper_bound(0) == 3
    assert 4.5 < long_read.upper_bound(1) < 4.9
    assert 17 < long_read.upper_bound(10) < 18
