"""Image files are fed in the order of the stack: a folder by its names, a list as it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Silent
from mab_desktop.scanning.folder import FilesSource, FolderSource


def test_numbers_in_names_count_as_numbers_and_other_files_are_left_out(tmp_path: Path) -> None:
    for name in ("10.jpg", "2.JPG", "1.png", "notes.txt", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "3.jpg").mkdir()
    source = FolderSource(tmp_path)
    assert source.count() == 3
    assert [(page.position, page.path.name) for page in source.pages(Silent())] == [
        (1, "1.png"), (2, "2.JPG"), (3, "10.jpg"),
    ]  # fmt: skip


def test_a_page_whose_name_says_nothing_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF"
    for name in ("0001", "0002.jfif", "0003.JPG", "._0003.JPG", ".hidden"):
        (tmp_path / name).write_bytes(jpeg)
    (tmp_path / "0004").write_bytes(b"no picture")
    assert [page.path.name for page in FolderSource(tmp_path).pages(Silent())] == ["0001", "0002.jfif", "0003.JPG"]


def test_a_missing_folder_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not there"):
        list(FolderSource(tmp_path / "away").pages(Silent()))


def test_chosen_files_keep_their_order_and_none_comes_when_one_is_missing(tmp_path: Path) -> None:
    files = tuple(tmp_path / name for name in ("b.png", "a.png"))
    for path in files:
        path.write_bytes(b"x")
    source = FilesSource(files)
    assert (source.count(), source.label) == (2, tmp_path.name)
    assert [(page.position, page.path.name) for page in source.pages(Silent())] == [(1, "b.png"), (2, "a.png")]
    with pytest.raises(UserError, match="no file or folder"):
        FilesSource((*files, tmp_path / "c.png")).pages(Silent())
