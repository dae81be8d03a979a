"""The Internet Printing Protocol (RFC 8010, 8011): requests, answers, and the way to a server over socket or network.

Only what printing needs: simple values and sets of them. Collections in an answer are passed over.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain
from urllib.parse import urlsplit

from mab_desktop.domain.printing import LargePaper

Value = int | bool | str | tuple[int, int]
Group = dict[str, list[Value]]

_TIMEOUT = 15.0  # seconds: a spooler answers in milliseconds, but may be started only now


class Operation(IntEnum):
    """What is asked for."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B
    CUPS_GET_DEFAULT = 0x4001
    CUPS_GET_PRINTERS = 0x4002


class Tag(IntEnum):
    """Delimiters of groups and kinds of values."""

    OPERATION, JOB, END, PRINTER = 0x01, 0x02, 0x03, 0x04
    INTEGER, BOOLEAN, ENUM, RANGE = 0x21, 0x22, 0x23, 0x33
    TEXT_WITH_LANGUAGE, NAME_WITH_LANGUAGE = 0x35, 0x36
    BEGIN_COLLECTION, END_COLLECTION, MEMBER = 0x34, 0x37, 0x4A
    NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = 0x42, 0x44, 0x45, 0x47, 0x48, 0x49


Attribute = tuple[str, Tag, Sequence[Value]]


class IppError(Exception):
    """The server said no, or something that is no IPP; `status` is its IPP status code, 0 without one."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What a server said: its status and the groups of attributes after the first, by the delimiter's value."""

    status: int
    operation: Group = field(default_factory=dict)
    groups: tuple[tuple[int, Group], ...] = ()

    def of(self, tag: Tag) -> list[Group]:
        """The groups of one kind."""
        return [group for kind, group in self.groups if kind == tag]


def text(group: Mapping[str, list[Value]], name: str) -> str:
    """The first value of an attribute as text, "" without one."""
    return str(group[name][0]) if group.get(name) else ""


def number(group: Mapping[str, list[Value]], name: str) -> int:
    """The first value of an attribute as a number, 0 without one."""
    found = group[name][0] if group.get(name) else 0
    return found if isinstance(found, int) else 0


def texts(group: Mapping[str, list[Value]], name: str) -> tuple[str, ...]:
    """All values of an attribute as texts; "none" is no value."""
    return tuple(str(value) for value in group.get(name, ()) if value != "none")


def encode(operation: int, operations: Sequence[Attribute], job: Sequence[Attribute] = (), request: int = 1) -> bytes:
    """A request, version 2.0: its operation attributes (charset and language are put before) and job attributes."""
    out = bytearray(struct.pack(">BBHi", 2, 0, operation, request))
    first: tuple[Attribute, ...] = (
        ("attributes-charset", Tag.CHARSET, ("utf-8",)), ("attributes-natural-language", Tag.LANGUAGE, ("en",)),
    )  # fmt: skip
    out.append(Tag.OPERATION)
    for attribute in (*first, *operations):
        out += _attribute(*attribute)
    if job:
        out.append(Tag.JOB)
        for attribute in job:
            out += _attribute(*attribute)
    out.append(Tag.END)
    return bytes(out)


def _attribute(name: str, tag: Tag, values: Sequence[Value]) -> bytes:
    out = bytearray()
    for place, value in enumerate(values):
        label, packed = (name.encode() if place == 0 else b""), _packed(tag, value)
        out += struct.pack(">BH", tag, len(label)) + label + struct.pack(">H", len(packed)) + packed
    return bytes(out)


def _packed(tag: Tag, value: Value) -> bytes:
    if isinstance(value, tuple):
        return struct.pack(">ii", *value)
    if tag is Tag.BOOLEAN:
        return bytes([bool(value)])
    return struct.pack(">i", value) if isinstance(value, int) else value.encode()


def decode(data: bytes) -> Answer:
    """An answer; IppError when it is none."""
    try:
        _major, _minor, status, _request = struct.unpack_from(">BBHi", data)
        groups = list(_groups(data, 8))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise IppError("not an IPP answer") from error
    operation = groups[0][1] if groups and groups[0][0] == Tag.OPERATION else {}
    return Answer(status, operation, tuple(groups[1:] if operation else groups))


def _groups(data: bytes, at: int) -> Iterator[tuple[int, Group]]:
    kind, group, last = 0, Group(), ""
    depth = 0
    while True:
        tag = data[at]
        if tag < 0x10:
            if kind:
                yield kind, group
            if tag == Tag.END:
                return
            kind, group, at = tag, {}, at + 1
            continue
        (size,) = struct.unpack_from(">H", data, at + 1)
        name = data[at + 3 : at + 3 + size].decode()
        at += 3 + size
        (size,) = struct.unpack_from(">H", data, at)
        raw = data[at + 2 : at + 2 + size]
        if len(raw) != size:
            raise IndexError
        at += 2 + size
        depth += (tag == Tag.BEGIN_COLLECTION) - (tag == Tag.END_COLLECTION)
        if depth or tag in (Tag.END_COLLECTION, Tag.MEMBER):
            continue
        last = name or last
        if (value := _value(tag, raw)) is not None:
            group.setdefault(last, []).append(value)


def _value(tag: int, raw: bytes) -> Value | None:
    if tag < 0x20:
        return None  # "unknown", "no value"
    if tag in (Tag.INTEGER, Tag.ENUM):
        return int(struct.unpack(">i", raw)[0])
    if tag == Tag.BOOLEAN:
        return raw != b"\0"
    if tag == Tag.RANGE:
        low, high = struct.unpack(">ii", raw)
        return int(low), int(high)
    if tag in (Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE):
        (size,) = struct.unpack_from(">H", raw)
        return raw[4 + size :].decode("utf-8", "replace")
    return raw.decode("utf-8", "replace") if tag >= 0x40 else None


# --- the way to a server ---------------------------------------------------------------------------------------------


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a socket in the file system, as the spooler of this computer listens."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Go to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(
    server: str, path: str, request: bytes, document: bytes | LargePaper = b"", timeout: float = _TIMEOUT
) -> Answer:
    """Send a request to "/run/cups/cups.sock", "host:port" or "ipp(s)://host:port" and read the answer.

    OSError when nobody answers, IppError when the answer is a refusal (a status of 0x0400 or more).
    """
    connection = _connection(server, timeout)
    try:
        headers = {"Content-Type": "application/ipp", "Connection": "close"}
        if isinstance(document, bytes):
            connection.request("POST", path, request + document, headers)
        else:
            headers["Content-Length"] = str(len(request) + len(document))
            connection.request("POST", path, chain((request,), document.parts()), headers)
        reply = connection.getresponse()
        data = reply.read()
    except http.client.HTTPException as error:
        raise IppError(str(error) or type(error).__name__) from error
    finally:
        connection.close()
    if reply.status != http.client.OK:
        raise IppError(f"HTTP {reply.status} {reply.reason}")
    answer = decode(data)
    if answer.status >= 0x0400:
        raise IppError(text(answer.operation, "status-message") or f"IPP 0x{answer.status:04x}", answer.status)
    return answer


def _connection(server: str, timeout: float) -> http.client.HTTPConnection:
    if server.startswith("/"):
        return _SocketConnection(server, timeout)
    parts = urlsplit(server if "://" in server else f"ipp://{server}")
    host, port = parts.hostname or "localhost", parts.port or 631
    if parts.scheme != "ipps":
        return http.client.HTTPConnection(host, port, timeout=timeout)
    trust = ssl.create_default_context()  # printers sign their certificates themselves: private, not proven
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=trust)
