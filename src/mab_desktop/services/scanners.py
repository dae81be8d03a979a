"""Scanners for screens and the command line: found, remembered with their settings, tried, opened as a source of pages.

A scanner's key is its kind and its address: `escl:http://192.168.1.20/eSCL`, `sane:fujitsu:fi-7160:123`, `wia:{…}`,
`watched:/scans`, `folder:/scans`. Where a network scanner answers both ways, driverless comes first: it tells an open
cover and two sheets at once apart, SANE's own driverless driver does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_USAGE, Problem, Refused, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.scanning import escl, sane, wia
from mab_desktop.scanning.folder import FolderSource
from mab_desktop.scanning.source import (
    LEAST_DPI,
    Fault,
    ScannerFault,
    ScanSettings,
    Source,
    require_fine_enough,
)
from mab_desktop.scanning.watched import WatchedSource
from mab_desktop.services.context import Context
from mab_desktop.services.settings import put_setting, setting

KINDS = ("escl", "sane", "wia", "watched", "folder")
FOLDERS = ("watched", "folder")  # those with nothing to set: how is scanned, the scanner's own program knows
LOWEST_DPI, HIGHEST_DPI, USUAL_DPI = LEAST_DPI, 400, 200
MODES = {"gray": N_("Shades of gray"), "color": N_("Colour"), "lineart": N_("Black and white only")}
_SETTING = "scanner-profiles"
_MOST_REMEMBERED = 20
_PROBE, _NETWORK_PROBE = 0.5, 2.0
_ESCL_UNIT = 25.4 / 300  # mm; eSCL counts in 300ths of an inch
# Width and height of the window on the sheet, mm.
_SIZES = {"width": (100.0, 320.0), "height": (100.0, 900.0)}
A4 = (210.0, 297.0)
# What of the bed is scanned, mm. A sheet that goes in askew has its corners outside a window of its own size.
WINDOWS = {A4: N_("A4"), (216.0, 310.0): N_("A4 and its edges"), (297.0, 420.0): N_("A3")}
_INEXACT = 1.0  # mm by which a bed may fall short of a window's name


@dataclass(frozen=True, slots=True)
class ScannerLine:
    """A scanner as it is chosen from a list; `kind` is one of KINDS."""

    key: str
    kind: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class ScannerProfile:
    """A scanner with the settings to use it with."""

    key: str
    label: str
    settings: ScanSettings = field(default_factory=ScanSettings)

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return self.key.partition(":")[0]

    @property
    def address(self) -> str:
        """What the kind's adapter knows the scanner by."""
        return self.key.partition(":")[2]


@dataclass(frozen=True, slots=True)
class ScannerOptions:
    """What can be chosen: resolutions in dots per inch, keys of MODES; `double_feed`: it can watch for two sheets.

    `largest`: width and height in mm of what it can scan, 0 where it does not tell.
    """

    resolutions: tuple[int, ...] = (150, 200, 240, 300, 400)
    modes: tuple[str, ...] = tuple(MODES)
    feeder: bool = True
    glass: bool = False
    double_feed: bool = False
    largest: tuple[float, float] = (0.0, 0.0)

    @property
    def windows(self) -> tuple[tuple[float, float], ...]:
        """Those of WINDOWS that fit the device; A4 always."""
        within = [all(side <= most + _INEXACT for side, most in zip(one, self.largest, strict=True)) for one in WINDOWS]
        return tuple(one for one, fits in zip(WINDOWS, within, strict=True) if fits or one == A4)


# -- looking for scanners


def find_scanners(progress: Progress = Silent()) -> list[ScannerLine]:
    """Every scanner at hand: on USB and the network, by SANE, by Windows. Some drivers search for seconds."""
    progress.stage(N_("Looking for scanners"))
    found = list(_driverless(escl.USB_ADDRESSES, _PROBE, progress))
    failed: list[ScannerFault] = []
    try:
        devices = sane.devices(progress) if sane.available() else []
    except ScannerFault as fault:
        failed, devices = [fault], []
    for device in devices:
        if device.vendor == "eSCL" and device.kind.startswith("ip="):
            host = device.kind.removeprefix("ip=")
            found += _driverless((f"http://{host}/eSCL", f"http://{host}:8080/eSCL"), _NETWORK_PROBE, progress)
        found.append(_line("sane", device.address, device.label))
    found += [_line("wia", device.address, device.label) for device in wia.devices(progress)]
    if failed and not found:
        raise failed[0]
    return found


