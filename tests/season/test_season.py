"""A whole small season through every layer: real databases, carriers, prints, scans; the ledger must agree."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mab_desktop.cli import main
from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.play import rehearse
from mab_desktop.rehearsal.stage import open_stage
from mab_desktop.services import transfer, workplace
from mab_desktop.services.home_base import base_home
from tests.canaries import lying_in_clear, spellings
from tests.cheap_guesses import make_guesses_cheap

SIZE = ["--students", "45", "--universities", "3", "--shifts", "3"]
GROUNDS = {"1", "2", "3", "4", "5"}
SCENARIOS = {"absent", "ink-blot", "dry-pen", "swapped-code", "swapped-seat"}

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A season played in one go."""
    out = tmp_path_factory.mktemp("season") / "all"
    assert main(["--lang", "en", "rehearse", "--out", str(out), "--seed", "7", *SIZE]) == 0
    return out


def ledger(out: Path) -> dict[str, object]:
    return dict(json.loads((out / "ledger.json").read_text(encoding="utf-8")))


def test_everybody_gets_the_points_that_he_meant(season: Path) -> None:
    students = json.loads((season / "ledger.json").read_text(encoding="utf-8"))["students"]
    assert len(students) == 45
    assert all(line["agrees"] for line in students.values())
    assert {line["note"].split(" ")[0] for line in students.values()} >= SCENARIOS
    gained = [line for line in students.values() if line["truth"]["after"] != line["truth"]["before"]]
    assert len(gained) >= 5 * 3


def test_all_five_grounds_come_up_in_every_shift(season: Path) -> None:
    state = json.loads((season / "season.json").read_text(encoding="utf-8"))["memory"]
    for entries in state["applications"].values():
        assert {item[2] for entry in entries for item in entry["items"]} >= GROUNDS
        assert any(not entry["comes"] for entry in entries)


def test_the_centre_agrees_and_every_hand_over_left_a_carrier(season: Path) -> None:
    summary = json.loads((season / "summary.json").read_text(encoding="utf-8"))
    assert summary["recount"]["agrees"]
    names = [path.name for path in (season / "drive").glob("*.mab")]
    for kind in ("reference", "contingent", "hall-fund", "operator-portion", "operator-corrections", "statistics",
                 "university-students", "base-students", "final-students", "passes", "wrong-data", "hand-over",
                 "variants", "answer-key", "daily-statistics", "final-data", "enrolment"):  # fmt: skip
        assert any(f"-{kind}-" in name for name in names), kind


def test_the_second_entries_find_every_slip_in_the_sheets_drawn(season: Path) -> None:
    second = json.loads((season / "summary.json").read_text(encoding="utf-8"))["second_entry"]
    assert second["sheets"] >= 5
    assert second["found"] == second["planted"] > 0
    assert second["open"] == 0


def test_every_workplace_keeps_an_unbroken_log(season: Path) -> None:
    state = json.loads((season / "season.json").read_text(encoding="utf-8"))["memory"]
    for name, known in state["workplaces"].items():
        ctx = workplace.log_in(season / "workplaces" / name / "mab.db", known["login"], f"rehearsal {name} 2011")
        assert ctx.store.verify_log() is None
        ctx.store.close()


def test_the_base_university_leaves_nothing_open(season: Path, tmp_path: Path) -> None:
    shutil.copytree(season, tmp_path / "season")
    stage = open_stage(tmp_path / "season", "en", Silent())
    home = base_home(stage.ctx("bu013"))
    assert (home.late, home.hindrances, home.next_step) == (0, (), None)
    stage.close()


def test_nothing_personal_lies_in_clear_beside_the_databases(season: Path) -> None:
    people = json.loads((season / "ledger.json").read_text(encoding="utf-8"))["students"].values()
    known = json.loads((season / "season.json").read_text(encoding="utf-8"))["memory"]["workplaces"]
    words = {part for line in people for part in line["name"].split(" ") if len(part) > 6}
    forms = spellings([*words, *(f"rehearsal {name} 2011" for name in known)])
    assert len(words) > 45
    assert lying_in_clear([season / "drive", season / "workplaces"], forms) == []


