"""What a SANE device can do, read from `scanimage --all-options`, and the options that fit our settings.

Every driver names its options as it likes. The tables below hold the names that the drivers of feeder scanners use
(fujitsu, canon_dr, kvs, avision, epsonds, kodak, hpaio, brother, airscan); what a device lacks is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.scanning.source import ScanSettings

RESOLUTIONS = (150, 200, 240, 300, 400)
_NAME = re.compile(r" {4}(?:--([\w-]+)|-([a-z]))(?=[ \[]|$)")
_FLAG = re.compile(r" \[(inactive|advanced|read-only|hardware|emulated)\]$")
_RANGE = re.compile(r"(?:auto\|)?(-?[\d.]+)\.\.(-?[\d.]+)")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?:pel|bit|mm|dpi|%|us)?")

_FEEDER = re.compile(r"adf|feeder", re.I)
_OTHER_SIDE = re.compile(r"duplex|back|rear|both|card", re.I)
_GLASS = re.compile(r"flatbed|platen|table|glass|^fb$|^normal$", re.I)
_MODES = {
    "gray": (r"^gr[ae]y(scale)?$", r"gr[ae]y(?!.*(diffusion|halftone|dither))"),
    "color": (r"^colou?r$", r"colou?r"),
    "lineart": (r"^lineart$", r"lineart|black|binary|mono"),
}
# Two sheets at once: told apart by ultrasound or by length, and the feeder stops.
_DOUBLE_FEED = {
    "df-action": "stop", "df-thickness": "yes", "df-length": "yes", "double-feed": "yes", "dfeed": "yes",
    "dfstop": "yes",
}  # fmt: skip
# One side; every sheet counts, also a blank one; nothing is straightened, cut or cleaned before the reader sees it.
_ALWAYS = {
    "duplex": "no", "adf-mode": "simplex", "feeder-mode": "continuous", "batch-scan": "yes", "swskip": "0",
    "swdeskew": "no", "deskew": "no", "swcrop": "no", "crop": "no", "swdespeck": "0",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SaneOption:
    """One option: its allowed values or its range, and whether it can be set now."""

    name: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    value: str = ""
    settable: bool = True

    @property
    def argument(self) -> str:
        """How it is written on the command line."""
        return f"--{self.name}" if len(self.name) > 1 else f"-{self.name}"

    def takes(self, wanted: str) -> str | None:
        """The device's own spelling of a value, None when it cannot be set to it."""
        if not self.settable:
            return None
        if self.low is not None and self.high is not None:
            return wanted if _NUMBER.fullmatch(wanted) and self.low <= float(wanted) <= self.high else None
        return next((choice for choice in self.choices if choice.lower() == wanted.lower()), None)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a device offers of what we ask for; resolutions in dots per inch, `largest` in mm (0: not told)."""

    resolutions: tuple[int, ...]
    modes: tuple[str, ...]
    feeder: bool
    glass: bool
    double_feed: bool
    largest: tuple[float, float] = (0.0, 0.0)


def parse_options(text: str) -> dict[str, SaneOption]:
    """The options in the output of `scanimage --all-options` by name, in their order."""
    found = (_parsed(line) for line in text.splitlines())
    return {option.name: option for option in found if option is not None}


def plan(options: Mapping[str, SaneOption], settings: ScanSettings) -> list[str]:
    """The command line for `settings`; LookupError when a feeder is asked for and there is only glass."""
    wanted = [*_basic(options, settings), *_window(options, settings)]
    wishes = {**_ALWAYS, **(_DOUBLE_FEED if settings.double_feed else {})}
    for name, value in wishes.items():
        taken = options[name].takes(value) if name in options else None
        if taken is not None:
            wanted.append((options[name], taken))
    arguments: list[str] = []
    for option, value in wanted:
        arguments += [f"{option.argument}={value}"] if len(option.name) > 1 else [option.argument, value]
    return arguments


def resolution(options: Mapping[str, SaneOption], settings: ScanSettings) -> int:
    """The dots per inch that the device would scan with; those asked for where it does not say."""
    option = options.get("resolution")
    return settings.dpi if option is None or not option.settable else round(float(_nearest(option, settings.dpi)))


def abilities(options: Mapping[str, SaneOption]) -> Abilities:
    """What the device offers."""
    sources = options["source"].choices if "source" in options else ()
    modes = options["mode"].choices if "mode" in options else ()
    return Abilities(
        resolutions=_resolutions(options.get("resolution")),
        modes=tuple(mode for mode in _MODES if _mode(modes, mode) is not None),
        feeder=not sources or _feeder(sources) is not None,
        glass=any(_GLASS.search(source) for source in sources),
        double_feed=any(name in options and bool(options[name].choices) for name in _DOUBLE_FEED),
        largest=(_largest(options, "page-width", "x"), _largest(options, "page-height", "y")),
    )


def _largest(options: Mapping[str, SaneOption], *names: str) -> float:
    """The greatest value of the first of these options that has a range: a paper's size comes before the window on it.

    The window reaches no farther than the paper that is set now.
    """
    return next((high for name in names if name in options and (high := options[name].high) is not None), 0.0)


def _parsed(line: str) -> SaneOption | None:
    start = _NAME.match(line)
    if start is None:
        return None
    name, rest = start[1] or start[2], line[start.end() :]
    flags = set()
    while tail := _FLAG.search(rest):
        flags.add(tail[1])
        rest = rest[: tail.start()]
    at = rest.rfind(" [")
    value = rest[at + 2 : -1] if at >= 0 and rest.endswith("]") else ""
    allowed = (rest[:at] if value else rest).strip()
    settable = not flags & {"inactive", "read-only", "hardware"}
    if allowed.startswith("[=("):
        return SaneOption(name, tuple(allowed[3:-2].split("|")), value=value, settable=settable)
    span = _RANGE.match(allowed)
    if span:
        return SaneOption(name, (), float(span[1]), float(span[2]), value, settable)
    return SaneOption(name, _choices(allowed), value=value, settable=settable)


def _choices(allowed: str) -> tuple[str, ...]:
    if not allowed or allowed.startswith("<"):
        return ()
    choices = allowed.split("|")
    numbers = [_NUMBER.fullmatch(choice) for choice in choices]
    return tuple(number[1] for number in numbers if number) if all(numbers) else tuple(choices)


def _basic(options: Mapping[str, SaneOption], settings: ScanSettings) -> list[tuple[SaneOption, str]]:
    """Source, mode, depth and resolution: what the rest depends on comes first."""
    wanted: list[tuple[SaneOption, str]] = []
    source = options.get("source")
    if source is not None and source.settable and source.choices:
        chosen = _feeder(source.choices) if settings.feeder else _glass(source.choices)
        if chosen is None and settings.feeder:
            raise LookupError("no feeder")
        wanted += [(source, chosen)] if chosen else []
    mode = options.get("mode")
    if mode is not None and mode.settable:
        chosen = _mode(mode.choices, settings.mode)
        wanted += [(mode, chosen)] if chosen else []
    depth = options.get("depth")
    if depth is not None and settings.mode != "lineart" and depth.takes("8"):
        wanted.append((depth, "8"))
    resolution = options.get("resolution")
    if resolution is not None and resolution.settable:
        wanted.append((resolution, _nearest(resolution, settings.dpi)))
    return wanted


def _window(options: Mapping[str, SaneOption], settings: ScanSettings) -> list[tuple[SaneOption, str]]:
    """The paper's size first where the device knows it, then the window on it, within what the device allows."""
    wanted: list[tuple[SaneOption, str]] = []
    for name, size in (
        ("page-width", settings.width), ("page-height", settings.height), ("l", 0.0), ("t", 0.0),
        ("x", settings.width), ("y", settings.height),
    ):  # fmt: skip
        option = options.get(name)
        if option is not None and option.settable and option.low is not None and option.high is not None:
            wanted.append((option, f"{min(max(size, option.low), option.high):g}"))
    return wanted


