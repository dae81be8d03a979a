"""Readers that know their form, at work in the processes that decode: only what a page says comes back.

A reader goes to a worker as a pickle of our own making; a reading comes back as plain numbers and texts that are
checked, because a page may have taken the worker over.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import msgspec
import numpy as np

from mab_desktop.domain.sheet import Bubble, SheetLayout
from mab_desktop.omr.load import LoadedPage, PageSource, ask_worker
from mab_desktop.omr.locate import Image
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import SheetReading, read_image
from mab_desktop.omr.registered import FormReader
from mab_desktop.omr.rules import DEFAULT_RULES, Rules


class PageReader(Protocol):
    """Reads decoded pages of one form; `started` is when the work on the page began."""

    def read(self, loaded: LoadedPage, file: str, page: int, started: float) -> SheetReading:
        """What the page says."""


@dataclass(frozen=True)
class SheetReader:
    """Reads our sheet, or other `bubbles` printed between the same squares."""

    layout: SheetLayout
    rules: Rules = DEFAULT_RULES
    bubbles: Sequence[Bubble] | None = None

    @cached_property
    def _other(self) -> FormReader | None:
        return FormReader(self.bubbles) if self.bubbles is not None else None

    def read(self, loaded: LoadedPage, file: str, page: int, started: float) -> SheetReading:
        """What the page says."""
        decoded = time.perf_counter()
        reading = read_image(loaded.gray, self.layout, file=file, page=page, dpi=loaded.dpi, bilevel=loaded.bilevel,
                             rules=self.rules, other=self._other)  # fmt: skip
        return _timed(reading, decoded - started)


@dataclass(frozen=True)
class RegisteredReader:
    """Reads pages that are straight and in scale already; `blank` is the empty form."""

    bubbles: Sequence[Bubble]
    page: tuple[float, float]
    blank: Image | None = None
    rules: Rules = DEFAULT_RULES

    @cached_property
    def _form(self) -> FormReader:
        return FormReader(self.bubbles, self.page, self.blank)

    def read(self, loaded: LoadedPage, file: str, page: int, started: float) -> SheetReading:
        """What the page says."""
        decoded = time.perf_counter()
        reading = self._form.read(loaded.gray, file=file, page=page, bilevel=loaded.bilevel, rules=self.rules)
        return _timed(reading, decoded - started)


def _timed(reading: SheetReading, decoding: float) -> SheetReading:
    return replace(reading, stages={"decode": decoding * 1000, **reading.stages})


class Remote:
    """A reader whose work the workers do, any number of pages at a time."""

    def __init__(self, reader: PageReader) -> None:
        blob = pickle.dumps(reader)
        self._name = hashlib.sha256(blob).hexdigest()
        self._assets = {self._name: blob}

    def read(self, source: PageSource) -> SheetReading:
        """What a page says; one that cannot be opened is a refused reading."""
        name = str(source.path)
        try:
            told = ask_worker(source, {"do": "read", "reader": self._name}, self._assets)
            return replace(_READING.decode(told.data), file=name)  # a name may be no UTF-8 and stays here
        except PageRefused as refused:
            return SheetReading(name, source.page, False, (refused.problem,))
        except msgspec.MsgspecError:
            return SheetReading(name, source.page, False, (PageRefused("page-crashed", detail="?").problem,))


def packed(reading: SheetReading) -> bytes:
    """A reading on its way to the parent."""
    return msgspec.msgpack.encode(reading, enc_hook=_plain)


def unpacked_reader(blob: bytes) -> PageReader:
    """The parent's reader, in the worker."""
    reader: PageReader = pickle.loads(blob)  # noqa: S301  from our own parent, never from a file
    return reader


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(type(value))


_READING = msgspec.msgpack.Decoder(SheetReading)
