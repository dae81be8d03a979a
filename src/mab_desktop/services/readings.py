"""Reading scans from the command line: any profile, any geometry, pictures that show why."""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sheet import Bubble, Fiducial, SheetLayout, layout
from mab_desktop.i18n import N_
from mab_desktop.omr.batch import BatchPage, batch_pages, in_order
from mab_desktop.omr.geometry import Geometry, geometry_of, layout_geometry
from mab_desktop.omr.load import list_pages, load_page
from mab_desktop.omr.locate import Image
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import SheetReading, to_json
from mab_desktop.omr.readers import RegisteredReader, Remote, SheetReader
from mab_desktop.omr.rules import DEFAULT_RULES, Rules
from mab_desktop.services.form_geometry import FormGeometry, read_geometry
from mab_desktop.services.reading_pictures import is_worth_a_picture, reading_picture
from mab_desktop.services.scans import image_files

READING = N_("Reading answer sheets")
MOST_NAME = 200  # bytes of an image's name within that of its picture


@dataclass(frozen=True)
class Form:
    """What is on the pages: our sheet, or another `geometry`; `registered` pages are straight and in scale already."""

    layout: SheetLayout
    geometry: FormGeometry | None = None
    registered: bool = False
    blank: Image | None = None

    @property
    def arrays(self) -> Geometry:
        """Its bubbles as the reader needs them."""
        return geometry_of(self.geometry.bubbles) if self.geometry else layout_geometry(self.layout)

    @property
    def bubbles(self) -> tuple[Bubble, ...]:
        """Its bubbles."""
        return self.geometry.bubbles if self.geometry else self.layout.bubbles

    @property
    def fiducials(self) -> tuple[Fiducial, ...]:
        """The squares that must be on the page."""
        return () if self.registered else self.layout.fiducials

    @property
    def page(self) -> tuple[float, float]:
        """Width and height in mm."""
        return self.geometry.page if self.geometry else (self.layout.width, self.layout.height)

    @property
    def digest(self) -> str:
        """Names the geometry that scores belong to."""
        return FormGeometry(*self.page, self.bubbles).digest

    def reader(self, rules: Rules) -> Remote:
        """What reads its pages."""
        bubbles = self.geometry.bubbles if self.geometry else None
        if self.registered:
            return Remote(RegisteredReader(self.bubbles, self.page, self.blank, rules))
        return Remote(SheetReader(self.layout, rules, bubbles))


@dataclass(frozen=True)
class Wishes:
    """How to read: threads (0: one per processor), the reader's rules, and where pictures go, in which language.

    `every` page gets a picture, or only those refused or doubtful.
    """

    threads: int = 0
    rules: Rules = DEFAULT_RULES
    pictures: Path | None = None
    every: bool = False
    lang: str = "kk"


@dataclass(frozen=True)
class PageRead:
    """A reading and the name of its picture, if it has one."""

    reading: SheetReading
    picture: str = ""

    def as_json(self, *, scores: bool = False) -> dict[str, Any]:
        """Plain data as `mab read --json` writes it; `scores` adds what decisions can be taken from again."""
        plain = to_json(self.reading)
        last = {key: plain.pop(key) for key in ("fields", "ms")}
        if self.reading.serial:
            plain["serial"] = self.reading.serial
        plain |= last
        if self.picture:
            plain["picture"] = self.picture
        if scores and self.reading.scores:
            plain["scores"] = base64.b64encode(self.reading.scores).decode("ascii")
            plain["thresholds"] = dict(self.reading.thresholds)
        return plain


def form_of(
    profile: ExamProfile, geometry: Path | None = None, *, registered: bool = False, blank: Path | None = None
) -> Form:
    """What is on the pages, from the command line's options; UserError where they do not go together."""
    own = layout(replace(profile, training=True))  # whoever reads by the command line may read both sorts
    other = read_geometry(geometry) if geometry else None
    if blank and not registered:
        raise UserError(
            N_("A picture of the empty form is of use for registered pages only: add --registered."),
            exit_code=EXIT_USAGE,
        )
    if other and not registered and other.page != (own.width, own.height):
        raise UserError(
            N_("A page of {width} x {height} mm has no place for the black squares of an answer sheet."),
            next_step=N_("Read pages that are straight and in scale already with --registered."),
            width=f"{other.width:g}", height=f"{other.height:g}",
        )  # fmt: skip
    return Form(own, other, registered, _blank(blank) if blank else None)


