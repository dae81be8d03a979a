"""Two sheets that may have gone through the scanner as one: told by length, by content and by the serials (p.38)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any, Protocol

from mab_desktop.i18n import N_, translate

_LONGER = 1.025  # an image this much longer than the others holds more than a sheet
_SHEET = 297 / 210
_ENOUGH = 3  # images for a median; before that the sheet itself is the measure
_NAMED = 6  # serials named in one sentence

_LOOK = N_("Take this sheet and the next one out of the stack. If two stuck together, scan both again in its place.")
_AGAIN = N_("Take the sheets around this place, see whether two stick together, and scan them again in their place.")


class Suspect(StrEnum):
    """What makes one think that sheets went through together, or twice."""

    LONGER = "longer"
    CONTENT = "content"
    TWICE = "twice"
    FEWER = "fewer"
    NOT_AGAIN = "not-again"


@dataclass(frozen=True)
class Suspicion:
    """One suspicion: `pages` are keys of the pages it speaks of, `text` and `next_step` message ids."""

    kind: Suspect
    pages: tuple[int, ...]
    text: str
    next_step: str
    params: tuple[tuple[str, Any], ...] = ()

    def message(self, lang: str) -> str:
        """What is seen, in words."""
        return translate(lang, self.text).format(**dict(self.params))

    def advice(self, lang: str) -> str:
        """What to do, in words."""
        return translate(lang, self.next_step)


class Page(Protocol):
    """What is asked of a page; `height_by_width` is 0 where its image could not be opened."""

    @property
    def key(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def serial(self) -> str: ...
    @property
    def height_by_width(self) -> float: ...
    @property
    def two_sheets(self) -> bool: ...


def while_scanning(pages: Sequence[Page]) -> list[Suspicion]:
    """What one page alone or beside the others shows, also in the middle of a run; each page is named once."""
    longer = _longer(pages)
    named = {key for suspicion in longer for key in suspicion.pages}
    return [*longer, *_by_content([page for page in pages if page.key not in named]), *_twice(pages)]


def after_scanning(
    pages: Sequence[Page], expected: int, stack: Sequence[str], first_pass: Sequence[str]
) -> list[Suspicion]:
    """What the run as a whole shows: sheets fewer than the act has, sheets of pass 1 that pass 2 has not."""
    again = _not_again(pages, first_pass)
    return again if 0 < len(again) <= _NAMED else _fewer(pages, expected, stack)


def _longer(pages: Sequence[Page]) -> list[Suspicion]:
    shapes = [page.height_by_width for page in pages if page.height_by_width]
    usual = median(shapes) if len(shapes) >= _ENOUGH else _SHEET
    return [
        Suspicion(
            Suspect.LONGER, (page.key,), N_("The image of sheet {n} is {percent} % longer than the others."), _LOOK,
            (("n", page.position), ("percent", round(100 * (page.height_by_width / usual - 1)))),
        )
        for page in pages
        if page.height_by_width > usual * _LONGER
    ]  # fmt: skip


def _by_content(pages: Sequence[Page]) -> list[Suspicion]:
    return [
        Suspicion(
            Suspect.CONTENT, (page.key,), N_("On the image of sheet {n} parts of two sheets are seen."), _LOOK,
            (("n", page.position),),
        )
        for page in pages
        if page.two_sheets
    ]  # fmt: skip


def _twice(pages: Sequence[Page]) -> list[Suspicion]:
    places: dict[str, list[Page]] = {}
    for page in pages:
        if page.serial:
            places.setdefault(page.serial, []).append(page)
    return [
        Suspicion(
            Suspect.TWICE, tuple(page.key for page in found),
            N_("Sheet {serial} was scanned more than once: places {places}."),
            N_("Look at the paper: if it is one sheet, remove one of the two images here."),
            (("serial", serial), ("places", ", ".join(str(page.position) for page in found))),
        )
        for serial, found in places.items()
        if len(found) > 1
    ]  # fmt: skip


def _fewer(pages: Sequence[Page], expected: int, stack: Sequence[str]) -> list[Suspicion]:
    lacking = expected - len(pages)
    if lacking <= 0 or not pages:
        return []
    seen = {page.serial for page in pages}
    missing = [serial for serial in stack if serial not in seen]
    if not missing:
        text, params = N_("{n} sheets fewer than by the act."), (("n", lacking),)
        return [Suspicion(Suspect.FEWER, (), text, N_("Look whether sheets were left in the envelope."), params)]
    return [
        Suspicion(
            Suspect.FEWER, (), N_("{n} sheets fewer than by the act. Not seen of the hall's stack: {serials}."),
            N_("Look whether sheets were left in the envelope or two went through at once; scan them too."),
            (("n", lacking), ("serials", _listed(missing))),
        )
    ]  # fmt: skip


def _not_again(pages: Sequence[Page], first_pass: Sequence[str]) -> list[Suspicion]:
    """Pages without a serial may be the missing ones: only more missing than those is worth a word."""
    here = {page.serial: page for page in pages if page.serial}
    missing = [place for place, serial in enumerate(first_pass) if serial and serial not in here]
    if not pages or len(missing) <= sum(not page.serial for page in pages):
        return []
    return [_missing_at(place, first_pass, here) for place in missing]


def _missing_at(place: int, first_pass: Sequence[str], here: dict[str, Page]) -> Suspicion:
    serial = first_pass[place]
    before = next((here[s] for s in reversed(first_pass[:place]) if s in here), None)
    if before is None:
        text, params = N_("Sheet {serial} was there in pass 1 and is not now."), (("serial", serial),)
        return Suspicion(Suspect.NOT_AGAIN, (), text, _AGAIN, params)
    return Suspicion(
        Suspect.NOT_AGAIN, (before.key,),
        N_("Sheet {serial} was there in pass 1 and is not now; it lay behind place {n}."), _AGAIN,
        (("serial", serial), ("n", before.position)),
    )  # fmt: skip


def _listed(serials: Sequence[str]) -> str:
    return ", ".join(serials[:_NAMED]) + (" …" if len(serials) > _NAMED else "")
