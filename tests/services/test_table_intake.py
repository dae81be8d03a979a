"""Tables of people as others make them; and those made to do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from mab_desktop.domain.errors import UserError
from mab_desktop.services.table_intake import clean, export_csv, open_table

TABLE = "ЖСН;Тегі;Туған күні\n000101500123;Әбенов;1990-02-03\n070101500123;Ғалымова;\n"
_TYPES = ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
          'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
          'ContentType="application/xml"/></Types>')  # fmt: skip
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(sheets: dict[str, str], more: dict[str, bytes] | None = None, head: str = "") -> bytes:
    """An XLSX file; `sheets` are rows in its own language, the styles know dates under 1."""
    styles = (f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders '
              'count="1"><border/></borders><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
              "</styleSheet>")  # fmt: skip
    names = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="r{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    ) + f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    root = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": _TYPES, "_rels/.rels": f'<Relationships xmlns="{_LINKS}">{root}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_LINKS}">{links}</Relationships>',
        "xl/styles.xml": styles,
        **{f"xl/worksheets/sheet{i}.xml": f'{head}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
           for i, rows in enumerate(sheets.values(), 1)},
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
        for name, data in (more or {}).items():
            packed.writestr(name, data)
    return out.getvalue()


def row(number: int, *cells: object) -> str:
    """A row: texts, numbers, and ("formula", value) or ("date", days)."""
    made = []
    for column, cell in zip("ABCDEFGH", cells, strict=False):
        place = f'r="{column}{number}"'
        if isinstance(cell, tuple):
            made.append(f'<c {place} s="1"><v>{cell[1]}</v></c>' if cell[0] == "date" else
                        f"<c {place}><f>{cell[0]}</f><v>{cell[1]}</v></c>")  # fmt: skip
        elif isinstance(cell, str):
            made.append(f'<c {place} t="inlineStr"><is><t>{escape(cell)}</t></is></c>')
        else:
            made.append(f"<c {place}><v>{cell}</v></c>")
    return f'<row r="{number}">{"".join(made)}</row>'


def put(tmp_path: Path, data: bytes, name: str = "students.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def refused(path: Path) -> str:
    with pytest.raises(UserError) as said:
        open_table(path)
    return said.value.message("en")


@pytest.mark.parametrize(
    ("codec", "encoding"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("kz1048", "KZ-1048")]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_is_understood_however_it_was_saved(tmp_path: Path, codec: str, encoding: str, delimiter: str) -> None:
    path = put(tmp_path, TABLE.replace(";", delimiter).replace("\n", "\r\n").encode(codec), "no.suffix")
    table = open_table(path)
    assert (table.kind, table.encoding, table.delimiter, table.count) == ("csv", encoding, delimiter, 2)
    assert table.heads == ("ЖСН", "Тегі", "Туған күні")
    assert [(r.line, r.cells) for r in table.rows()] == [
        (2, ("000101500123", "Әбенов", "1990-02-03")), (3, ("070101500123", "Ғалымова", "")),
    ]  # fmt: skip
    assert table.sample == tuple(table.rows())


def test_russian_letters_of_windows_are_told_apart_from_kazakh_ones(tmp_path: Path) -> None:
    table = open_table(put(tmp_path, "ИИН;Фамилия\n007;Иванов № 5 «А»\n".encode("cp1251")))
    assert (table.encoding, table.sample[0].cells) == ("Windows-1251", ("007", "Иванов № 5 «А»"))


def test_breaks_and_delimiters_in_quotation_marks_are_part_of_the_cell(tmp_path: Path) -> None:
    table = open_table(put(tmp_path, b'sep=,\nname,note\n"Abenov, A.","two\nlines"\n\n,\nB,"say ""yes"""\n'))
    assert [(r.line, r.cells) for r in table.rows()] == [
        (3, ("Abenov, A.", "two lines")), (7, ("B", 'say "yes"')),
    ]  # fmt: skip


def test_what_cannot_be_seen_is_taken_out_and_told(tmp_path: Path) -> None:
    decomposed = "И\u0306ван"
    data = f"name;note\n\u200f{decomposed}\u202e;a\x07b\nПётр\u00a0\u00a0;\ufeffx\n"
    table = open_table(put(tmp_path, data.encode()))
    assert [r.cells for r in table.rows()] == [("Йван", "ab"), ("Пётр", "x")]
    assert table.cleaned == 3


def test_cells_of_a_workbook_come_as_text_and_nothing_is_rounded(tmp_path: Path) -> None:
    rows = row(2, "IIN", "born", "sum", "half") + row(4, "007", ("date", 32907), 980101300123, 0.1) + row(
        5, 'x="1"', ("date", 32907.5), ("HYPERLINK(1)", 42), ""
    )
    path = put(tmp_path, workbook({"Empty": "", "People": rows, "Other": row(1, "a") + row(2, "b")}), "people")
    table = open_table(path)
    assert (table.kind, table.sheet, table.sheets) == ("xlsx", "People", ("Empty", "People", "Other"))
    assert table.heads == ("IIN", "born", "sum", "half")
    assert [(r.line, r.cells) for r in table.rows()] == [
        (4, ("007", "1990-02-03", "980101300123", "0.1")), (5, ('x="1"', "1990-02-03 12:00:00", "42", "")),
    ]  # fmt: skip
    assert [r.cells for r in open_table(path, "Other").rows()] == [("b",)]


