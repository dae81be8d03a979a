"""The protocol by its bytes, over a socket and a port: what a server may answer, and what is no answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.printing import cups, ipp
from mab_desktop.printing.cups import Cups
from mab_desktop.printing.ipp import IppError, Operation, Tag
from mab_desktop.printing.queue import PrintFault

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def answer(status: int, body: bytes) -> bytes:
    return struct.pack(">BBHi", 2, 0, status, 1) + body


def group(tag: int, *values: tuple[int, str, bytes]) -> bytes:
    out = bytes([tag])
    for kind, name, raw in values:
        out += struct.pack(">BH", kind, len(name.encode())) + name.encode() + struct.pack(">H", len(raw)) + raw
    return out


END = b"\x03"


def test_a_request_is_laid_out_as_rfc_8010_says() -> None:
    made = ipp.encode(Operation.GET_JOBS, (("printer-uri", Tag.URI, ("ipp://x/",)),), (("copies", Tag.INTEGER, (2,)),))
    assert made == (
        b"\x02\x00\x00\x0a\x00\x00\x00\x01"
        b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8\x48\x00\x1battributes-natural-language\x00\x02en"
        b"\x45\x00\x0bprinter-uri\x00\x08ipp://x/"
        b"\x02\x21\x00\x06copies\x00\x04\x00\x00\x00\x02\x03"
    )


@given(words, st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1), st.integers(0, 9)), min_size=1), st.booleans())
def test_what_is_written_is_read_back(name: str, ranges: list[tuple[int, int]], flag: bool) -> None:
    made = ipp.encode(
        1, (("a-text", Tag.NAME, (name,)),),
        (("ranges", Tag.RANGE, tuple(ranges)), ("flag", Tag.BOOLEAN, (flag,)), ("n", Tag.INTEGER, (ranges[0][0], 7))),
    )  # fmt: skip
    read = ipp.decode(made)
    assert read.operation["a-text"] == [name]
    (job,) = read.of(Tag.JOB)
    assert job == {"ranges": ranges, "flag": [flag], "n": [ranges[0][0], 7]}


def test_what_is_not_needed_is_passed_over() -> None:
    """Collections, values that are unknown, names with a language, kinds nobody knows."""
    inner = group(
        4, (0x34, "media-col", b""), (0x4A, "", b"x-dimension"), (0x21, "", struct.pack(">i", 21000)), (0x37, "", b""),
        (0x13, "time", b""), (0x36, "printer-info", b"\x00\x02kk\x00\x07" + "Қағ.".encode()),
        (0x30, "odd", b"\xff"),
        (0x44, "sides-supported", b"one-sided"), (0x44, "", b"none"),
    )  # fmt: skip
    read = ipp.decode(answer(0, group(1) + inner + group(4, (0x42, "printer-name", b"b")) + END))
    first, second = read.of(Tag.PRINTER)
    assert first == {"printer-info": ["Қағ."], "sides-supported": ["one-sided", "none"]}
    assert ipp.texts(first, "sides-supported") == ("one-sided",)
    assert ipp.text(second, "printer-name") == "b"
    assert ipp.number(second, "printer-name") == 0


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fall_over(data: bytes) -> None:
    """Whatever comes is an answer or an IppError."""
    try:
        ipp.decode(data)
    except IppError:
        return


@given(st.integers(8, 60))
def test_an_answer_cut_short_is_none(length: int) -> None:
    whole = answer(0, group(1, (0x47, "attributes-charset", b"utf-8"), (0x41, "status-message", b"all is well")) + END)
    with pytest.raises(IppError, match="not an IPP answer"):
        ipp.decode(whole[: min(length, len(whole) - 1)])


# --- servers ----------------------------------------------------------------------------------------------------------


@contextmanager
def serving(status: int, body: bytes) -> Iterator[str]:
    """A server that gives one answer to everything; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b"", "HTTP 401"),
        (200, b"<html>", "not an IPP answer"),
        (200, answer(0x0507, group(1, (0x41, "status-message", b"Scheduler is tired")) + END), "Scheduler is tired"),
        (200, answer(0x0500, group(1) + END), "IPP 0x0500"),
    ],
)
def test_a_server_that_says_no_is_quoted(status: int, body: bytes, words: str) -> None:
    with serving(status, body) as address, pytest.raises(PrintFault, match=words):
        Cups(address).printers()


def test_a_server_without_printers_has_none() -> None:
    with serving(200, answer(0x0406, group(1) + END)) as address:
        assert Cups(address).printers() == ()


def test_nobody_there_is_said() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(PrintFault, match="does not answer"):
            Cups(f"127.0.0.1:{held.getsockname()[1]}").look("1")


def test_where_the_spooler_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As CUPS' own programs find it: the variable, the person's file, the socket, the port."""
    monkeypatch.delenv("CUPS_SERVER", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(cups, "SOCKETS", (str(tmp_path / "none.sock"),))
    monkeypatch.setattr(cups, "CLIENT_CONF", tmp_path / "etc.conf")
    assert cups.server() == "localhost:631"
    monkeypatch.setattr(cups, "SOCKETS", (str(tmp_path),))
    assert cups.server() == str(tmp_path)
    (tmp_path / "etc.conf").write_text("# ours\nServerName print.example:632/version=1.1\n", "utf-8")
    assert cups.server() == "print.example:632"
    (tmp_path / ".cups").mkdir()
    (tmp_path / ".cups" / "client.conf").write_text("Encryption Never\nservername /run/own.sock\n", "utf-8")
    assert cups.server() == "/run/own.sock"
    monkeypatch.setenv("CUPS_SERVER", "other:633")
    assert cups.server() == "other:633"
