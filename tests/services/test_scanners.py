"""Scanners are found, remembered with their settings in the log's sight, described, tried and opened by their keys."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mab_desktop.cli import main
from mab_desktop.domain.errors import EXIT_SYSTEM, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.paper_feeder import Mishaps
from mab_desktop.scanning import escl, sane
from mab_desktop.scanning.source import Fault, ScannerFault, ScanSettings
from mab_desktop.scanning.watched import WatchedSource
from mab_desktop.services import scanners
from mab_desktop.services.scanners import ScannerLine, ScannerOptions, ScannerProfile, with_settings
from tests.conftest import MakeContext
from tests.scanning.scanner_stand import DEVICE, SMALL_DPI, feed, make_stack, scanner_with, stack_number, use_sane
from tests.services.land import events

FI = ScannerProfile("sane:fujitsu:fi-7160:1", "Fujitsu fi-7160")
HALL = ScannerProfile("escl:http://192.168.1.20/eSCL", "Kyocera M2040", ScanSettings(dpi=300))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_stack(tmp_path_factory.mktemp("stack"), 4)


# -- remembering


def test_scanners_are_remembered_with_their_settings_the_last_used_first(make_context: MakeContext) -> None:
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    assert scanners.remembered(ctx) == ()
    scanners.remember(ctx, FI)
    scanners.remember(ctx, HALL)
    scanners.remember(ctx, HALL)
    assert scanners.remembered(ctx) == (HALL, FI)
    finer = with_settings(FI, dpi=240, double_feed=False)
    scanners.remember(ctx, finer)
    assert scanners.remembered(ctx) == (finer, HALL)
    scanners.forget(ctx, HALL.key)
    scanners.forget(ctx, "sane:never-seen")
    assert scanners.remembered(ctx) == (finer,)
    assert events(ctx)[-4:] == ["scanner-remembered", "scanner-remembered", "scanner-remembered", "scanner-forgotten"]


def test_only_the_last_twenty_are_kept(make_context: MakeContext) -> None:
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    for n in range(22):
        scanners.remember(ctx, ScannerProfile(f"escl:http://10.0.0.{n}/eSCL", f"Scanner {n}"))
    assert [one.label for one in scanners.remembered(ctx)] == [f"Scanner {n}" for n in range(21, 1, -1)]


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (with_settings(FI, dpi=149), "dpi"), (with_settings(FI, dpi=401), "dpi"),
        (with_settings(FI, mode="sepia"), "mode"), (with_settings(FI, width=20), "width"),
        (with_settings(FI, height=2000), "height"), (ScannerProfile("twain:x", "x"), "key"),
        (ScannerProfile("sane:", "x"), "key"),
    ],
)  # fmt: skip
def test_unusable_settings_are_refused_beside_their_field(
    make_context: MakeContext, tmp_path: Path, profile: ScannerProfile, field: str
) -> None:
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    with pytest.raises(Refused) as refused:
        scanners.remember(ctx, profile)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert "{" not in refused.value.message("en")
    with pytest.raises(Refused):
        scanners.open_source(profile, tmp_path)


def test_what_reads_worse_is_warned_about() -> None:
    assert scanners.profile_warnings(FI) == ()
    assert [one.field for one in scanners.profile_warnings(with_settings(FI, mode="lineart"))] == ["mode"]
    assert [one.field for one in scanners.profile_warnings(with_settings(FI, double_feed=False))] == ["double_feed"]
    assert scanners.profile_warnings(with_settings(HALL, double_feed=False)) == ()


# -- finding and describing


def test_scanners_are_found_on_usb_on_the_network_and_by_sane(
    stack: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with(stack, name="Office & Co") as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        monkeypatch.setattr(escl, "USB_ADDRESSES", (scanner.address, "http://127.0.0.1:9/eSCL"))
        assert scanners.find_scanners() == [
            ScannerLine(f"escl:{scanner.address}", "escl", "Office & Co", scanner.address),
            ScannerLine(f"sane:{DEVICE}", "sane", "eSCL Stand", DEVICE),
            ScannerLine("sane:test:0", "sane", "Noname frontend-tester", "test:0"),
        ]
        typed = scanner.address.removeprefix("http://").removesuffix("/eSCL")
        assert scanners.ask_scanner(typed).key == f"escl:{scanner.address}"
    monkeypatch.setattr(sane, "PROGRAM", "no-such-scanimage")
    assert scanners.find_scanners() == []


def test_a_sane_that_fails_hides_nothing_and_is_told_when_nothing_else_was_found(
    stack: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failing = tmp_path / "scanimage"
    failing.write_text("#!/bin/sh\necho 'scanimage: sane_init: Out of memory' >&2\nexit 10\n")
    failing.chmod(0o755)
    monkeypatch.setattr(sane, "PROGRAM", str(failing))
    monkeypatch.setattr(escl, "USB_ADDRESSES", ())
    with pytest.raises(ScannerFault, match="SANE stopped"):
        scanners.find_scanners()
    with scanner_with(stack) as scanner:
        monkeypatch.setattr(escl, "USB_ADDRESSES", (scanner.address,))
        assert [line.kind for line in scanners.find_scanners()] == ["escl"]


def test_a_scanner_says_what_can_be_chosen_and_the_best_is_suggested(
    stack: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with([], glass=stack[0]) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        line = scanners.ask_scanner(scanner.address)
        options = scanners.describe_options(scanners.parse_key(line.key))
        assert replace(options, largest=(0.0, 0.0)) == ScannerOptions(
            (150, 200, 300, 400), ("gray", "color", "lineart"), feeder=True, glass=True
        )
        assert options.largest == pytest.approx((215.9, 355.6))
        assert options.windows == (scanners.A4, (216.0, 310.0))
        assert scanners.suggested(line, options).settings == ScanSettings()
        by_sane = scanners.describe_options(scanners.parse_key(f"sane:{DEVICE}"))
        assert (by_sane.resolutions, by_sane.feeder, by_sane.glass) == ((150, 200, 300, 400), True, True)
        assert by_sane.windows == options.windows
        narrow = scanners.describe_options(scanners.parse_key("sane:test:0"))
        assert (narrow.largest, narrow.windows, narrow.double_feed) == ((200.0, 200.0), (scanners.A4,), False)
    coarse = scanners.suggested(line, ScannerOptions((150, 300), ("color",), feeder=False, glass=True))
    assert (coarse.settings.dpi, coarse.settings.mode, coarse.settings.feeder) == (150, "color", False)
    assert scanners.describe_options(scanners.parse_key("folder:/scans")).resolutions == ()


@pytest.mark.parametrize("kind", ["escl", "sane"])
def test_a_scanner_too_coarse_for_answer_sheets_is_refused_by_name_before_a_sheet_is_fed(
    stack: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with scanner_with(stack, resolutions=(75, 100)) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        profile = scanners.parse_key(f"escl:{scanner.address}" if kind == "escl" else f"sane:{DEVICE}")
        with pytest.raises(UserError) as refused:
            list(scanners.open_source(profile, tmp_path / "out").pages(Silent()))
        words = refused.value.message("en")
        assert "scans at 100 dots per inch at most; answer sheets need 150 or more. Nothing was scanned." in words
        assert profile.label in words
        assert scanner.wanted is None  # no job came
        with pytest.raises(UserError, match="at most"):
            scanners.describe_options(profile)
        assert main(["--lang", "en", "scan", "--device", profile.key, "--out", str(tmp_path / "out")]) == EXIT_SYSTEM


@pytest.mark.parametrize("kind", ["escl", "sane"])
def test_the_next_finer_resolution_is_taken_where_the_usual_one_is_missing(
    stack: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with scanner_with(stack[:1], resolutions=(75, 100, 300)) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        profile = scanners.parse_key(f"escl:{scanner.address}" if kind == "escl" else f"sane:{DEVICE}")
        assert scanners.test_scan(profile, tmp_path / "out").is_file()
        assert scanner.wanted is not None
        assert scanner.wanted.dpi == 300


def test_settings_are_made_to_fit_what_the_device_has() -> None:
    wished = with_settings(FI, dpi=240, mode="lineart", width=216.0, height=310.0)
    assert scanners.fitted(wished, ScannerOptions(double_feed=True, largest=(216.0, 900.0))) == wished
    poorer = ScannerOptions((200, 300, 400), ("gray", "color"), feeder=False, glass=True, largest=(212.0, 300.0))
    chosen = scanners.fitted(wished, poorer).settings
    assert (chosen.dpi, chosen.mode, chosen.feeder, (chosen.width, chosen.height)) == (300, "gray", False, scanners.A4)
    coarse = scanners.fitted(with_settings(FI, dpi=400), ScannerOptions((150, 200))).settings
    assert coarse.dpi == 200
    own = with_settings(FI, width=180.0)
    assert scanners.fitted(own, ScannerOptions(largest=(170.0, 300.0))).settings.width == 180.0  # cut by the device


# -- scanning


@pytest.mark.parametrize("kind", ["escl", "sane"])
def test_the_same_stack_by_both_ways_goes_on_after_a_jam(
    stack: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with scanner_with(stack, Mishaps(jam=frozenset({2}))) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        key = f"escl:{scanner.address}" if kind == "escl" else f"sane:{DEVICE}"
        profile = with_settings(ScannerProfile(key, "Stand"), dpi=150)
        source = scanners.open_source(profile, tmp_path / "new" / "pages")
        assert source.label == "Stand"
        first, fault = feed(source)
        rest, end = feed(source)
    assert (fault, end) == (Fault.JAM, None)
    assert [(page.position, stack_number(page.path)) for page in first + rest] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert [path.name for path in sorted((tmp_path / "new" / "pages").iterdir())] == [
        f"000{n}.jpg" for n in range(1, 5)
    ]


def test_a_test_scan_takes_one_page(stack: list[Path], tmp_path: Path) -> None:
    with scanner_with(stack) as scanner:
        profile = scanners.parse_key(scanner.address)
        page = scanners.test_scan(profile, tmp_path)
        assert (page, scanner.feeder.out, stack_number(page)) == (tmp_path / "0001.jpg", 1, 1)
        scanner.feeder.lay_in([])
        with pytest.raises(ScannerFault, match="no paper"):
            scanners.test_scan(profile, tmp_path)


def test_folders_stand_in_for_a_scanner(stack: list[Path], tmp_path: Path) -> None:
    complete = scanners.folder_line(stack[0].parent, watched=False)
    pages, fault = feed(scanners.open_source(scanners.suggested(complete), tmp_path / "unused"))
    assert (fault, [page.path for page in pages], (tmp_path / "unused").exists()) == (None, stack, False)
    watched = scanners.folder_line(tmp_path, watched=True)
    source = scanners.open_source(scanners.suggested(watched), tmp_path / "unused")
    shutil.copy(stack[3], tmp_path / "page.jpg")
    assert isinstance(source, WatchedSource)
    source.finish()
    assert [page.path.name for page in source.pages(Silent())] == ["page.jpg"]


@pytest.mark.parametrize("key", ["", "fax:1", "sane:", "scanner"])
def test_a_key_that_names_nothing_is_refused(key: str) -> None:
    with pytest.raises(UserError, match="names no scanner"):
        scanners.parse_key(key)


# -- on the command line


def test_mab_scan(
    stack: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with scanner_with(stack, Mishaps(jam=frozenset({3}))) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        assert main(["scan", "--list"]) == 0
        assert f"sane:{DEVICE}\teSCL Stand\n" in capsys.readouterr().out
        scan = ["--lang", "en", "scan", "--device", scanner.address, "--out", str(out), "--dpi", "150"]
        assert main([*scan, "--pages", "2"]) == 0
        assert capsys.readouterr().out.split() == [str(out / "0001.jpg"), str(out / "0002.jpg")]
        assert main(scan) == 7
        said = capsys.readouterr()
        assert said.out.split() == [str(out / "0003.jpg")]
        assert "Paper is jammed" in said.err
        assert main(scan) == 0
        assert scanner.wanted is not None
        assert (scanner.wanted.dpi, SMALL_DPI) == (150, 75)
    assert [stack_number(path) for path in sorted(out.iterdir())] == [1, 2, 3, 4]
    assert main([*scan[:-1], "50"]) == 3
    assert main(["scan"]) == 2
    assert main(["scan", "--device", "x", "--out", str(out)]) == 2
