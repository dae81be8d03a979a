"""The few XML documents of eSCL (Mopria's driverless scanning): capabilities, status, the settings of a job.

What a scanner sends is not trusted: bounded in size, no document type, no entities, names taken without their prefix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from mab_desktop.scanning.source import Fault, ScanSettings

MAX_XML, _MAX_DEPTH = 1 << 20, 60
_ROUND = (150, 200, 240, 300, 400)
_MODES = {"gray": "Grayscale8", "color": "RGB24", "lineart": "BlackAndWhite1"}
# JPEG cannot hold two tones without grays.
_MEDIA = {
    "gray": ("image/jpeg", "image/png", "image/tiff"), "color": ("image/jpeg", "image/png", "image/tiff"),
    "lineart": ("image/png", "image/tiff", "application/pdf", "image/jpeg"),
}  # fmt: skip
_ADF_FAULTS = {
    "ScannerAdfJam": Fault.JAM, "ScannerAdfMispick": Fault.JAM, "ScannerAdfInputTrayFailed": Fault.JAM,
    "ScannerAdfInputTrayOverloaded": Fault.JAM, "ScannerAdfHatchOpen": Fault.COVER_OPEN,
    "ScannerAdfDoorOpen": Fault.COVER_OPEN, "ScannerAdfMultipickDetected": Fault.DOUBLE_FEED,
    "ScannerAdfDuplexPageTooLong": Fault.DOUBLE_FEED, "ScannerAdfEmpty": Fault.EMPTY,
}  # fmt: skip
_SPACES = 'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'


class NotUnderstood(ValueError):
    """What came is no document of eSCL."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What the feeder or the glass can do; sizes in 300ths of an inch, `modes` in our words."""

    resolutions: tuple[int, ...]
    modes: tuple[str, ...]
    media: frozenset[str]
    max_width: int
    max_height: int

    def resolution(self, dpi: int) -> int:
        """The resolution asked for or the next finer one on offer, else the finest."""
        return min(self.resolutions, key=lambda offered: (offered < dpi, abs(offered - dpi)), default=dpi)

    def medium(self, mode: str) -> str:
        """The file type to ask for: the smallest that keeps what is needed."""
        return next((media for media in _MEDIA[mode] if media in self.media), "image/jpeg")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a scanner says of itself; a part that it lacks is None."""

    label: str
    feeder: Intake | None
    glass: Intake | None


@dataclass(frozen=True, slots=True)
class Status:
    """How the scanner stands: where the feeder stopped it, why; the paths of jobs that were broken off."""

    fault: Fault | None = None
    broken_off: frozenset[str] = frozenset()


def parse(data: bytes) -> Element:
    """A small document as elements with plain names; NotUnderstood for anything else."""
    if len(data) > MAX_XML:
        raise NotUnderstood("too long")
    builder, parser, depth = TreeBuilder(), expat.ParserCreate(namespace_separator=" "), 0

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise NotUnderstood("too deep")
        builder.start(name.rpartition(" ")[2], {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition(" ")[2])

    def no_document_type(*_details: object) -> None:
        raise NotUnderstood("document type")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = no_document_type
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotUnderstood(str(error)) from None
    return builder.close()


def read_capabilities(data: bytes) -> Capabilities:
    """ScannerCapabilities."""
    root = parse(data)
    if root.tag != "ScannerCapabilities":
        raise NotUnderstood(root.tag)
    feeder, glass = (root.find(f".//{name}") for name in ("AdfSimplexInputCaps", "PlatenInputCaps"))
    return Capabilities(
        label=_text(root, "MakeAndModel")[:120], feeder=None if feeder is None else _intake(feeder),
        glass=None if glass is None else _intake(glass),
    )  # fmt: skip


def read_status(data: bytes) -> Status:
    """ScannerStatus."""
    root = parse(data)
    if root.tag != "ScannerStatus":
        raise NotUnderstood(root.tag)
    jobs = {_text(job, "JobUri"): _text(job, "JobState") for job in root.iter("JobInfo")}
    broken_off = frozenset(urlsplit(job).path for job, state in jobs.items() if state in {"Aborted", "Canceled"})
    return Status(_ADF_FAULTS.get(_text(root, "AdfState")), broken_off)


def job_settings(settings: ScanSettings, intake: Intake) -> bytes:
    """ScanSettings of a job: one side, a resolution and a window that the scanner can do."""
    width, height = (round(side / 25.4 * 300) for side in (settings.width, settings.height))
    width, height = min(width, intake.max_width or width), min(height, intake.max_height or height)
    dpi, media = intake.resolution(settings.dpi), intake.medium(settings.mode)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><scan:ScanSettings {_SPACES}><pwg:Version>2.0</pwg:Version>'
        "<pwg:ScanRegions><pwg:ScanRegion><pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches"
        "</pwg:ContentRegionUnits><pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset>"
        f"<pwg:Width>{width}</pwg:Width><pwg:Height>{height}</pwg:Height></pwg:ScanRegion></pwg:ScanRegions>"
        f"<pwg:InputSource>{'Feeder' if settings.feeder else 'Platen'}</pwg:InputSource>"
        f"<scan:ColorMode>{_MODES[settings.mode]}</scan:ColorMode>"
        f"<pwg:DocumentFormat>{media}</pwg:DocumentFormat><scan:DocumentFormatExt>{media}</scan:DocumentFormatExt>"
        f"<scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>"
        f"{'<scan:Duplex>false</scan:Duplex>' if settings.feeder else ''}</scan:ScanSettings>"
    ).encode()


def _intake(caps: Element) -> Intake:
    ranges = [element for element in caps.iter() if element.tag in {"XResolutionRange", "XResolution"} and len(element)]
    dpi = {_number(element.text) for element in caps.iter("XResolution") if not len(element)}
    if not dpi and ranges:
        low, high = _number(ranges[0].findtext("Min")), _number(ranges[0].findtext("Max"))
        dpi = {offered for offered in _ROUND if low <= offered <= high}
    modes = {element.text for element in caps.iter("ColorMode")}
    named = (caps.iter("DocumentFormat"), caps.iter("DocumentFormatExt"))
    return Intake(
        resolutions=tuple(sorted(dpi - {0})),
        modes=tuple(mode for mode, name in _MODES.items() if name in modes),
        media=frozenset(_texts(element for elements in named for element in elements)),
        max_width=_number(caps.findtext("MaxWidth")), max_height=_number(caps.findtext("MaxHeight")),
    )  # fmt: skip


def _texts(elements: Iterable[Element]) -> list[str]:
    return [(element.text or "").strip().lower() for element in elements]


def _text(root: Element, name: str) -> str:
    return (root.findtext(f".//{name}") or "").strip()


def _number(text: str | None) -> int:
    stripped = (text or "").strip()
    return int(stripped) if stripped.isdecimal() and len(stripped) < 9 else 0