def test_the_same_seed_gives_the_same_ledger_day_by_day_and_from_scanned_folders(
    season: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepare, take shift 1 from a folder of scans as a person would, play on: nothing differs from one go."""
    make_guesses_cheap(monkeypatch)  # the season in one go pays for them in earnest
    out, paper = tmp_path / "days", tmp_path / "scans"
    assert main(["rehearse", "prepare", "--out", str(out), "--seed", "7", *SIZE]) == 0
    before = (out / "season.json").read_bytes()
    for part in (["prepare"], ["all"], []):  # whoever gives it again does not lose what was worked on since
        assert main(["rehearse", *part, "--out", str(out), "--seed", "8", *SIZE]) == 6
    assert (out / "season.json").read_bytes() == before
    truth = json.loads((out / "truth" / "shift-1.json").read_text(encoding="utf-8"))
    assert truth == json.loads((season / "truth" / "shift-1.json").read_text(encoding="utf-8"))
    sheet = next(iter(truth["halls"].values()))[0]
    assert {"sheet", "student", "seat", "variant", "marks", "note"} <= set(sheet)
    for hall in truth["halls"]:
        assert (out / "paper" / "shift-1" / hall / "answer-sheets.pdf").exists()
        shutil.copytree(season / "scans" / "shift-1" / hall, paper / hall)
    # One folder is forgotten: the day breaks off within, and is played again from its eve.
    (paper / hall / "pass-2").rename(tmp_path / "pass-2")
    assert main(["rehearse", "exam", "--out", str(out), "--scans", str(paper)]) == 3
    (tmp_path / "pass-2").rename(paper / hall / "pass-2")
    assert main(["rehearse", "exam", "--out", str(out), "--scans", str(paper)]) == 0
    assert (out / "truth" / "shift-2.json").exists()
    assert not (out / "ledger.json").exists()
    assert main(["rehearse", "exam", "--out", str(out)]) == 0
    assert main(["rehearse", "exam", "--out", str(out)]) == 0
    assert ledger(out) == ledger(season)
    assert not (out / "eve").exists()
    assert main(["rehearse", "exam", "--out", str(out)]) == 6


def test_a_lost_point_is_found(season: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody changes the truth of one answer: the command must say so and fail."""
    from mab_desktop.rehearsal import reckoning
    from mab_desktop.rehearsal.stage import open_stage

    out = tmp_path / "season"
    shutil.copytree(season, out, ignore=shutil.ignore_patterns("scans", "prints"))
    path = out / "truth" / "shift-2.json"
    truth = json.loads(path.read_text(encoding="utf-8"))
    sheet = next(s for sheets in truth["halls"].values() for s in sheets if s["student"] and not s["note"])
    for column in sheet["marks"]["subject3"]:
        sheet["marks"]["subject3"][column] = []
    path.write_text(json.dumps(truth), encoding="utf-8")
    stage = open_stage(out, "en", Silent())
    wrong = reckoning.settle(stage)
    stage.close()
    assert [line.code for line in wrong] == [sheet["student"]]
    assert ledger(out)["differences"] == [sheet["student"]]


def test_carriers_of_the_season_are_refused_elsewhere(season: Path, tmp_path: Path) -> None:
    """A foreign carrier, a replayed one and an edited one change nothing and are told in words."""
    from mab_desktop.domain.errors import CarrierRefused

    out = tmp_path / "season"
    shutil.copytree(season / "workplaces" / "nu022", out / "nu022")
    ctx = workplace.log_in(out / "nu022" / "mab.db", "programmer", "rehearsal nu022 2011")
    before = ctx.store.log_head()[0]
    passes = sorted((season / "drive").glob("*-passes-bu013-nu023-*.mab"))[0]
    with pytest.raises(CarrierRefused) as foreign:
        transfer.examine(ctx, passes)
    assert foreign.value.code == "recipient-other"
    own = sorted((season / "drive").glob("*-passes-bu013-nu022-*.mab"))[0]
    edited = tmp_path / own.name
    data = bytearray(own.read_bytes())
    data[len(data) // 2] ^= 4
    edited.write_bytes(data)
    with pytest.raises(CarrierRefused):
        transfer.examine(ctx, edited)
    again = transfer.load(ctx, own)
    assert again.known
    # Each reading of a drive stands in the log twice, each of the two refusals once; the known file is only noted.
    assert ctx.store.log_head()[0] == before + 3 * 2 + 2 + 1
    ctx.store.close()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["rehearse", "exam", "--out", "{tmp}"], 6),
        (["rehearse", "--out", "{tmp}", "--students", "5"], 2),
        (["rehearse", "prepare", "--out", "{tmp}", "--scans", "{tmp}"], 2),
        (["verify", "{tmp}/missing.mab"], 3),
        (["read", "{tmp}/missing.png"], 3),
    ],
)
def test_bad_input_is_told_in_words_and_by_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    given = [word.replace("{tmp}", str(tmp_path / "x")) for word in arguments]
    assert main(["--lang", "en", *given]) == code
    said = capsys.readouterr().err
    assert said.strip()
    assert "Traceback" not in said
    assert not (tmp_path / "x").exists() or not any((tmp_path / "x").iterdir())


