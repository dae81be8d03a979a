"""Our own driverless client against the simulated scanner: whole pages only, every fault named, nothing trusted."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.paper_feeder import Mishaps
from mab_desktop.scanning import escl
from mab_desktop.scanning.escl import Address, EsclSource, capabilities
from mab_desktop.scanning.escl_xml import MAX_XML, NotUnderstood, parse, read_status
from mab_desktop.scanning.source import Fault, ScannerFault, ScanSettings
from mab_desktop.scanning.whole import is_whole
from tests.scanning.scanner_stand import (
    SMALL_DPI,
    StopAfter,
    feed,
    feed_to_the_end,
    make_stack,
    scanner_with,
    short_disk,
    stack_number,
    tall,
)

SMALL = ScanSettings(dpi=SMALL_DPI)
JPEG_END = b"\xff\xd9"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_stack(tmp_path_factory.mktemp("stack"), 8)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def at_once(_seconds: float) -> None:
    """A wait that does not wait."""


# -- pages


def test_the_stack_comes_in_order_byte_for_byte(stack: list[Path], out: Path) -> None:
    with scanner_with(stack) as scanner:
        source = EsclSource(scanner.address, SMALL, out)
        assert source.count() is None
        pages, fault = feed(source)
        assert scanner.wanted is not None
        assert (scanner.wanted.dpi, scanner.wanted.mode) == (SMALL_DPI, "gray")
        assert scanner.log.count("DELETE ScanJobs/JOB") == 0
    assert fault is None
    assert [(page.position, page.path.name) for page in pages] == [(n, f"{n:04d}.jpg") for n in range(1, 9)]
    assert [page.path.read_bytes() for page in pages] == [path.read_bytes() for path in stack]


def test_each_page_is_given_out_before_the_next_is_fed(stack: list[Path], out: Path) -> None:
    with scanner_with(stack) as scanner:
        pages = EsclSource(scanner.address, SMALL, out).pages(Silent())
        assert [(next(pages).position, scanner.feeder.out) for _ in range(3)] == [(1, 1), (2, 2), (3, 3)]
        pages.close()
        assert scanner.log[-1] == "DELETE ScanJobs/JOB"
    assert len(list(out.iterdir())) == 3


def test_mode_resolution_and_window_are_what_was_asked_for(stack: list[Path], out: Path) -> None:
    with scanner_with(stack[:1]) as scanner:
        feed(EsclSource(scanner.address, ScanSettings(dpi=210, mode="color", height=148), out))
        assert scanner.wanted is not None
        assert (scanner.wanted.dpi, scanner.wanted.mode, round(scanner.wanted.height)) == (300, "color", 148)
        scanner.feeder.lay_in(stack[:1])
        pages, _ = feed(EsclSource(scanner.address, ScanSettings(dpi=150, mode="lineart"), out))
        assert scanner.wanted.mode == "lineart"
    assert [page.path.suffix for page in pages] == [".png"]
    assert stack_number(pages[0].path) == 1


def test_one_page_from_the_glass(stack: list[Path], out: Path) -> None:
    with scanner_with([], glass=stack[2]) as scanner:
        pages, fault = feed(EsclSource(scanner.address, ScanSettings(dpi=SMALL_DPI, feeder=False), out))
    assert (fault, [stack_number(page.path) for page in pages]) == (None, [3])
    with scanner_with(stack) as scanner, pytest.raises(UserError, match="has no glass"):
        feed(EsclSource(scanner.address, ScanSettings(feeder=False), out))


def test_a_limit_stops_the_feeder(stack: list[Path], out: Path) -> None:
    with scanner_with(stack) as scanner:
        pages, fault = feed(EsclSource(scanner.address, SMALL, out, limit=2))
        assert (len(pages), fault, scanner.feeder.out, scanner.log[-1]) == (2, None, 2, "DELETE ScanJobs/JOB")


# -- faults


@pytest.mark.parametrize("code", [404, 409, 500, 503])
@pytest.mark.parametrize("after", [0, 3])
@pytest.mark.parametrize(
    ("mishap", "fault"),
    [("jam", Fault.JAM), ("cover", Fault.COVER_OPEN), ("two_noticed", Fault.DOUBLE_FEED), ("cancelled", Fault.OTHER)],
)
def test_a_stopped_feeder_is_named_and_going_on_gives_exactly_the_missing_sheets(
    stack: list[Path], out: Path, mishap: str, fault: Fault, after: int, code: int
) -> None:
    mishaps = Mishaps(**{mishap: frozenset({after})})
    with scanner_with(stack, mishaps, stopped_code=code) as scanner:
        source = EsclSource(scanner.address, SMALL, out)
        pages, stopped = feed(source)
        assert (stopped, len(pages), len(list(out.iterdir()))) == (fault, after, after)
        numbers, faults = feed_to_the_end(source)
    assert (numbers, faults) == (list(range(after + 1, 9)), [])
    assert [stack_number(path) for path in sorted(out.iterdir())] == list(range(1, 9))


def test_a_cut_line_leaves_no_torn_page(stack: list[Path], out: Path) -> None:
    with scanner_with(stack, Mishaps(cut=frozenset({0, 5}))) as scanner:
        numbers, faults = feed_to_the_end(EsclSource(scanner.address, SMALL, out))
    assert (numbers, faults) == (list(range(1, 9)), [Fault.CONNECTION, Fault.CONNECTION])
    assert len(list(out.iterdir())) == 8
    assert all(is_whole(path) for path in out.iterdir())


def test_busy_empty_and_gone(stack: list[Path], out: Path) -> None:
    with scanner_with(stack, Mishaps(refuse=1)) as scanner:
        source = EsclSource(scanner.address, SMALL, out)
        assert feed(source) == ([], Fault.BUSY)
        assert len(feed(source)[0]) == 8
        assert feed(source) == ([], Fault.EMPTY)
        address = scanner.address
    assert feed(EsclSource(address, SMALL, out)) == ([], Fault.NO_DEVICE)
    with pytest.raises(ScannerFault, match="is not there"):
        capabilities(address)


def test_two_sheets_unnoticed_give_one_longer_image_where_the_window_is_longer(stack: list[Path], out: Path) -> None:
    with scanner_with(stack, Mishaps(double=frozenset({2}))) as scanner:
        pages, _ = feed(EsclSource(scanner.address, ScanSettings(dpi=SMALL_DPI, height=350), out))
    assert [stack_number(page.path) for page in pages] == [1, 2, 3, 5, 6, 7, 8]
    assert [tall(page.path) for page in pages] == [877, 877, 877 + 126, 877, 877, 877, 877]
    with scanner_with(stack, Mishaps(double=frozenset({0}))) as scanner:
        pages, _ = feed(EsclSource(scanner.address, SMALL, out))
    assert tall(pages[0].path) == 877


def test_cancel_takes_the_job_back_and_keeps_whole_pages(stack: list[Path], out: Path) -> None:
    with scanner_with(stack) as scanner:
        source = EsclSource(scanner.address, SMALL, out)
        with pytest.raises(Cancelled):
            list(source.pages(StopAfter(3)))
        assert scanner.log[-1] == "DELETE ScanJobs/JOB"
        assert all(is_whole(path) for path in out.iterdir())
        with pytest.raises(Cancelled):
            list(source.pages(StopAfter(1)))


def test_cancel_is_heard_while_the_scanner_keeps_silent(stack: list[Path], out: Path) -> None:
    with scanner_with(stack, Mishaps(stall=frozenset({2}))) as scanner:
        with pytest.raises(Cancelled):
            list(EsclSource(scanner.address, SMALL, out).pages(StopAfter(2, looks=2)))
        assert scanner.log[-1] == "DELETE ScanJobs/JOB"
    assert len(list(out.iterdir())) == 2


def test_a_scanner_that_keeps_silent_too_long_is_a_cut_line(stack: list[Path], out: Path) -> None:
    with scanner_with(stack, Mishaps(stall=frozenset({2}))) as scanner:
        pages, fault = feed(EsclSource(scanner.address, SMALL, out, patience=0.3))
    assert (len(pages), fault) == (2, Fault.CONNECTION)


def test_a_scanner_that_is_switched_off_between_two_pages_is_a_cut_line(stack: list[Path], out: Path) -> None:
    with scanner_with(stack) as scanner:
        pages = EsclSource(scanner.address, SMALL, out).pages(Silent())
        assert next(pages).position == 1
    with pytest.raises(ScannerFault, match="connection"):
        next(pages)


def test_a_full_disk_is_told_in_words_and_leaves_no_torn_page(stack: list[Path], out: Path) -> None:
    with scanner_with(stack) as scanner:
        source = EsclSource(scanner.address, SMALL, out)
        with short_disk(5_000), pytest.raises(UserError, match="disk is full"):
            feed(source)
        assert list(out.iterdir()) == []
        scanner.feeder.out -= 1
        assert feed_to_the_end(source) == (list(range(1, 9)), [])


# -- addresses


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("192.168.1.20", "http://192.168.1.20/eSCL"),
        (" scan.local:8080 ", "http://scan.local:8080/eSCL"),
        ("http://127.0.0.1:60000/eSCL/", "http://127.0.0.1:60000/eSCL"),
        ("http://[fe80::1]:80/scan", "http://[fe80::1]/scan"),
    ],
)
def test_an_address_is_read_as_people_type_it(typed: str, known: str) -> None:
    assert str(Address.parse(typed)) == known


@pytest.mark.parametrize(
    "typed", ["", "https://x/eSCL", "ftp://x", "http://x:99999/", "http://x/a b", "http://x/а", "http://x/?q"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="is no address"):
        Address.parse(typed)


# -- scanners that lie: a bare server that says what it is told

CAPS = b"<ScannerCapabilities><AdfSimplexInputCaps/></ScannerCapabilities>"
Reply = Callable[[str], bytes]


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
def liar() -> Iterator[Callable[[Reply], str]]:
    """`liar(reply)`: a server that answers each request line with the bytes of `reply`; its address."""
    listeners: list[socket.socket] = []

    def answer(listener: socket.socket, reply: Reply) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                asked = line.recv(65536).decode("latin-1").partition("\r\n")[0]
                line.sendall(reply(asked))

    def start(reply: Reply) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        Thread(target=answer, args=(listener, reply), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/eSCL"

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def pretending(page: bytes, status: bytes = b"<ScannerStatus/>", location: str = "/eSCL/ScanJobs/1") -> Reply:
    def reply(asked: str) -> bytes:
        if "ScannerCapabilities" in asked:
            return http("200 OK", CAPS)
        if "ScannerStatus" in asked:
            return http("200 OK", status)
        return http("201 Created", b"", f"Location: {location}") if asked.startswith("POST") else page

    return reply


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (http("200 OK", b"\xff\xd8\xff\xe0" + bytes(5000)), Fault.CONNECTION),
        (http("200 OK", b"<html>log in first</html>"), Fault.OTHER),
        (http("200 OK"), Fault.CONNECTION),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\xff\xd8\xff\xe0\r\n10\r\nabc", Fault.CONNECTION),
        (b"HTTP/1.0 200 OK\r\n\r\n\xff\xd8\xff\xe0 and the line ends", Fault.CONNECTION),
        (b"\x00\x01 no HTTP at all", Fault.CONNECTION),
        (http("302 Found", b"", "Location: http://127.0.0.1:9/elsewhere"), Fault.OTHER),
        (http("503 Busy"), Fault.OTHER),
    ],
)
def test_a_page_that_is_none_is_never_given_out(
    liar: Callable[[Reply], str], out: Path, page: bytes, fault: Fault
) -> None:
    source = EsclSource(liar(pretending(page)), SMALL, out, patience=2.0, wait=at_once)
    assert feed(source) == ([], fault)
    assert list(out.iterdir()) == []


def test_an_endless_page_is_stopped(liar: Callable[[Reply], str], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escl, "MAX_PAGE", 100_000)
    page = http("200 OK", b"\xff\xd8\xff\xe0" + bytes(200_000) + JPEG_END)
    assert feed(EsclSource(liar(pretending(page)), SMALL, out)) == ([], Fault.OTHER)
    assert list(out.iterdir()) == []


def test_the_job_is_looked_for_on_the_same_scanner_whatever_host_it_names(
    liar: Callable[[Reply], str], out: Path
) -> None:
    page = b"\xff\xd8\xff\xe0 a page" + JPEG_END
    asked: list[str] = []

    def reply(line: str) -> bytes:
        asked.append(line)
        if "NextDocument" in line and sum("NextDocument" in one for one in asked) > 1:
            return http("404 Not Found")
        return pretending(http("200 OK", page), location="http://192.0.2.1:9/eSCL/ScanJobs/7")(line)

    pages, fault = feed(EsclSource(liar(reply), SMALL, out))
    assert (len(pages), fault) == (1, None)
    assert "GET /eSCL/ScanJobs/7/NextDocument HTTP/1.1" in asked


@pytest.mark.parametrize("location", ["", "elsewhere", "/a b", "/a\x01b"])
def test_a_job_without_a_place_is_refused(liar: Callable[[Reply], str], out: Path, location: str) -> None:
    assert feed(EsclSource(liar(pretending(b"", location=location)), SMALL, out)) == ([], Fault.OTHER)


@pytest.mark.parametrize(
    "told",
    [
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><ScannerStatus>&b;</ScannerStatus>",
        b"<ScannerStatus>" + b"<a>" * 5000,
        b"<ScannerStatus>" + b" " * MAX_XML + b"</ScannerStatus>",
        b"<html/>",
        b"<ScannerStatus>",
        b"",
    ],
)
def test_a_status_that_is_none_is_not_understood(liar: Callable[[Reply], str], out: Path, told: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read_status(told)
    source = EsclSource(liar(pretending(http("404 Not Found"), status=told)), SMALL, out)
    assert feed(source) == ([], Fault.OTHER)


def test_names_are_read_without_their_prefix() -> None:
    root = parse(b'<q:ScannerStatus xmlns:q="urn:any"><q:AdfState>ScannerAdfJam</q:AdfState></q:ScannerStatus>')
    assert [element.tag for element in root.iter()] == ["ScannerStatus", "AdfState"]
    assert read_status(b"<ScannerStatus><AdfState> ScannerAdfJam </AdfState></ScannerStatus>").fault is Fault.JAM
