"""`mab`: help, exit codes, words in three languages, and the exact JSON that other programs read."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest

from mab_desktop import cli
from mab_desktop.cli import APPLICATIONS, main
from mab_desktop.domain.organisation import Role
from mab_desktop.ntc.main import COMMANDS as NTC_COMMANDS
from mab_desktop.services import centre_trust
from mab_desktop.services.sheets import blank_sheets
from tests.cli.conftest import Run
from tests.conftest import MakeContext
from tests.exchange.conftest import World
from tests.services.authority import make_authority
from tests.services.land import copy_land, make_land, portion

COMMANDS = [
    *APPLICATIONS,
    "launcher",
    "rehearse",
    "ntc",
    "sheet",
    "read",
    "verify",
    "screens",
    "scan",
    "scanner-simulator",
]
LANGUAGES = ("kk", "ru", "en")


@pytest.fixture(scope="session")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An operator's portion on a drive, and the centre's trust list."""
    land = copy_land(make_land(tmp_path_factory.mktemp("cli") / "a"), tmp_path_factory.mktemp("cli") / "b")
    path = portion(land).paths[0]
    land.close()
    return path, land.trust_file


def process(*arguments: object, **more: object) -> subprocess.Popen[bytes]:
    """`mab` as a process of its own, with buffered output as a shell gives it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen([sys.executable, "-m", "mab_desktop.cli", *map(str, arguments)], env=environment,
                            stderr=subprocess.PIPE, **more)  # type: ignore[call-overload,no-any-return]  # fmt: skip


# -- help and usage


@pytest.mark.parametrize("command", ["", *COMMANDS, *(f"ntc {module.NAME}" for module in NTC_COMMANDS)])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    code, out, err = run("--lang", "en", *command.split(), "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: mab{' ' if command else ''}{command.split()[0] if command else ''}")
    assert all(name in out for name in (COMMANDS if not command else []))


@pytest.mark.parametrize(
    "arguments",
    ["", "no-such-command", "sheet --no-such-option", "sheet", "read", "verify", "screens", "sheet --count x",
     "--lang de sheet", "rehearse sometimes", "verify --json"],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(run: Run, arguments: str) -> None:
    code, out, err = run(*arguments.split())
    assert (code, out) == (2, "")
    assert err.strip()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_word_that_is_no_text_is_wrong_usage_and_a_file_may_be_called_so(
    run: Run, tmp_path: Path, carrier: tuple[Path, Path], lang: str
) -> None:
    odd = "\udcd1\udcf2"  # what Python makes of «Ст» typed in a terminal of Windows-1251
    for words in (("ntc", "people", "add", odd), ("ntc", "status", "--base", odd), ("rehearse", "--seed", odd),
                  ("check-database", tmp_path / "mab.db", "--login", odd)):  # fmt: skip
        code, out, err = run("--lang", lang, *words)
        assert (code, out) == (2, "")
        assert "UTF-8" in err
    (tmp_path / f"{odd}.mab").write_bytes(carrier[0].read_bytes())
    assert run("--lang", lang, "verify", tmp_path / f"{odd}.mab")[0] == 0
    assert run("--lang", lang, "ntc", "--centre", tmp_path / odd, "status")[0] == 3


def test_the_version_is_said(run: Run) -> None:
    code, out, _ = run("--version")
    assert (code, out.startswith("mab ")) == (0, True)


def test_the_language_comes_from_the_option_the_environment_or_is_kazakh(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def said(*options: str) -> str:
        code, _, err = run(*options, "verify", tmp_path / "missing.mab")
        assert code == 3
        return err

    words = {lang: said("--lang", lang) for lang in LANGUAGES}
    assert len(set(words.values())) == 3
    assert said() == words["kk"]
    monkeypatch.setenv("MAB_LANG", "ru")
    assert said() == words["ru"]
    monkeypatch.setenv("MAB_LANG", "klingon")
    assert said() == words["kk"]


REFUSALS: dict[str, tuple[tuple[object, ...], int]] = {
    "carrier is not there": (("verify", "{tmp}/missing.mab"), 3),
    "carrier is a folder": (("verify", "{tmp}"), 3),
    "second part is not there": (("verify", "{carrier}", "{tmp}/missing.mab"), 3),
    "one file twice is no set": (("verify", "{carrier}", "{carrier}"), 4),
    "trust list is not there": (("verify", "{carrier}", "--trust", "{tmp}/missing.json"), 3),
    "carrier is something else": (("verify", "{tmp}/words.mab"), 4),
    "image is not there": (("read", "{tmp}/missing.png"), 3),
    "too many sheets": (("sheet", "--pdf", "{tmp}/a.pdf", "--count", 10_000), 3),
    "no sheet at all": (("sheet", "--pdf", "{tmp}/a.pdf", "--count", 0), 3),
    "folder to write to is not there": (("sheet", "--pdf", "{tmp}/no/a.pdf"), 7),
    "geometry over a folder": (("sheet", "--geometry", "{tmp}"), 7),
    "season is not prepared": (("rehearse", "exam", "--out", "{tmp}/season"), 6),
    "season is too small": (("rehearse", "--out", "{tmp}/season", "--students", 5), 2),
    "scans without exam": (("rehearse", "prepare", "--out", "{tmp}/season", "--scans", "{tmp}"), 2),
    "folder of somebody else": (("rehearse", "--out", "{tmp}"), 3),
    "centre is not there": (("ntc", "--centre", "{tmp}/centre", "status"), 3),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", REFUSALS)
def test_bad_input_is_told_in_words_and_by_the_exit_code(
    run: Run, tmp_path: Path, carrier: tuple[Path, Path], case: str, lang: str
) -> None:
    (tmp_path / "words.mab").write_text("сөздер", "utf-8")
    arguments, expected = REFUSALS[case]
    given = [str(word).replace("{tmp}", str(tmp_path)).replace("{carrier}", str(carrier[0])) for word in arguments]
    code, out, err = run("--lang", lang, *given)
    assert code == expected
    said = (out + err).strip()
    assert said
    assert "{" not in said
    cyrillic = sum("а" <= letter <= "я" or letter in "әғқңөұүһі" for letter in said.lower())
    assert (cyrillic > 10) == (lang != "en"), said
    assert {path.name for path in tmp_path.iterdir()} == {"words.mab"}


def test_a_mistake_of_ours_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object) -> int:
        raise KeyError("surname")

    monkeypatch.setitem(cli._COMMANDS, "sheet", broken)
    assert main(["--lang", "en", "sheet", "--pdf", "x"]) == 70
    said = capsys.readouterr().err
    assert "KeyError: 'surname'" in said
    assert "mistake of the program" in said


# -- carriers


def test_a_sound_carrier_says_what_it_is(run: Run, carrier: tuple[Path, Path]) -> None:
    path, trust = carrier
    code, out, err = run("--lang", "en", "verify", path)
    assert (code, err) == (0, "")
    assert out.splitlines()[1:5] == [
        "Contents: Operator's records for the programmer (F4)", "Campaign: 2011, Training",
        "From: Network university 027, nu027-op1", "For: Network university 027",
    ]  # fmt: skip
    assert "Student records: 2" in out
    assert "Ахметов" not in out
    assert "Whole and rightly signed by nu027." in out
    assert "its root is" in out
    code, out, _ = run("--lang", "en", "verify", path, "--trust", trust)
    assert code == 0
    assert "its root is" not in out
    for lang in ("kk", "ru"):
        code, said, _ = run("--lang", lang, "verify", path)
        assert code == 0
        assert all(set(line.partition(":")[0]) & set("аеоы") for line in said.splitlines()[1:-1]), said


def test_a_verdict_for_programs(run: Run, carrier: tuple[Path, Path], tmp_path: Path) -> None:
    path, trust = carrier
    code, out, _ = run("verify", path, "--trust", trust, "--json")
    found = json.loads(out)
    (manifest,) = found["manifests"]
    assert (code, found["verdict"], found["code"], found["trust"]["own"]) == (0, "whole", None, True)
    assert (manifest["kind"], manifest["sender"]["device"], manifest["seq"]) == ("operator-portion", "nu027-op1", 1)
    assert found["files"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    cut = tmp_path / "cut.mab"
    cut.write_bytes(path.read_bytes()[:-1])
    code, out, _ = run("--lang", "en", "verify", cut, "--json")
    found = json.loads(out)
    assert (code, found["verdict"], found["code"], found["refused"]) == (4, "refused", "container-cut", "cut.mab")
    assert found["sentence"].startswith("The file ends too early")


def test_all_parts_of_a_set_or_none(run: Run, tmp_path: Path) -> None:
    made = World(tmp_path).send_images({"1.jpg": bytes(1000), "2.jpg": bytes(1000)}, part_limit=1)
    code, out, _ = run("--lang", "en", "verify", *made.paths[::-1])
    assert code == 0
    assert "Parts of the set: 3" in out
    code, out, _ = run("--lang", "en", "verify", *made.paths[:2])
    assert code == 4
    assert "[set-incomplete]" in out
    data = bytearray(made.paths[1].read_bytes())
    data[-500] ^= 1
    made.paths[1].write_bytes(data)
    code, out, _ = run("--lang", "en", "verify", *made.paths)
    assert code == 4
    assert f"File: {made.paths[1].name}" in out


def test_a_cut_or_edited_carrier_is_refused(run: Run, carrier: tuple[Path, Path], tmp_path: Path) -> None:
    data = carrier[0].read_bytes()
    spoilt = tmp_path / "spoilt.mab"
    for content in (
        data[:-1],
        data[: len(data) // 3],
        data + b"\0",
        data[:-900] + bytes([data[-900] ^ 1]) + data[-899:],
    ):
        spoilt.write_bytes(content)
        for lang in LANGUAGES:
            code, out, _ = run("--lang", lang, "verify", spoilt)
            assert code == 4
            assert "[container-" in out or "[payload-" in out or "[signature-" in out


def test_a_carrier_of_another_centre_is_refused_with_the_own_list(
    run: Run, carrier: tuple[Path, Path], tmp_path: Path, make_context: MakeContext
) -> None:
    other = make_context(Role.NTC)
    make_authority(other)
    (tmp_path / "other.json").write_bytes(centre_trust.trust_bytes(other))
    assert run("verify", carrier[0])[0] == 0
    code, out, _ = run("verify", carrier[0], "--trust", tmp_path / "other.json")
    assert code == 4
    assert "[trust-centre]" in out


# -- the answer sheet


def test_the_sheet_and_its_geometry(run: Run, tmp_path: Path) -> None:
    pdf, geometry = tmp_path / "sheet.pdf", tmp_path / "sheet.json"
    assert run("sheet", "--pdf", pdf, "--geometry", geometry, "--count", 2) == (0, "", "")
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 2
    assert [round(side * 25.4 / 72) for side in document[0].get_size()] == [210, 297]
    document.close()
    found = json.loads(geometry.read_text("utf-8"))
    assert set(found) == {"page", "bubbles"}
    assert found["page"] == {"width": 210, "height": 297}
    fields: dict[str, dict[int, list[str]]] = {}
    for bubble in found["bubbles"]:
        assert list(bubble) == ["field", "column", "value", "x", "y", "rx", "ry"]
        assert type(bubble["column"]) is int
        assert type(bubble["value"]) is str
        assert 0 < bubble["rx"] < bubble["x"] < 210 - bubble["rx"]
        assert 0 < bubble["ry"] < bubble["y"] < 297 - bubble["ry"]
        fields.setdefault(bubble["field"], {}).setdefault(bubble["column"], []).append(bubble["value"])
    assert all(sorted(columns) == list(range(len(columns))) for columns in fields.values())
    assert all(values == list("0123456789") for values in fields["variant"].values())
    assert all(values == list("ABCDE") for values in fields["subject1"].values())
    assert len(fields["subject1"]) == 25
    places = {(bubble["x"], bubble["y"]) for bubble in found["bubbles"]}
    assert len(places) == len(found["bubbles"])


def image_of(pdf: bytes, path: Path) -> Path:
    """The first page at 200 dpi."""
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    document[0].render(scale=200 / 72, grayscale=True).to_pil().save(path, dpi=(200, 200))
    document.close()
    return path


def test_what_is_read_has_exactly_the_agreed_form(run: Run, tmp_path: Path) -> None:
    pdf = blank_sheets(2)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.pdf").write_bytes(pdf)
    image_of(pdf, tmp_path / "in" / "a.png")
    seen = tmp_path / "seen.json"
    code, out, err = run("read", tmp_path / "in", "--json", seen)
    assert (code, out, err) == (0, "", "")
    found = json.loads(seen.read_text("utf-8"))
    assert list(found) == ["sheets"]
    assert [(Path(sheet["file"]).name, sheet["page"]) for sheet in found["sheets"]] == [("a.png", 1), ("b.pdf", 1), (
        "b.pdf", 2)]  # fmt: skip
    assert main(["sheet", "--geometry", str(tmp_path / "g.json")]) == 0
    geometry = json.loads((tmp_path / "g.json").read_text("utf-8"))
    expected = {(bubble["field"], str(bubble["column"])) for bubble in geometry["bubbles"]}
    for sheet in found["sheets"]:
        assert list(sheet) == ["file", "page", "ok", "problems", "rotation", "serial", "fields", "ms"]
        assert (sheet["ok"], sheet["problems"], sheet["rotation"]) == (True, [], 0)
        assert sheet["ms"] > 0
        groups = {(field, column): group for field, columns in sheet["fields"].items()
                  for column, group in columns.items()}  # fmt: skip
        assert set(groups) == expected
        assert all(group == {"state": "none", "values": []} for group in groups.values())
    code, out, _ = run("read", tmp_path / "in" / "a.png")
    assert code == 0
    assert list(json.loads(out)["sheets"][0]) == list(found["sheets"][0])


def test_a_page_that_is_no_sheet_is_exit_code_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_bytes(b"not an image")
    code, out, _ = run("read", tmp_path / "words.png")
    assert code == 1
    (sheet,) = json.loads(out)["sheets"]
    assert not sheet["ok"]
    assert sheet["problems"]


# -- as a process


def test_nobody_reading_the_output_is_no_traceback(carrier: tuple[Path, Path]) -> None:
    for arguments in (("--help",), ("verify", carrier[0])):
        reading, writing = os.pipe()
        os.close(reading)
        with process(*arguments, stdout=writing) as started:
            os.close(writing)
            _, said = started.communicate()
        assert said == b""
        assert started.returncode == 141


def test_words_come_out_where_the_terminal_knows_only_ascii(tmp_path: Path) -> None:
    with process("verify", tmp_path / "жоқ.mab", stdout=subprocess.PIPE) as started:
        _, said = started.communicate()
    assert started.returncode == 3
    assert "жоқ.mab" in said.decode("utf-8")
