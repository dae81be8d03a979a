"""The process that decodes and reads pages: `python -m mab_desktop.omr.worker`, started by `omr.load`."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, BinaryIO, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.bounded.child import Desk, Distant, WorkRefused, serve
from mab_desktop.omr import pdf, tiff
from mab_desktop.omr.picture import LoadedPage, decode_colour, decode_picture
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.readers import PageReader, packed, unpacked_reader

READERS = 4  # kept: each may hold a picture of its empty form, and a worker's memory is bounded


def work(request: dict[str, Any], file: Distant, desk: Desk) -> dict[str, Any]:
    """List the pages of a file; decode one of them, or read it."""
    try:
        if request["do"] == "list":
            return _listed(request["kind"], cast(BinaryIO, file))
        if request["do"] == "read":
            started = time.perf_counter()
            loaded = _gray(request, file)
            reading = _reader(request["reader"], desk).read(loaded, "", request["page"], started)
            return {"size": desk.put(packed(reading))}
        if request["do"] == "gray":
            page = _gray(request, file)
            facts = {"dpi": float(page.dpi), "bilevel": bool(page.bilevel)}
            return {**facts, **_shown(np.ascontiguousarray(page.gray), desk)}
        return _shown(_small(_picture(request, file), request["height"]), desk)
    except PageRefused as refused:
        raise WorkRefused(refused.problem.code, dict(refused.problem.params)) from refused


@lru_cache(maxsize=READERS)
def _reader(name: str, desk: Desk) -> PageReader:
    """A reader that knows its form, sent once to each worker and again when it was not among the last few."""
    return unpacked_reader(desk.asset(name))


def _listed(kind: str, file: BinaryIO) -> dict[str, Any]:
    if kind == "pdf":
        return {"pages": pdf.pdf_pages(file)}
    return {"places": tiff.tiff_pages(file)}


def _gray(request: dict[str, Any], file: Distant) -> LoadedPage:
    if request["kind"] == "pdf":
        return pdf.load_pdf(cast(BinaryIO, file), request["page"])
    if request["kind"] == "tiff":
        return tiff.load_tiff(cast(BinaryIO, file), _place(request, file))
    return decode_picture(file.read_whole())


def _picture(request: dict[str, Any], file: Distant) -> NDArray[np.uint8]:
    if request["kind"] == "pdf":
        return pdf.pdf_picture(cast(BinaryIO, file), request["page"])
    if request["kind"] == "tiff":
        return tiff.tiff_picture(cast(BinaryIO, file), _place(request, file))
    return decode_colour(file.read_whole(), request["height"])


def _place(request: dict[str, Any], file: Distant) -> int:
    """Where a TIFF's page stands, for who knows its number only."""
    return int(request["at"]) or tiff.tiff_pages(cast(BinaryIO, file))[request["page"] - 1]


def _small(values: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """As high as wanted; never larger than it is, and gray where colours would be too much to hand over."""
    if 0 < height < values.shape[0]:
        width = max(1, round(values.shape[1] * height / values.shape[0]))
        values = np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.ascontiguousarray(values)


def _shown(values: NDArray[np.uint8], desk: Desk) -> dict[str, Any]:
    if values.nbytes > len(desk.area.memory):
        values = np.asarray(cv2.cvtColor(values, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    height, width = values.shape[:2]
    channels = values.shape[2] if values.ndim == 3 else 1
    return {"height": height, "width": width, "channels": channels, "size": desk.put(values)}


def _get_ready() -> None:
    cv2.setNumThreads(1)


if __name__ == "__main__":
    serve(work, _get_ready)