def _blank(path: Path) -> Image:
    """The picture of the empty form."""
    try:
        return load_page(list_pages(path)[0]).gray
    except PageRefused as refused:
        raise UserError(
            N_("The picture of the empty form, {name}, cannot be opened: {reason}"), name=path.name,
            reason=refused.problem,
        ) from refused  # fmt: skip


def rules_of(pairs: Sequence[str], base: Rules = DEFAULT_RULES) -> Rules:
    """The reader's rules with `name=value` pairs put in; UserError for a name or value that is none."""
    known = {rule.name: getattr(base, rule.name) for rule in fields(Rules)}
    changed: dict[str, Any] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            changed[name] = type(known[name])(text)
            if not math.isfinite(changed[name]):
                raise ValueError(text)
        except (KeyError, ValueError) as error:
            raise UserError(
                N_("{pair} is no rule of the reader: NAME=NUMBER is expected, NAME being one of {names}."),
                exit_code=EXIT_USAGE, pair=pair, names=", ".join(known),
            ) from error  # fmt: skip
    return replace(base, **changed)


def pages_of(paths: Sequence[Path]) -> list[BatchPage]:
    """All pages of files and folders in the order a feeder would take them; UserError when there is nothing."""
    for path in paths:
        if not path.exists():
            raise UserError(N_("There is no file or folder {name}."), name=str(path))
    pages = batch_pages(image_files(paths))
    if not pages:
        raise UserError(
            N_("There is no image in {name}."), name=", ".join(map(str, paths)),
            next_step=N_("Folders within a folder are not looked into: name them.") if _nested(paths) else "",
        )  # fmt: skip
    return pages


def _nested(paths: Sequence[Path]) -> bool:
    return any(inner.is_dir() for path in paths if path.is_dir() for inner in path.iterdir())


def read_pages(
    pages: Sequence[BatchPage], form: Form, wishes: Wishes = Wishes(), progress: Progress = Silent()
) -> Iterator[PageRead]:
    """What the reader sees on each page, in order; a page it refuses, or a file that is none, says why."""
    if wishes.pictures:
        wishes.pictures.mkdir(parents=True, exist_ok=True)
    progress.stage(READING, len(pages))
    reader = form.reader(wishes.rules)
    yield from in_order(pages, lambda page: _read_page(page, form, reader, wishes), progress, threads=wishes.threads)


def _read_page(page: BatchPage, form: Form, reader: Remote, wishes: Wishes) -> PageRead:
    source = page.source
    if page.problem:
        reading = SheetReading(str(source.path), source.page, False, (page.problem,))
    else:
        reading = reader.read(source)
    if not wishes.pictures or not (wishes.every or is_worth_a_picture(reading)):
        return PageRead(reading)
    name = f"{page.number:05d}-{_short(Path(source.path.name).stem)}-{source.page}.png"
    code = None if form.geometry else form.layout.qr
    picture = reading_picture(_gray(page), reading, form.bubbles, form.fiducials, form.page, wishes.lang, code)
    (wishes.pictures / name).write_bytes(picture)
    return PageRead(reading, name)


def _short(stem: str) -> str:
    """So much of a name that number and page may stand beside it: file systems end at 255 bytes."""
    return os.fsdecode(os.fsencode(stem)[:MOST_NAME]) if len(os.fsencode(stem)) > MOST_NAME else stem


def _gray(page: BatchPage) -> Image | None:
    """The page's image, None where it cannot be opened."""
    try:
        return None if page.problem else load_page(page.source).gray
    except PageRefused:
        return None
