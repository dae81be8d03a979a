"""One way to write a value as JSON: RFC 8785 for texts, whole numbers, true, false, null, lists and objects.

A fraction has no place here. Whoever signs and whoever checks must see the same bytes, so what decodes to a value but
is not the one spelling of it is refused.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from mab_desktop.exchange.refusals import refuse

_T = TypeVar("_T", bound=msgspec.Struct)

# The whole numbers that every JSON reader keeps exactly (RFC 7493).
MAX_INTEGER = 2**53 - 1
# Keys below the surrogates sort alike by code point and by UTF-16 unit, which is the order RFC 8785 asks for.
_ABOVE_LIMIT = re.compile("[\ud800-\U0010ffff]")
# Whatever begins a character above that limit in UTF-8: such records take the longer way.
_RARE = re.compile(b"[\xee-\xff]")

Flat = dict[str, str | int | bool | None]
_FLAT_TYPES = {str, int, bool, type(None)}
_FLAT, _SORTED = msgspec.json.Decoder(Flat), msgspec.json.Encoder(order="sorted")


def encode(value: Any) -> bytes:
    """The only spelling of `value`; raises TypeError or ValueError for what has none (a bug of the caller)."""
    _check(value, 0)
    return _dump(value)


def decode(data: bytes, what: str) -> Any:
    """The value of `data`; CarrierRefused json-not-canonical, naming `what`, unless `data` is its only spelling."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text, parse_float=_no_number, parse_constant=_no_number, parse_int=_integer)
        if _ABOVE_LIMIT.search(text):
            _check(value, 0)
        same = _dump(value) == data
    except (ValueError, TypeError, RecursionError) as error:
        raise refuse("json-not-canonical", what=what) from error
    if not same:
        raise refuse("json-not-canonical", what=what)
    return value


def decode_as(data: bytes, shape: type[_T], what: str) -> _T:
    """The same, straight into `shape`: what does not fit is refused before it takes memory. `shape` bounds every number
    and takes every field, so nothing is lost between the two spellings. msgspec.ValidationError for another shape."""
    try:
        value = msgspec.json.decode(data, type=shape, strict=True)
        same = _dump(msgspec.to_builtins(value)) == data
    except msgspec.ValidationError:
        raise
    except (ValueError, RecursionError) as error:
        raise refuse("json-not-canonical", what=what) from error
    if not same:
        raise refuse("json-not-canonical", what=what)
    return value


def encode_record(fields: dict[str, Any]) -> bytes:
    """The same spelling as `encode` gives, faster for what records are: one flat object of texts, numbers and flags."""
    kinds = set(map(type, fields.values()))
    if not kinds <= _FLAT_TYPES or not "".join(fields).isascii():
        return encode(fields)
    if int in kinds and any(type(value) is int and abs(value) > MAX_INTEGER for value in fields.values()):
        return encode(fields)
    return _SORTED.encode(fields)


def decode_record(data: bytes, what: str) -> Any:
    """The same value or refusal as `decode` gives, faster for one flat object."""
    if _RARE.search(data):
        return decode(data, what)
    try:
        value = _FLAT.decode(data)
    except ValueError:
        return decode(data, what)
    for number in value.values():
        if type(number) is int and abs(number) > MAX_INTEGER:
            return decode(data, what)
    return value if _SORTED.encode(value) == data else decode(data, what)


def _dump(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def _check(value: Any, depth: int) -> None:
    """Refuse what JSON would bend silently: fractions, keys that are not texts, numbers too big to stay exact."""
    if depth > 32:
        raise ValueError("nested too deep")
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError(f"{value} is beyond 2^53")
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or _ABOVE_LIMIT.search(key):
                raise TypeError(f"{key!r} cannot be a key")
            _check(item, depth + 1)
    else:
        raise TypeError(f"{type(value).__name__} has no place in a carrier")


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > MAX_INTEGER:
        raise ValueError(text)
    return number