def _feeder(choices: Sequence[str]) -> str | None:
    """The feeder's front side."""
    fitting = [choice for choice in choices if _FEEDER.search(choice) and not _OTHER_SIDE.search(choice)]
    return next((choice for choice in fitting if "front" in choice.lower()), fitting[0] if fitting else None)


def _glass(choices: Sequence[str]) -> str | None:
    return next((choice for choice in choices if _GLASS.search(choice)), None)


def _mode(choices: Sequence[str], mode: str) -> str | None:
    for pattern in _MODES[mode]:
        for choice in choices:
            if re.search(pattern, choice, re.I):
                return choice
    return None


def _nearest(option: SaneOption, dpi: int) -> str:
    """The resolution asked for or the next finer one on offer, else the finest."""
    if option.low is not None and option.high is not None:
        return f"{min(max(float(dpi), option.low), option.high):g}"
    numbers = [choice for choice in option.choices if _NUMBER.fullmatch(choice)]
    return min(numbers, key=lambda n: (float(n) < dpi, abs(float(n) - dpi)), default=str(dpi))


def _resolutions(option: SaneOption | None) -> tuple[int, ...]:
    """The usual ones of a range; a range of every number offers too much to choose from."""
    if option is None:
        return ()
    if option.low is not None and option.high is not None:
        return tuple(dpi for dpi in RESOLUTIONS if option.low <= dpi <= option.high) or (int(option.high),)
    numbers = [float(choice) for choice in option.choices if _NUMBER.fullmatch(choice)]
    return tuple(sorted(int(n) for n in numbers if n == int(n)))