def test_a_folder_with_other_things_is_never_wiped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    assert main(["--lang", "en", "rehearse", "--out", str(tmp_path), *SIZE]) == 3
    assert "holds something else" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("state", "other"),
    [
        ('{"plan": {}, "memory": {}}', "thesis.txt"),  # somebody put a file of his own beside a rehearsal
        ('{"series": "Twin Peaks", "episode": 8}', "scans"),  # season.json of another program
        ("half a fil", "scans"),
    ],
)
def test_what_is_not_of_the_rehearsal_is_never_wiped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], state: str, other: str
) -> None:
    (tmp_path / "season.json").write_text(state, encoding="utf-8")
    (tmp_path / other).write_text("mine", encoding="utf-8")
    assert main(["--lang", "en", "rehearse", "--out", str(tmp_path), *SIZE]) == 3
    assert "holds something else" in capsys.readouterr().err
    assert (tmp_path / other).read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "season.json").read_text(encoding="utf-8") == state


def test_a_rehearsal_is_replaced_only_when_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state, prints = tmp_path / "season.json", tmp_path / "prints"
    state.write_text('{"plan": {}, "memory": {}}', encoding="utf-8")
    prints.mkdir()
    size = ["--students", "12", "--universities", "1", "--shifts", "1"]
    assert main(["--lang", "en", "rehearse", "prepare", "--out", str(tmp_path), *size]) == 6
    assert "a rehearsal in" in (said := capsys.readouterr().err)
    assert "--anew" in said
    assert prints.exists()
    assert main(["--lang", "en", "rehearse", "prepare", "--anew", "--out", str(tmp_path), *size]) == 0
    assert json.loads(state.read_text(encoding="utf-8"))["plan"]["students"] == 12
    state.write_text("{}", encoding="utf-8")  # a preparation that was stopped: nobody worked there
    assert main(["--lang", "en", "rehearse", "prepare", "--out", str(tmp_path), *size]) == 0


@pytest.mark.parametrize("state", ["", "[]", '{"plan":', '{"plan": {"none": 1}, "moment": "x"}', "null"])
def test_a_state_that_tells_of_no_season_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    (tmp_path / "season.json").write_text(state, encoding="utf-8")
    assert main(["--lang", "en", "rehearse", "exam", "--out", str(tmp_path)]) == 6
    assert "No season is prepared" in capsys.readouterr().err


def test_rehearse_refuses_from_python_too(tmp_path: Path) -> None:
    from mab_desktop.domain.errors import UserError

    with pytest.raises(UserError):
        rehearse("all", tmp_path / "s", seed="1", students=2, universities=3, shifts=3, scans=None, lang="en")