def ask_scanner(address: str) -> ScannerLine:
    """The driverless scanner at an address that a person typed; ScannerFault when none answers there."""
    known = str(escl.Address.parse(address))
    return _line("escl", known, escl.capabilities(known).label or known)


def folder_line(folder: Path, *, watched: bool) -> ScannerLine:
    """A folder in place of a scanner: one that is filled while we look (`watched`) or one that is complete."""
    return _line("watched" if watched else "folder", str(folder), folder.name or str(folder))


def _driverless(addresses: Sequence[str], timeout: float, progress: Progress) -> Iterator[ScannerLine]:
    """Those of the addresses at which a scanner answers; the others are no fault."""
    for address in addresses:
        progress.step(0)
        try:
            able = escl.capabilities(address, timeout=timeout)
        except ScannerFault:
            continue
        yield _line("escl", address, able.label or address)


def _line(kind: str, address: str, label: str) -> ScannerLine:
    return ScannerLine(f"{kind}:{address}", kind, label, address)


# -- settings of a scanner


def describe_options(profile: ScannerProfile, progress: Progress = Silent()) -> ScannerOptions:
    """What this scanner lets us choose; asks the scanner, so it may take a moment or find it switched off.

    UserError also for one that is too coarse for answer sheets.
    """
    if profile.kind == "sane":
        able = sane.abilities_of(profile.address, progress, profile.label)
        require_fine_enough(profile.label, max(able.resolutions, default=USUAL_DPI))
        return ScannerOptions(
            _readable(able.resolutions), able.modes, able.feeder, able.glass, able.double_feed, able.largest
        )
    if profile.kind == "escl":
        told = escl.capabilities(profile.address)
        intake = told.feeder or told.glass
        has_feeder, has_glass = told.feeder is not None, told.glass is not None
        if intake is None:
            return ScannerOptions(feeder=False)
        require_fine_enough(profile.label, max(intake.resolutions, default=USUAL_DPI))
        most = (intake.max_width * _ESCL_UNIT, intake.max_height * _ESCL_UNIT)
        return ScannerOptions(_readable(intake.resolutions), intake.modes, has_feeder, has_glass, largest=most)
    if profile.kind == "wia":
        return ScannerOptions(glass=True, double_feed=True)
    return ScannerOptions(resolutions=(), modes=())


def _readable(resolutions: Sequence[int]) -> tuple[int, ...]:
    """Those at which answer sheets are read."""
    return tuple(dpi for dpi in resolutions if LOWEST_DPI <= dpi <= HIGHEST_DPI)


def suggested(line: ScannerLine, options: ScannerOptions = ScannerOptions()) -> ScannerProfile:
    """A scanner with the settings that read best: gray, about 200 dots per inch, from the feeder where it has one."""
    dpi = min(options.resolutions, key=lambda offered: abs(offered - USUAL_DPI), default=USUAL_DPI)
    mode = next((mode for mode in MODES if mode in options.modes), "gray")
    feeder = options.feeder or not options.glass
    return ScannerProfile(line.key, line.label, ScanSettings(dpi=dpi, mode=mode, feeder=feeder))


def fitted(profile: ScannerProfile, options: ScannerOptions) -> ScannerProfile:
    """The same scanner with settings that it has: the next finer resolution, gray before colour, its feeder or glass.

    That it watches for two sheets stays wished for where it cannot: nothing is set then.
    """
    chosen = profile.settings
    offered = options.resolutions or (chosen.dpi,)
    dpi = min(offered, key=lambda one: (one < chosen.dpi, abs(one - chosen.dpi)))
    modes = [mode for mode in MODES if mode in options.modes] or [chosen.mode]
    mode = chosen.mode if chosen.mode in modes else modes[0]
    feeder = options.feeder if options.feeder != options.glass else chosen.feeder
    window = (chosen.width, chosen.height)
    width, height = window if window in options.windows or window not in WINDOWS else A4
    return replace(
        profile, settings=replace(chosen, dpi=dpi, mode=mode, feeder=feeder, width=width, height=height)
    )  # fmt: skip


def profile_problems(profile: ScannerProfile) -> tuple[Problem, ...]:
    """What makes these settings unusable."""
    settings, found = profile.settings, []
    if profile.kind not in KINDS or not profile.address:
        found.append(Problem("key", N_("Choose a scanner.")))
    if not LOWEST_DPI <= settings.dpi <= HIGHEST_DPI:
        limits = (("least", LOWEST_DPI), ("most", HIGHEST_DPI))
        found.append(Problem("dpi", N_("The resolution must be from {least} to {most} dots per inch."), limits))
    if settings.mode not in MODES:
        found.append(Problem("mode", N_("Choose gray, colour or black and white.")))
    for name, (least, most) in _SIZES.items():
        if not least <= getattr(settings, name) <= most:
            limits = (("least", round(least)), ("most", round(most)))
            found.append(Problem(name, N_("The sheet's size must be from {least} to {most} mm."), limits))
    return tuple(found)


