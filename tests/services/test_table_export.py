"""A list as a file: types that stay, text that is never computed, whole or not at all."""

from __future__ import annotations

import csv
import resource
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook
from sqlalchemy import select

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Silent
from mab_desktop.services.context import Context
from mab_desktop.services.log_view import subject
from mab_desktop.services.table_export import SheetColumn, note_export, sheet_name, write_table
from mab_desktop.storage.tables.core import AuditEntry
from tests.conftest import MakeContext

COLUMNS = [SheetColumn("Тегі", 20), SheetColumn("Коды"), SheetColumn("Туған күні"), SheetColumn("Саны")]
ROWS = [["=1+1", "00123", date(2005, 5, 6), 1200], ["Әбдірова", "0", None, 0.5], [None, "+7", date(1999, 1, 1), -3]]


@pytest.fixture
def ctx(make_context: MakeContext) -> Context:
    return make_context(Role.NETWORK_UNI, "027")


def written(file: Path, rows: list[list[object]] = ROWS) -> Path:
    write_table(file, "Студенттер", COLUMNS, rows, len(rows), Silent())
    return file


def test_cells_keep_their_types_and_codes_their_zeros(tmp_path: Path) -> None:
    file = written(tmp_path / "list.xlsx")
    book = load_workbook(file)
    assert book.sheet_names == ["Студенттер"]
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert head == ["Тегі", "Коды", "Туған күні", "Саны"]
    assert rows[0] == ["=1+1", "00123", date(2005, 5, 6), 1200.0]
    assert rows[1] == ["Әбдірова", "0", "", 0.5]
    assert rows[2][1:] == ["+7", date(1999, 1, 1), -3.0]
    with zipfile.ZipFile(file) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:D4"/>' in sheet
    assert "<f>" not in sheet
    assert 'customWidth="1"' in sheet


def test_moments_and_numbers_too_long_for_a_spreadsheet(tmp_path: Path) -> None:
    moment, long = datetime.fromisoformat("2026-04-08T09:30"), 12345678901234567890
    file = written(tmp_path / "list.xlsx", [["a", "b", moment, long]])
    assert load_workbook(file).get_sheet_by_index(0).to_python()[1][2:] == [moment, str(long)]


def test_csv_is_decided_by_the_name_and_guards_formulas(tmp_path: Path) -> None:
    with written(tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[1] == ["'=1+1", "00123", "06.05.2005", "1200"]
    assert rows[3] == ["", "'+7", "01.01.1999", "-3"]


@pytest.mark.parametrize("name", ["list.ods", "list.xls", "list", "list.csv.txt"])
def test_a_name_that_promises_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(UserError, match=r"ends in \.xlsx / \.csv") as caught:
        written(tmp_path / name)
    assert caught.value.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text("utf-8") == "mine"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12), max_size=6))
def test_any_words_come_back_as_text(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    file = tmp_path_factory.mktemp("words") / "list.xlsx"
    write_table(file, "'[:]'", [SheetColumn("A")], [[word] for word in words], len(words), Silent())
    found = [row[0] for row in load_workbook(file).get_sheet_by_index(0).to_python()[1:]]
    assert found == words


@pytest.mark.parametrize(("title", "name"), [
    ("Жалған мәліметтер: [2026]/1*?", "Жалған мәліметтер 2026 1"), ("'", "1"), ("а" * 40, "а" * 31),
])  # fmt: skip
def test_a_sheet_has_a_name_that_programs_take(title: str, name: str) -> None:
    assert sheet_name(title) == name


class Stopped(Silent):
    """A person who cancels after two rows."""

    def __init__(self) -> None:
        self.left = 2

    def step(self, n: int = 1) -> None:
        self.left -= n
        if self.left < 0:
            raise Cancelled


def endless() -> Iterator[list[object]]:
    for number in range(20_000):
        yield [f"Асанов {number}", "0001", date(2005, 1, 1), number]


@pytest.mark.parametrize("name", ["list.xlsx", "list.csv"])
def test_cancelled_export_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"before")
    with pytest.raises(Cancelled):
        write_table(file, "x", COLUMNS, endless(), 20_000, Stopped())
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["list.xlsx", "list.csv"])
def test_no_room_is_said_and_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))  # a disk that takes no more: EFBIG
    try:
        with pytest.raises(UserError, match="no room"):
            write_table(file, "x", COLUMNS, endless(), 20_000, Silent())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_the_log_tells_what_goes_out_before_the_file_stands_there(ctx: Context, tmp_path: Path) -> None:
    """What left the encrypted database, how much of it, by whom; an export that is broken off says nothing."""
    file, seen = tmp_path / "list.xlsx", list[bool]()

    def ready() -> None:
        seen.append(file.exists())
        note_export(ctx, "Students", len(ROWS), ["name", "to_code"], file)

    write_table(file, "x", COLUMNS, ROWS, len(ROWS), Silent(), ready)
    with pytest.raises(Cancelled):
        write_table(tmp_path / "other.csv", "x", COLUMNS, endless(), 20_000, Stopped(), ready)
    assert seen == [False]
    with ctx.store.read() as session:
        asked = select(AuditEntry.user, AuditEntry.object, AuditEntry.details)
        (entry,) = session.execute(asked.where(AuditEntry.event == "list-exported"))
    told = {"rows": 3, "columns": ["name", "to_code"], "file": str(file)}
    assert tuple(entry) == (ctx.actor.login, "Students", told)
    assert subject(entry.object, "kk") == "Студенттер"


def test_a_place_that_refuses_and_what_a_killed_run_left(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be written"):
        written(tmp_path / "none" / "list.xlsx")
    left = tmp_path / ".list.xlsx.part"
    left.mkdir()
    (left / "half").write_bytes(b"half")
    written(tmp_path / "list.xlsx")
    assert [file.name for file in tmp_path.iterdir()] == ["list.xlsx"]
