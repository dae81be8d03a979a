"""The real SANE: its own test device, and the simulated scanner through the real airscan driver."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.paper_feeder import Mishaps
from mab_desktop.scanning import sane, tool
from mab_desktop.scanning.sane import SaneSource, abilities_of, devices
from mab_desktop.scanning.source import Fault, ScannerFault, ScanSettings
from mab_desktop.scanning.whole import is_whole
from tests.scanning.scanner_stand import (
    DEVICE,
    SMALL_DPI,
    StopAfter,
    feed,
    feed_to_the_end,
    make_stack,
    scanner_with,
    short_disk,
    stack_number,
    use_sane,
)

TEST_DEVICE = "test:0"
TINY = ScanSettings(dpi=20, width=60, height=60)
SMALL = ScanSettings(dpi=SMALL_DPI)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_stack(tmp_path_factory.mktemp("stack"), 6)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "50% of scans"
    folder.mkdir()
    return folder


@pytest.fixture
def sane_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """SANE with its test device alone; the file that sets how that device behaves."""
    use_sane(monkeypatch, tmp_path / "sane")
    return tmp_path / "sane" / "test.conf"


# -- SANE's test device


@pytest.mark.usefixtures("sane_test")
def test_devices_and_abilities_are_told() -> None:
    assert [(one.address, one.label, one.kind) for one in devices(Silent())] == [
        (TEST_DEVICE, "Noname frontend-tester", "virtual device")
    ]
    able = abilities_of(TEST_DEVICE, Silent())
    assert (able.feeder, able.glass, able.double_feed) == (True, True, False)
    assert (able.modes, able.resolutions) == (("gray", "color"), (150, 200, 240, 300, 400))


@pytest.mark.parametrize(("form", "suffix"), [("jpeg", ".jpg"), ("tiff", ".tif"), ("png", ".png")])
@pytest.mark.usefixtures("sane_test")
def test_ten_pages_of_the_feeder_come_one_by_one_and_numbers_go_on(out: Path, form: str, suffix: str) -> None:
    source = SaneSource(TEST_DEVICE, TINY, out, format=form)
    for first in (1, 11):
        pages, fault = feed(source)
        assert fault is None
        assert [(page.position, page.path.name) for page in pages] == [
            (n, f"{n:04d}{suffix}") for n in range(first, first + 10)
        ]
    assert len(list(out.iterdir())) == 20
    assert all(is_whole(path) for path in out.iterdir())


@pytest.mark.usefixtures("sane_test")
def test_one_page_from_the_glass_and_a_limit(out: Path) -> None:
    assert len(feed(SaneSource(TEST_DEVICE, ScanSettings(dpi=20, width=60, height=60, feeder=False), out))[0]) == 1
    assert len(feed(SaneSource(TEST_DEVICE, TINY, out, limit=3))[0]) == 3


@pytest.mark.parametrize(
    ("status", "fault"),
    [("JAMMED", Fault.JAM), ("NO_DOCS", Fault.EMPTY), ("COVER_OPEN", Fault.COVER_OPEN),
     ("IO_ERROR", Fault.CONNECTION), ("DEVICE_BUSY", Fault.BUSY), ("ACCESS_DENIED", Fault.OTHER),
     ("NO_MEM", Fault.OTHER), ("CANCELLED", Fault.OTHER)],
)  # fmt: skip
def test_what_the_driver_answers_is_named(sane_test: Path, out: Path, status: str, fault: Fault) -> None:
    sane_test.write_text(f'number_of_devices 1\nread-status-code "SANE_STATUS_{status}"\n')
    assert feed(SaneSource(TEST_DEVICE, TINY, out)) == ([], fault)
    assert list(out.iterdir()) == []


def test_the_driver_is_quoted_by_its_status_in_the_persons_language(sane_test: Path, out: Path) -> None:
    sane_test.write_text('number_of_devices 1\nread-status-code "SANE_STATUS_NO_MEM"\n')
    with pytest.raises(ScannerFault) as told:
        list(SaneSource(TEST_DEVICE, TINY, out, "fi-5110").pages(Silent()))
    assert told.value.message("en") == "fi-5110 stopped: Out of memory. Check the scanner, then go on."
    assert "Out of memory" not in told.value.message("ru")


def test_pages_of_a_length_that_nobody_knows_beforehand_come_as_tiff(sane_test: Path, out: Path) -> None:
    sane_test.write_text("number_of_devices 1\nhand-scanner true\n")
    source = SaneSource(TEST_DEVICE, TINY, out)
    assert feed(source) == ([], Fault.LENGTH)
    assert list(out.iterdir()) == []
    pages, fault = feed(source)
    assert (len(pages), fault, {page.path.suffix for page in pages}) == (10, None, {".tif"})
    assert feed(SaneSource(TEST_DEVICE, TINY, out))[1] is None  # known from now on


def test_what_cannot_be_written_down_this_program_still_knows(
    sane_test: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sane_test.write_text("number_of_devices 2\nhand-scanner true\n")
    monkeypatch.setenv("XDG_STATE_HOME", str(sane_test))  # a file: no folder can be made in it
    source = SaneSource("test:1", TINY, out)
    assert feed(source) == ([], Fault.LENGTH)
    assert feed(source)[1] is None


@pytest.mark.usefixtures("sane_test")
def test_a_device_that_is_not_there_and_a_program_that_is_not_installed(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ScannerFault, match="The scanner Old fi-5110 is not there"):
        list(SaneSource("test:7", TINY, out, "Old fi-5110").pages(Silent()))
    monkeypatch.setattr(sane, "PROGRAM", "no-such-scanimage")
    assert not sane.available()
    with pytest.raises(UserError, match="sane-utils"):
        devices(Silent())


def test_cancel_while_a_sheet_goes_through_ends_the_program(
    sane_test: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sane_test.write_text("number_of_devices 1\nread-limit true\nread-limit-size 1\nread-delay true\n"
                         "read-delay-duration 200000\n")  # fmt: skip
    monkeypatch.setattr(tool, "SETTLE", 0.1)
    with pytest.raises(Cancelled):
        list(SaneSource(TEST_DEVICE, ScanSettings(dpi=400), out).pages(StopAfter(0, looks=3)))
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("form", ["tiff", "png", "jpeg"])
@pytest.mark.usefixtures("sane_test")
def test_a_full_disk_is_told_in_words_and_leaves_no_torn_page(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    # A limit on files ends a program by a signal; ignored, it fails as a full disk does.
    wrapper = tmp_path / "scanimage"
    wrapper.write_text(f"#!/bin/sh\ntrap '' XFSZ\nexec {shutil.which('scanimage')} \"$@\"\n")
    wrapper.chmod(0o755)
    monkeypatch.setattr(sane, "PROGRAM", str(wrapper))
    source = SaneSource(TEST_DEVICE, ScanSettings(dpi=150, mode="color"), out, format=form)
    with short_disk(2_000), pytest.raises(UserError, match="disk is full"):
        feed(source)
    assert list(out.iterdir()) == []
    assert len(feed(source)[0]) == 10


@pytest.mark.parametrize(
    ("words", "fault"),
    [("sane_read: Document feeder jammed", Fault.JAM), ("sane_start: Document feeder out of documents", Fault.EMPTY),
     ("sane_read: Out of memory", Fault.OTHER), ("rounded value of br-x", Fault.CONNECTION)],
)  # fmt: skip
@pytest.mark.usefixtures("sane_test")
def test_a_driver_that_hangs_is_taken_at_its_last_words(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, fault: Fault
) -> None:
    hanging = tmp_path / "scanimage"
    hanging.write_text(f"""#!/bin/sh
        case "$*" in *--all-options*) exec {shutil.which("scanimage")} "$@";; esac
        echo 'scanimage: {words}' >&2
        exec sleep 600
    """)
    hanging.chmod(0o755)
    monkeypatch.setattr(sane, "PROGRAM", str(hanging))
    monkeypatch.setattr(tool, "LAST", 0.1)
    monkeypatch.setattr(tool, "SETTLE", 0.1)
    assert feed(SaneSource(TEST_DEVICE, TINY, out, patience=0.3)) == ([], fault)


# -- the simulated scanner through the real driver


def test_a_stack_through_the_driver(
    stack: list[Path], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with(stack) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        assert (DEVICE, "eSCL Stand", "ip=127.0.0.1") in [
            (one.address, one.label, one.kind) for one in devices(Silent())
        ]
        able = abilities_of(DEVICE, Silent())
        assert (able.feeder, able.glass, able.modes) == (True, False, ("gray", "color"))
        pages, fault = feed(SaneSource(DEVICE, SMALL, out))
        assert scanner.wanted is not None
        assert (scanner.wanted.dpi, scanner.wanted.mode) == (SMALL_DPI, "gray")
        assert (round(scanner.wanted.width), round(scanner.wanted.height)) == (210, 297)
    assert (fault, [stack_number(page.path) for page in pages]) == (None, [1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize(
    ("mishaps", "faults"),
    [
        (Mishaps(jam=frozenset({0, 3})), [Fault.JAM, Fault.JAM]),
        # airscan has one word for these three; `escl` tells them apart.
        (Mishaps(cut=frozenset({4})), [Fault.UNNAMED]),
        (Mishaps(cover=frozenset({2})), [Fault.UNNAMED]),
        (Mishaps(two_noticed=frozenset({2})), [Fault.UNNAMED]),
    ],
)
def test_going_on_after_a_fault_gives_exactly_the_missing_sheets(
    stack: list[Path], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mishaps: Mishaps,
    faults: list[Fault],
) -> None:  # fmt: skip
    with scanner_with(stack, mishaps) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        assert feed_to_the_end(SaneSource(DEVICE, SMALL, out)) == ([1, 2, 3, 4, 5, 6], faults)
    assert [stack_number(path) for path in sorted(out.iterdir())] == [1, 2, 3, 4, 5, 6]


@pytest.mark.heavy
def test_two_sheets_noticed_are_among_what_is_said_when_the_scanner_answers_busy(
    stack: list[Path], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with(stack, Mishaps(two_noticed=frozenset({2})), stopped_code=503) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        source = SaneSource(DEVICE, SMALL, out, name="Feeder")
        with pytest.raises(ScannerFault) as said:
            list(source.pages(Silent()))
    assert "two sheets" in str(said.value)
    assert "cut" in str(said.value)


def test_an_empty_feeder_two_sheets_unnoticed_and_no_glass(
    stack: list[Path], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with([], Mishaps(double=frozenset({1}))) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        source = SaneSource(DEVICE, SMALL, out)
        assert feed(source) == ([], Fault.EMPTY)
        scanner.feeder.lay_in(stack)
        pages, fault = feed(source)
    assert (fault, [stack_number(page.path) for page in pages]) == (None, [1, 2, 4, 5, 6])


@pytest.mark.heavy
def test_a_busy_scanner_is_told_when_the_driver_gives_up(
    stack: list[Path], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with(stack, Mishaps(refuse=1000)) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        assert feed(SaneSource(DEVICE, SMALL, out)) == ([], Fault.BUSY)


def test_cancel_in_the_middle_leaves_whole_pages_and_an_idle_scanner(
    stack: list[Path], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scanner_with(stack, Mishaps(stall=frozenset({3}))) as scanner:
        use_sane(monkeypatch, tmp_path / "sane", scanner)
        monkeypatch.setattr(tool, "SETTLE", 0.1)
        source = SaneSource(DEVICE, SMALL, out)
        with pytest.raises(Cancelled):
            list(source.pages(StopAfter(3, looks=1)))
        assert [stack_number(path) for path in sorted(out.iterdir())] == [1, 2, 3]
        assert "<pwg:State>Idle" in scanner.status()
        # The driver had pulled sheets ahead and dropped them: after Cancel the whole stack is laid in anew.
        scanner.feeder.lay_in(stack)
        assert feed_to_the_end(source) == ([1, 2, 3, 4, 5, 6], [])


@pytest.mark.usefixtures("sane_test")
def test_pages_that_went_through_while_cancel_was_pressed_come_first_when_it_goes_on(out: Path) -> None:
    source = SaneSource(TEST_DEVICE, TINY, out)
    given: list[int] = []
    with pytest.raises(Cancelled):
        given += (page.position for page in source.pages(StopAfter(3)))
    there = len(list(out.iterdir()))
    assert there >= 3
    pages, fault = feed(source)
    assert fault is None
    assert [page.position for page in pages] == list(range(3, there + 11))
    pages_left = source.pages(Silent())
    assert next(pages_left).position == there + 11
    pages_left.close()