def test_rows_wider_than_the_heads_get_nameless_ones(tmp_path: Path) -> None:
    table = open_table(put(tmp_path, b"a;b\n1;2\n1;2;3\n1\n"))
    assert table.heads == ("a", "b", "")
    assert [r.cells for r in table.rows()] == [("1", "2", ""), ("1", "2", "3"), ("1", "", "")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no row"),
        (b"a;b\n", "no row"),
        (b"a;b\n1;\0\n", "neither a text table nor XLSX"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither a text table nor XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel kind or locked with a password"),
        (b"PK\x03\x04 and nothing", "is damaged"),
        (b"a;b\n" + b"1;2\n" * 200_001, "more than 200000 rows"),
        (b"a;b\n" + b"x" * 40_000 + b";1\n", "Line 2 of the table students.csv has a cell of more than 32767"),
        (b'a;b\n1;"' + b"x\n" * 20_000, "Line 2"),
        (b'a;b\n1;"x"y\n', "In line 2 of the table students.csv a quotation mark"),
        (b"a" + b";" * 300 + b"\n1\n", "Line 1 of the table students.csv has more than 256 cells"),
        ("ИИН;Фамилия\n1;Иванов\n".encode() + "2;Петров\n".encode("cp1251"), "From line 3 on"),
        ("ИИН;Фамилия\n1;Иванов\n".encode("cp1251") + "2;Петров\n".encode(), "From line 3 on"),
        (b"a;b\n\xff\xfe\x98;2\n", "neither a text table nor XLSX"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refused(put(tmp_path, data))


def test_a_line_of_two_gigabytes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as out:
        out.write(b"a;b\n")
        out.truncate(2 << 30)
    assert refused(path) == (
        "The table sparse.csv has 2147 MB; at most 50 are read. Divide it into several files."
    )


def bomb(entries: Sequence[tuple[str, int]]) -> bytes:
    zeros = bytes(1 << 20)
    out = io.BytesIO(workbook({"A": row(1, "a") + row(2, "b")}))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, size in entries:
            with packed.open(name, "w") as entry:
                for _ in range(size):
                    entry.write(zeros)
    return out.getvalue()


def test_a_workbook_that_unpacks_to_very_much_is_refused_whatever_it_says(tmp_path: Path) -> None:
    data = bytearray(bomb([("xl/media/image1.png", 250)]))
    assert len(data) < 300_000
    assert "unpacks to more than 200 MB" in refused(put(tmp_path, data))
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = (100).to_bytes(4, "little")  # the directory lies about its size
    assert refused(put(tmp_path, data))
    with_many = io.BytesIO(workbook({"A": row(1, "a") + row(2, "b")}))
    with zipfile.ZipFile(with_many, "a") as packed:
        for n in range(2_001):
            packed.writestr(f"xl/media/{n}", b"")
    assert "unpacks to more than" in refused(put(tmp_path, with_many.getvalue()))


def test_entities_are_not_expanded_and_a_far_cell_costs_no_memory(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    ) + ' <!ENTITY file SYSTEM "file:///etc/passwd">]>'
    for entity in ("&j;", "&file;"):
        rows = row(1, "a").replace(">a<", f">{entity}<") + row(2, "b")
        path = put(tmp_path, workbook({"A": rows}, head=laughs), "laughs.xlsx")
        try:
            table = open_table(path)
        except UserError:
            continue
        cells = [*table.heads, *(cell for found in table.rows() for cell in found.cells)]
        assert sum(map(len, cells)) < 100
        assert not any("root" in cell for cell in cells)
    far = row(1, "a") + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refused(put(tmp_path, workbook({"A": far}), "far.xlsx"))


def test_no_exported_cell_is_a_formula_and_it_comes_back(tmp_path: Path) -> None:
    cells = ["=1+1", "+7 701", "-x", "@a", "\tb", "plain; text", 'say "yes"', "Ә"]
    path = tmp_path / "out.csv"
    export_csv(path, ["name", "=head"], [[cell, -5] for cell in cells])
    text = path.read_text("utf-8-sig")
    assert text.splitlines()[:3] == ["name;'=head", "'=1+1;-5", "'+7 701;-5"]
    table = open_table(path)
    assert [r.cells for r in table.rows()] == [(clean(cell), "-5") for cell in cells]


@pytest.mark.heavy
def test_the_largest_tables_that_are_taken_fit(tmp_path: Path) -> None:
    line = ";".join(f"{n:012d}" for n in range(8)) + "\n"
    table = open_table(put(tmp_path, ("a;b\n" + line * 200_000).encode()))
    assert table.count == 200_000
    rows = "".join(row(n, *(f"{n}-{column}" for column in range(8))) for n in range(1, 20_001))
    assert open_table(put(tmp_path, workbook({"A": rows}), "b")).count == 19_999
