"""The search itself finds what it is there for; the runs in which it looks are in `test_kills`."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.faults.clear import left_in_clear, temporary_folder, use_temporary_folder
from tests.services.exam_room import SECRET
from tests.services.land import PASSWORD

LEFT = {
    "a log line": "INFO saved Ахметов".encode(),
    "a Windows text": "Серікұлы;Ерлан;Ахметов".encode("utf-16-le"),
    "a manifest": b'{"by":"\\u0410\\u0445\\u043c\\u0435\\u0442\\u043e\\u0432"}'.replace(b"\\\\", b"\\"),
    "a file in base64": base64.b64encode(b"x" + "ФИО: Ахметов Е.".encode()),
    "a password": PASSWORD.encode(),
    "a key": b"\0" * 100 + SECRET,
    "a key in words": SECRET.hex().encode(),
    "an identity": b"AGE-SECRET-KEY-1QQQ",
    "a database": b"SQLite format 3\0" + bytes(100),
}


@pytest.mark.parametrize("what", LEFT)
def test_what_lies_in_clear_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folder = tmp_path / "run"
    (folder / "nu027").mkdir(parents=True)
    use_temporary_folder(folder)
    (folder / "nu027" / "mab.db").write_bytes(bytes(reversed(range(256))) * 40)
    assert left_in_clear(folder) == ""
    (temporary_folder(folder) / "left.tmp").write_bytes(LEFT[what])
    assert "left.tmp" in left_in_clear(folder)
