"""What was measured and seen of the last builds (installers/results) is complete and within the limits."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from installers import description, notes

DESCRIPTION = description.read()
RESULTS = description.HERE / "results"
ROLES = list(DESCRIPTION.roles)


@cache
def result(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


PACKED = sorted(path.stem for system in ("deb", "windows") for path in RESULTS.glob(f"{system}-*.json"))


@pytest.mark.parametrize("name", PACKED)
def test_what_was_packed_fits(name: str) -> None:
    system, key = name.split("-", 1)
    built = result(name)
    assert built["size_mb"] <= DESCRIPTION.roles[key].limit[system]
    assert abs(sum(part["packed"] for part in built["parts"].values()) - built["size_mb"]) < 1
    assert built["left_out_mb"]


def test_the_limits_are_those_asked_for() -> None:
    most = {key: (role.limit["deb"], role.limit["windows"]) for key, role in DESCRIPTION.roles.items()}
    assert most == {"network-uni": (65, 65), "audit-fund": (65, 65), "base-uni": (115, 70),
                    "ministry-programmer": (115, 70)}  # fmt: skip


@pytest.mark.parametrize("key", ROLES)
def test_every_package_was_walked_through_in_a_clean_room(key: str) -> None:
    seen = result(f"walk-{key}")
    assert seen["python_in_the_room"] == "none"
    assert seen["walk"][-1] == "21 steps went well."
    assert seen["arrived_at_the_printer"]
    assert seen["removed"] == {"program_is_gone": True, "data_is_there": True}


@pytest.mark.parametrize("key", ROLES)
def test_an_installed_program_starts_as_quickly_as_the_source_tree(key: str) -> None:
    seen = result(f"start-up-{key}")
    assert seen["ratio"] <= 1.2
    assert seen["processor_ratio"] <= 1.2


def test_two_builds_of_one_commit_are_the_same() -> None:
    built = result("reproducible")
    assert {file["file"].rpartition(".")[2] for file in built} == {"deb", "exe"}
    assert all(file["same_list"] and file["same_installer"] for file in built)


def test_applications_share_the_disk_and_leave_each_other_whole() -> None:
    seen = result("together")
    last = list(seen["disk_mb"].values())[-1]
    assert last["on_the_disk"] < 0.6 * last["each_for_itself"]
    assert all(seen["whole"].values())
    assert all(one["gone"] and all(one["others_whole"].values()) for one in seen["removing"].values())


UPGRADES = ["upgrade-network-uni", "way-back-network-uni", "wine-upgrade-network-uni", "wine-way-back-network-uni"]


@pytest.mark.parametrize("name", UPGRADES)
def test_a_database_goes_up_is_refused_by_the_older_build_and_comes_back(name: str) -> None:
    made, newer, refused, back, again = result(name)["acts"]
    assert newer["schema"] == again["schema"] > made["schema"] == back["schema"]
    assert len(newer["copies"]) == 1
    assert "newer version of the program" in refused["refused"]


@pytest.mark.parametrize("key", ROLES)
def test_every_windows_setup_was_walked_through_under_wine(key: str) -> None:
    seen = result(f"wine-{key}")
    assert seen["installed"]["exit_code"] == seen["removed"]["exit_code"] == 0
    assert seen["installed"]["menu"] == [f"{DESCRIPTION.roles[key].file_title}.lnk"]
    assert seen["installed"]["in_the_list_of_programs"] in seen["installed"]["setup"]
    assert seen["window"]
    assert seen["setup_while_open"] == 2
    assert seen["walk"][-1] == "20 steps went well."
    assert any("KINGSTON (E:)" in line for line in seen["walk"])
    assert seen["arrived_at_the_printer"]
    groups = json.loads("".join(seen["record"]))[-1]["groups"]
    assert f"about: {groups}" in seen["walk"]
    assert groups in seen["verify"]
    assert seen["verify"][-1] == seen["verify_after"][-1]
    assert seen["removed"]["left"] == []
    assert seen["removed"]["data"]


def test_a_windows_setup_goes_over_an_older_one_under_wine() -> None:
    seen = [result(f"wine-{key}") for key in ROLES]
    over = [one for one in seen if "earlier" in one]
    assert over
    assert all(one["earlier"]["exit_code"] == 0 for one in over)
    assert all(one["earlier"]["setup"] != one["installed"]["setup"] for one in over)


def test_the_release_notes_tell_what_was_measured() -> None:
    """The tables of the notes are those that the results give (`python -m installers.notes`)."""
    told = (description.SOURCE / "docs" / "release-notes.md").read_text("utf-8").splitlines()
    tables = (*notes.sizes_and_start(), *notes.parts(), *notes.left_out())
    assert [line for line in tables if line not in told] == []