def profile_warnings(profile: ScannerProfile) -> tuple[Problem, ...]:
    """What works but reads worse."""
    found = []
    if profile.settings.mode == "lineart":
        found.append(Problem("mode", N_("Without shades of gray weak marks are lost: scan in gray.")))
    if not profile.settings.double_feed and profile.kind in {"sane", "wia"}:
        found.append(Problem("double_feed", N_("The scanner does not watch for two sheets at once.")))
    return tuple(found)


def remembered(ctx: Context) -> tuple[ScannerProfile, ...]:
    """The scanners used in this workplace with their settings, the last used first."""
    with ctx.store.read() as session:
        stored = setting(session, _SETTING).get("profiles", [])
    profiles = (ScannerProfile(one["key"], one["label"], ScanSettings(**one["settings"])) for one in stored)
    return tuple(profile for profile in profiles if not profile_problems(profile))


def remember(ctx: Context, profile: ScannerProfile) -> None:
    """Keep a scanner's settings and put it first; Refused when they are unusable."""
    problems = profile_problems(profile)
    if problems:
        raise Refused(problems)
    known = remembered(ctx)
    if known[:1] == (profile,):
        return
    others = [other for other in known if other.key != profile.key]
    _store(ctx, "scanner-remembered", profile, [profile, *others][:_MOST_REMEMBERED])


def forget(ctx: Context, key: str) -> None:
    """Take a scanner off the list of those remembered."""
    known = remembered(ctx)
    for profile in known:
        if profile.key == key:
            _store(ctx, "scanner-forgotten", profile, [other for other in known if other.key != key])


def _store(ctx: Context, event: str, about: ScannerProfile, profiles: list[ScannerProfile]) -> None:
    kept: list[dict[str, Any]] = [
        {"key": one.key, "label": one.label, "settings": asdict(one.settings)} for one in profiles
    ]
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, _SETTING, {"profiles": kept})
        tx.note(event, about.key[:200], label=about.label, settings=asdict(about.settings))


# -- pages


def parse_key(key: str) -> ScannerProfile:
    """The profile of a scanner named on the command line; a bare address is a driverless scanner's."""
    kind = key.partition(":")[0]
    if kind in {"http", "https"}:
        return parse_key(f"escl:{key}")
    if kind not in KINDS or key == f"{kind}:":
        raise UserError(
            N_("{key} names no scanner."), next_step=N_("mab scan --list shows the names."), exit_code=EXIT_USAGE,
            key=key,
        )  # fmt: skip
    return ScannerProfile(key, key.partition(":")[2])


def open_source(profile: ScannerProfile, folder: Path, *, limit: int | None = None) -> Source:
    """The scanner as a source. Its pages fall into `folder` as `0001.jpg` …; `limit` stops it after so many.

    `watched` and `folder` give out the files where they lie and leave `folder` alone. After a ScannerFault call
    `pages` of the same source again to go on: the count goes on behind what lies in the folder.
    """
    problems = profile_problems(profile)
    if problems:
        raise Refused(problems)
    if profile.kind == "watched":
        return WatchedSource(Path(profile.address))
    if profile.kind == "folder":
        return FolderSource(Path(profile.address))
    folder.mkdir(parents=True, exist_ok=True)
    adapters: dict[str, type[sane.SaneSource] | type[escl.EsclSource] | type[wia.WiaSource]] = {
        "sane": sane.SaneSource, "escl": escl.EsclSource, "wia": wia.WiaSource,
    }  # fmt: skip
    return adapters[profile.kind](profile.address, profile.settings, folder, profile.label, limit)


def test_scan(profile: ScannerProfile, folder: Path, progress: Progress = Silent()) -> Path:  # noqa: PT028
    """One page with these settings: where it lies."""
    for page in open_source(profile, folder, limit=1).pages(progress):
        return page.path
    raise ScannerFault(Fault.EMPTY, profile.label)


def with_settings(profile: ScannerProfile, **changes: Any) -> ScannerProfile:
    """The same scanner with other settings, for screens that do not know the adapters' records."""
    return replace(profile, settings=replace(profile.settings, **changes))
