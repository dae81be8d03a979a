"""A watched folder gives out whole pages in the order of their arrival and leaves every file as it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.progress import Silent
from mab_desktop.scanning.watched import WatchedSource
from tests.scanning.scanner_stand import StopAfter, make_stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_stack(tmp_path_factory.mktemp("stack"), 4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "scans"
    path.mkdir()
    return path


class Script:
    """A wait in which the scanner's program does one thing after the other; after the last one the person is done."""

    def __init__(self, *acts: Callable[[], object], ends: bool = True) -> None:
        self.acts, self.ends, self.waits = list(acts), ends, 0

    def __call__(self, _seconds: float) -> bool:
        self.waits += 1
        if self.acts:
            self.acts.pop(0)()
            return False
        return self.ends


def nothing() -> None:
    """Nothing happens between two looks."""


def saves(path: Path, data: bytes) -> Callable[[], object]:
    return lambda: path.write_bytes(data)


def test_pages_come_when_they_are_whole_and_in_the_order_of_arrival(stack: list[Path], folder: Path) -> None:
    data = [path.read_bytes() for path in stack]
    script = Script(
        saves(folder / "10.jpg", data[0][:500]),
        saves(folder / "~11.jpg", data[3]),
        saves(folder / "9.jpg", data[1]),
        nothing,
        saves(folder / "10.jpg", data[0]),
        saves(folder / "notes.txt", b"no page"),
        nothing,
        saves(folder / "12.jpg", data[2]),
    )
    source = WatchedSource(folder, wait=script)
    given = [(page.position, page.path.name, page.path.read_bytes()) for page in source.pages(Silent())]
    assert given == [(1, "10.jpg", data[0]), (2, "9.jpg", data[1]), (3, "12.jpg", data[2])]
    assert {path.name for path in folder.iterdir()} == {"10.jpg", "9.jpg", "12.jpg", "~11.jpg", "notes.txt"}


def test_a_file_that_looks_whole_but_still_grows_is_not_taken(stack: list[Path], folder: Path) -> None:
    half = stack[0].read_bytes() + b"\0" * 10
    script = Script(saves(folder / "1.jpg", half), saves(folder / "1.jpg", half * 2), nothing, nothing)
    source = WatchedSource(folder, wait=script)
    pages = source.pages(Silent())
    page = next(pages)
    assert (page.path.stat().st_size, script.waits) == (len(half) * 2, 3)


def test_what_lay_there_before_is_left_out_unless_asked_for(stack: list[Path], folder: Path) -> None:
    for name in ("2.jpg", "1.jpg"):
        (folder / name).write_bytes(stack[0].read_bytes())
    assert [page.path.name for page in WatchedSource(folder, wait=Script()).pages(Silent())] == []
    old = WatchedSource(folder, fresh=False, wait=Script())
    assert [page.path.name for page in old.pages(Silent())] == ["1.jpg", "2.jpg"]
    assert old.count() is None


def test_a_page_written_over_one_that_was_taken_is_told_and_not_lost_in_silence(
    stack: list[Path], folder: Path
) -> None:
    data = [path.read_bytes() for path in stack]
    script = Script(
        saves(folder / "scan.jpg", data[0]), nothing, saves(folder / "scan.jpg", data[1][:700]), nothing,
        saves(folder / "scan.jpg", data[1]), nothing, nothing,
    )  # fmt: skip
    source = WatchedSource(folder, wait=script)
    pages = source.pages(Silent())
    assert next(pages).path.name == "scan.jpg"
    with pytest.raises(UserError, match="wrote scan.jpg anew"):
        next(pages)
    source.wait = Script(saves(folder / "scan-2.jpg", data[1]), nothing)
    assert [(page.position, page.path.name) for page in source.pages(Silent())] == [(2, "scan-2.jpg")]


def test_a_page_that_is_only_touched_is_no_new_one(stack: list[Path], folder: Path) -> None:
    path = folder / "1.jpg"
    script = Script(saves(path, stack[0].read_bytes()), nothing, lambda: os.utime(path, (1, 1)), nothing, nothing)
    assert [page.path.name for page in WatchedSource(folder, wait=script).pages(Silent())] == ["1.jpg"]


def test_names_of_the_stack_before_may_come_again(stack: list[Path], folder: Path) -> None:
    (folder / "1.jpg").write_bytes(stack[0].read_bytes())
    (folder / "2.jpg").write_bytes(stack[1].read_bytes())
    source = WatchedSource(folder, wait=Script(saves(folder / "1.jpg", stack[2].read_bytes()), nothing))
    assert [page.path.read_bytes() for page in source.pages(Silent())] == [stack[2].read_bytes()]


def test_it_ends_after_the_idle_time(stack: list[Path], folder: Path) -> None:
    script = Script(nothing, saves(folder / "1.jpg", stack[0].read_bytes()), ends=False)
    source = WatchedSource(folder, idle=2.0, wait=script)
    assert [page.path.name for page in source.pages(Silent())] == ["1.jpg"]
    assert script.waits == 7


def test_a_torn_page_at_the_end_is_named_and_scanning_goes_on_behind_what_was_taken(
    stack: list[Path], folder: Path
) -> None:
    data = stack[0].read_bytes()
    script = Script(saves(folder / "1.jpg", data), saves(folder / "2.jpg", data[:900]), saves(folder / "3.jpg", data))
    source = WatchedSource(folder, wait=script)
    pages = source.pages(Silent())
    assert next(pages).path.name == "1.jpg"
    with pytest.raises(UserError, match="2.jpg in the watched folder is not whole"):
        next(pages)
    (folder / "2.jpg").write_bytes(data)
    assert [(page.position, page.path.name) for page in source.pages(Silent())] == [(2, "2.jpg"), (3, "3.jpg")]


def test_a_torn_page_that_stays_so_holds_nothing_back_when_scanning_goes_on(stack: list[Path], folder: Path) -> None:
    data = [path.read_bytes() for path in stack]
    source = WatchedSource(folder, wait=Script(saves(folder / "1.jpg", data[0][:900]), nothing))
    with pytest.raises(UserError, match="1.jpg in the watched folder is not whole"):
        list(source.pages(Silent()))
    source.wait = Script(saves(folder / "2.jpg", data[0]), saves(folder / "3.jpg", data[1]), nothing)
    assert [page.path.name for page in source.pages(Silent())] == ["2.jpg", "3.jpg"]


def test_a_page_that_gets_another_name_is_no_new_one(stack: list[Path], folder: Path) -> None:
    data = [path.read_bytes() for path in stack]
    script = Script(
        saves(folder / "tmp.jpg", data[0]), nothing, lambda: (folder / "tmp.jpg").rename(folder / "1.jpg"), nothing,
        saves(folder / "tmp.jpg", data[1]), nothing, lambda: (folder / "tmp.jpg").rename(folder / "2.jpg"), nothing,
    )  # fmt: skip
    read = [page.path.read_bytes() for page in WatchedSource(folder, wait=script).pages(Silent())]
    assert read == data[:2]


def test_finish_from_outside_and_cancel(stack: list[Path], folder: Path) -> None:
    source = WatchedSource(folder)
    (folder / "1.jpg").write_bytes(stack[0].read_bytes())
    source.finish()
    assert [page.path.name for page in source.pages(Silent())] == ["1.jpg"]
    with pytest.raises(Cancelled):
        list(WatchedSource(folder, wait=Script(ends=False)).pages(StopAfter(0, looks=2)))


def test_a_missing_folder_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not there"):
        WatchedSource(tmp_path / "away")
