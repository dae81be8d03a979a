"""Messages between parent and worker: JSON objects with their length before them. Neither side trusts the other's."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

MOST = 1 << 20
_LENGTH = struct.Struct(">I")
_ENCODER = json.JSONEncoder(separators=(",", ":"))

Fields = dict[str, Any]


class Broken(Exception):
    """The other side is gone, or says what is no message."""


def send(pipe: BinaryIO, fields: Fields) -> None:
    """Write a message."""
    data = _ENCODER.encode(fields).encode("ascii")
    try:
        pipe.write(_LENGTH.pack(len(data)) + data)
        pipe.flush()
    except (OSError, ValueError) as error:  # ValueError: closed meanwhile
        raise Broken from error


def receive(pipe: BinaryIO) -> Fields:
    """The next message; Broken at the end."""
    try:
        (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
        if length > MOST:
            raise Broken
        fields = json.loads(_exactly(pipe, length))
    except (OSError, ValueError, RecursionError) as error:
        raise Broken from error
    if not isinstance(fields, dict):
        raise Broken
    return fields


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise Broken
    return data
