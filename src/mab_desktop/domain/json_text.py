"""JSON texts inside records that came from elsewhere."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def object_of(text: str | bytes) -> dict[str, Any]:
    """The object that a JSON text holds. ValueError for anything else: no object, NaN, nested too deep to be read."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
