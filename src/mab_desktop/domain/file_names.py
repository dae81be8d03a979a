"""Names of files as a text that can be written down.

On Linux a name is bytes; where they are no UTF-8 (an archive of an old Windows, a drive mounted with another encoding)
Python keeps them as lone surrogates: good for opening the file, impossible to store, print or send.
"""

from __future__ import annotations

from typing import Any


def readable(text: str) -> str:
    """A name or path with “?” for each byte that is no text; everything else as it is."""
    return text.encode("utf-8", "replace").decode("utf-8")


def all_readable(value: Any) -> Any:
    """The same for every text inside lists and objects of JSON."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {readable(key): all_readable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [all_readable(inner) for inner in value]
    return value
