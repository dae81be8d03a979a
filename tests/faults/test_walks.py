"""A walk finds the one place where work is lost, and its copies of the process leave the run itself as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from mab_desktop.domain.errors import UserError
from tests.faults.runs import Templates
from tests.faults.scenario import Say, Scenario
from tests.faults.syscalls import Operation
from tests.faults.trials import seen
from tests.faults.walks import FAILED, KILLED, Walk, Way

KEPT = "kept"


def write_twice(folder: Path, say: Say) -> None:
    """Two words; the second one over the first, which is not there any more when the second is not there yet."""
    place = folder / "fingerprint"
    try:
        for word in ("first", "second"):
            with place.open("w", encoding="utf-8") as file:
                file.write(word)
            say(f"{KEPT} {word}")
    except OSError as error:
        raise UserError("The disk does not take it.") from error


def write_beside(folder: Path, say: Say) -> None:
    """The same, the second one put in the place of the first."""
    place, beside = folder / "fingerprint", folder / "beside"
    try:
        for word in ("first", "second"):
            with beside.open("w", encoding="utf-8") as file:
                file.write(word)
            beside.replace(place)
            say(f"{KEPT} {word}")
    except OSError as error:
        raise UserError("The disk does not take it.") from error


def check(folder: Path, said: Sequence[str]) -> None:
    if said:
        assert (folder / "fingerprint").read_text("utf-8") in ("first", "second")


def write_in_open_folder(folder: Path, say: Say) -> None:
    """A file beside the others, in a folder that is open meanwhile and that the look at what is left takes away."""
    inside = folder / "inside"
    inside.mkdir(exist_ok=True)
    place = os.open(inside, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for word in ("first", "second"):
            os.fsync(place)
            written = os.open(word, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=place)
            os.write(written, word.encode())
            os.close(written)
            say(f"{KEPT} {word}")
    except OSError as error:
        raise UserError("The disk does not take it.") from error
    finally:
        os.close(place)


def check_folder(folder: Path, said: Sequence[str]) -> None:
    for line in said:
        word = line.removeprefix(f"{KEPT} ")
        assert (folder / "inside" / word).read_text("utf-8") == word
    if not said:
        shutil.rmtree(folder / "inside", ignore_errors=True)


FOLDER = Scenario("folder", ("fingerprint",), write_in_open_folder, check_folder)
CARELESS = Scenario("careless", ("fingerprint",), write_twice, check)
CAREFUL = Scenario("careful", ("fingerprint",), write_beside, check)


def walked(templates: Templates, folder: Path, scenario: Scenario, ways: Sequence[Way]) -> tuple[Walk, list[str]]:
    """A walk, and the operations where something was wrong."""
    wrong: list[str] = []

    def passed(_: Way, place: int, operation: Operation, told: str) -> None:
        if told:
            wrong.append(f"{place} {operation.name}")

    walk = Walk(templates, scenario, folder / "run", ways, lambda *_: True, passed)
    walk.go()
    return walk, wrong


def test_the_place_where_work_is_lost(templates: Templates, tmp_path: Path) -> None:
    walk, wrong = walked(templates, tmp_path, CARELESS, [KILLED])
    assert [operation.name for operation in walk.operations[KILLED]] == ["empty", "write", "empty", "write"]
    assert wrong == ["3 write"]
    assert walked(templates, tmp_path, CAREFUL, [KILLED])[1] == []


def test_errors_that_are_refused_and_done_again(templates: Templates, tmp_path: Path) -> None:
    walk, wrong = walked(templates, tmp_path, CAREFUL, FAILED)
    assert wrong == []
    assert sum(map(len, walk.operations.values())) > len(walk.outcomes) > 5
    assert walk.operations[FAILED[0]] == list(seen(templates, CAREFUL, tmp_path / "run"))
    _, wrong = walked(templates, tmp_path, CARELESS, [way for way in FAILED if way.for_good])
    assert wrong == ["3 write", "1 write"]  # of all operations, and of those that need room


def test_a_folder_that_is_taken_away_under_the_run(templates: Templates, tmp_path: Path) -> None:
    walk, wrong = walked(templates, tmp_path, FOLDER, [KILLED])
    assert [operation.name for operation in walk.operations[KILLED]] == [
        "mkdir", "fsync", "create", "write", "fsync", "create", "write"]  # fmt: skip
    assert wrong == []
