"""What a person is shown of drives and carrier files, in words of his language: the same for all applications.

Plain dataclasses over `services.transfer`; the kit's drive wizard is fed from here (ui/workplace_app.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import CarrierRefused, UserError
from mab_desktop.domain.organisation import ROLE_LABELS, Role, parse_organisation
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import carrier
from mab_desktop.exchange.drive import Drive, FolderDrive, find_drives
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.stream import Place
from mab_desktop.exchange.trust import TrustStore
from mab_desktop.i18n import N_, translate
from mab_desktop.services import transfer, trusting
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Line
from mab_desktop.storage.tables.core import CarrierIn, StreamIn

KIND_TITLES = {
    "reference": N_("Reference package"),
    "contingent": N_("Student contingent"),
    "hall-fund": N_("Hall fund"),
    "operator-portion": N_("Operator's records for the programmer"),
    "operator-corrections": N_("Corrections and specialties for the operators"),
    "statistics": N_("Student statistics"),
    "university-students": N_("Student database for the base university"),
    "base-students": N_("Student database for the testing centre"),
    "final-students": N_("Final student database"),
    "passes": N_("Passes, register and hall list"),
    "wrong-data": N_("List of students with wrong data"),
    "hand-over": N_("Hand-over to the ministry programmer"),
    "variants": N_("Variant distribution"),
    "answer-key": N_("Sealed answer key"),
    "daily-statistics": N_("Daily statistics"),
    "final-data": N_("Final data"),
    "results": N_("Results"),
    "receipt": N_("Receipt"),
    "trust": N_("Trust list"),
    "enrolment": N_("Enrolment request of this workplace"),
}
KIND_PARAGRAPHS = {
    "reference": "p.11", "contingent": "p.17", "hall-fund": "p.17", "operator-portion": "p.21",
    "operator-corrections": "p.21", "statistics": "p.21", "university-students": "p.21", "base-students": "p.23",
    "final-students": "p.23", "passes": "p.24", "wrong-data": "p.25", "hand-over": "p.24", "variants": "p.26",
    "answer-key": "p.39", "daily-statistics": "p.8", "final-data": "p.37",
}  # fmt: skip
# What the verdict's own word says already.
_QUIET = ("own-carrier", "recipient-other")


class Verdict(StrEnum):
    """What a file is to this workplace, as its signed head tells."""

    NEW = "new"
    KNOWN = "known"
    OLDER = "older"
    FOREIGN = "foreign"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class DriveView:
    """A drive: sizes in bytes."""

    folder: Path
    name: str
    free: int
    total: int
    writable: bool


@dataclass(frozen=True, slots=True)
class CarrierFile:
    """A carrier on a drive; words ready to show, `paths` all parts of the set that are there."""

    paths: tuple[Path, ...]
    title: str
    sender: str
    recipient: str
    made: str
    size: int
    verdict: Verdict
    note: str = ""

    @property
    def name(self) -> str:
        """What the wizard calls the file by."""
        return str(self.paths[0])


@dataclass(frozen=True)
class CarrierLook:
    """A carrier verified and opened, and what taking it would do; nothing has changed yet."""

    file: CarrierFile
    lines: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    warnings: tuple[str, ...]
    known_since: str
    incoming: transfer.Incoming = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfferView:
    """A kind of file that can be written now or says why not; `recipients` are (organisation, name, obstacle)."""

    kind: str
    title: str
    paragraph: str
    recipients: tuple[tuple[str, str, str], ...]
    obstacle: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What was written or taken: the file's name and what it holds or changed, in words."""

    path: str
    lines: tuple[tuple[str, str], ...]
    words: tuple[str, ...] = ()


def drives() -> list[DriveView]:
    """The removable drives that are in now."""
    return [drive_view(drive) for drive in find_drives()]


def drive_view(drive: Drive | Path) -> DriveView:
    """A drive, or a folder that stands for one."""
    seen = transfer.as_drive(drive)
    return DriveView(seen.folder, seen.name or str(seen.folder), seen.free(), seen.total(), seen.is_writable())


def carrier_files(ctx: Context, folder: Path) -> list[CarrierFile]:
    """The carrier files on a drive with the verdict on each: what waits first, then by the time they were made."""
    paths = transfer.list_carriers(folder)
    with ctx.store.read() as session:
        trust = trusting.trust_store(session)
        heads = [(path, _head(path, trust)) for path in paths]
        sets: dict[str, list[tuple[Path, Manifest]]] = {}
        found = []
        for path, head in heads:
            if isinstance(head, Manifest):
                sets.setdefault(head.set_id, []).append((path, head))
            else:
                found.append(_unreadable(ctx, path, head))
        found += [_file(ctx, session, sorted(parts, key=lambda part: part[1].part)) for parts in sets.values()]
    order = list(Verdict)
    waiting = sorted(found, key=lambda file: file.made, reverse=True)
    return sorted(waiting, key=lambda file: order.index(file.verdict))


def look(ctx: Context, path: Path, progress: Progress = Silent()) -> CarrierLook:
    """Verify and open the carrier that `path` is part of; CarrierRefused says why it is not taken."""
    file = next((file for file in carrier_files(ctx, path.parent) if path in file.paths), None)
    paths = file.paths if file else (path,)
    if file and file.verdict is Verdict.FOREIGN:
        _refuse_foreign(ctx, path, file)
    incoming = transfer.examine(ctx, list(paths), progress)
    manifest = incoming.manifest
    with ctx.store.read() as session:
        file = file or _file(ctx, session, [(path, manifest)])
    lines = [
        (translate(ctx.lang, N_("Number in its order")), str(manifest.seq)),
        *_sums(ctx, manifest.control_sums),
    ]
    warnings = []
    if incoming.judged.new_epoch:
        warnings.append(translate(ctx.lang, N_(
            "The sender went back to a backup. Look at what would change; taking the file confirms it."
        )))  # fmt: skip
    if incoming.judged.place is Place.GAP:
        text = translate(ctx.lang, N_(
            "Earlier files of this sender were not taken: number {missing}. This one replaces them; taking it means "
            "that they are not taken any more."
        ))  # fmt: skip
        warnings.append(text.format(missing=", ".join(str(number) for number in incoming.judged.missing)))
    said = _said(ctx, incoming.preview)
    return CarrierLook(file, tuple(lines), said, tuple(warnings), _shown_moment(incoming.known_since), incoming)


def take(ctx: Context, seen: CarrierLook, progress: Progress = Silent()) -> Moved:
    """Take a carrier that a person has looked at, in one transaction after a backup."""
    accepted = transfer.accept(ctx, seen.incoming, progress, confirm_new_epoch=True, confirm_gap=True)
    words = _said(ctx, accepted.summary)
    if accepted.known:
        words = (translate(ctx.lang, N_("This file was taken before; nothing was changed.")), *words)
    return Moved(seen.file.name, (), words)


def offered(ctx: Context) -> list[OfferView]:
    """What this workplace may write, by kind; a kind whose every recipient is closed says why."""
    by_kind: dict[str, list[transfer.Offer]] = {}
    for offer in transfer.offers(ctx):
        by_kind.setdefault(offer.kind, []).append(offer)
    with ctx.store.read() as session:
        return [_offer(ctx, session, kind, offers) for kind, offers in by_kind.items()]


def write(ctx: Context, kind: str, recipient: str, folder: Path, progress: Progress = Silent()) -> Moved:
    """Write a carrier to the drive in `folder`, read it back, and say what it holds."""
    drive: Drive = next(
        (drive for drive in find_drives() if drive.folder == folder), FolderDrive(folder, folder.name, removable=False)
    )
    exported = transfer.export(ctx, kind, recipient, drive, progress)
    counts = [(translate(ctx.lang, RECORD_TITLES.get(name, name)), str(n)) for name, n in exported.counts.items() if n]
    along = [(translate(ctx.lang, N_("Earlier file written along")), path.name) for path in exported.along]
    return Moved(str(exported.paths[0]), (*counts, *_sums(ctx, exported.control_sums), *along))


def organisation_words(ctx: Context, session: Session, organisation: str) -> str:
    """An organisation in words: which program, of which university."""
    try:
        role, code = parse_organisation(organisation)
    except ValueError:
        return translate(ctx.lang, N_("Everybody")) if organisation in ("*", "all") else organisation
    label = translate(ctx.lang, ROLE_LABELS[role])
    if role is Role.NTC:
        return label
    name = transfer.organisation_name(ctx, session, organisation)
    return f"{label}: {code} {name}" if name != organisation else f"{label}: {code}"


def kind_title(kind: str, lang: str) -> str:
    """A kind of carrier in words."""
    return translate(lang, KIND_TITLES.get(kind, kind))


RECORD_TITLES = {
    "student": N_("Student records"),
    "operator-day": N_("Days of work"),
    "specialty-taught": N_("Specialties"),
    "statistics-row": N_("Lines of statistics"),
    "device": N_("Workplaces"),
    "building": N_("Buildings"),
    "hall": N_("Halls"),
    "allotment": N_("Places allotted"),
    "shift": N_("Shifts"),
    "pass": N_("Passes"),
    "wrong-data": N_("Students with wrong data"),
    "duty-officer": N_("Duty officers"),
    "register-line": N_("Lines of the register of issue"),
    "commission-member": N_("Members of the commission"),
    "daily": N_("Days"),
    "sheet": N_("Answer sheets"),
    "score": N_("Scores"),
    "appeal": N_("Appeals"),
}
SUM_TITLES = {
    "students": N_("Students"),
    "control-sum": N_("Control sum"),
    "control_sum": N_("Control sum"),
    "stage": N_("Stage"),
    "halls": N_("Halls"),
    "seats": N_("Seats"),
    "passes": N_("Passes"),
    "lines": N_("Lines of the list"),
    "shifts": N_("Shifts"),
}


def _head(path: Path, trust: TrustStore) -> Manifest | CarrierRefused:
    try:
        return carrier.peek(path, trust).manifest
    except CarrierRefused as error:
        return error


def _unreadable(ctx: Context, path: Path, error: CarrierRefused) -> CarrierFile:
    size = path.stat().st_size if path.exists() else 0
    return CarrierFile((path,), path.name, "", "", "", size, Verdict.DAMAGED, error.message(ctx.lang))


def _file(ctx: Context, session: Session, parts: Sequence[tuple[Path, Manifest]]) -> CarrierFile:
    manifest = parts[-1][1]
    verdict, note = _verdict(ctx, session, manifest)
    if len(parts) < manifest.parts and verdict is Verdict.NEW:
        text = translate(ctx.lang, N_("{n} of {all} parts are here."))
        note = text.format(n=len(parts), all=manifest.parts)
    recipients = [organisation_words(ctx, session, recipient.org) for recipient in manifest.recipients]
    to = translate(ctx.lang, N_("Everybody")) if manifest.carrier_kind.broadcast else ", ".join(recipients)
    size = sum(path.stat().st_size for path, _ in parts if path.exists())
    sender = organisation_words(ctx, session, manifest.sender.org)
    if manifest.sender.device != manifest.sender.org:
        sender = f"{sender} ({manifest.sender.device})"
    title = kind_title(manifest.kind, ctx.lang)
    return CarrierFile(
        tuple(path for path, _ in parts), title, sender, to, _shown_moment(manifest.created), size, verdict, note
    )


def _verdict(ctx: Context, session: Session, manifest: Manifest) -> tuple[Verdict, str]:
    if (known := session.get(CarrierIn, manifest.digest)) is not None:
        return Verdict.KNOWN, _shown_moment(known.accepted_at)
    try:
        carrier.check_addressed(manifest, transfer.my_keys(session), ctx.season.campaign, transfer.mode(ctx))
        transfer.handler_for(ctx, manifest.kind, sending=False)
    except CarrierRefused as error:
        return Verdict.FOREIGN, error.message(ctx.lang) if error.code not in _QUIET else ""
    except UserError:
        return Verdict.FOREIGN, ""
    row = session.get(StreamIn, manifest.stream)
    if row is not None and (manifest.epoch, manifest.seq) <= (row.epoch, row.seq):
        return Verdict.OLDER, ""
    return Verdict.NEW, ""


def _refuse_foreign(ctx: Context, path: Path, file: CarrierFile) -> None:
    """Say whom a file is for, in words; what else is wrong with it is said as ever."""
    with ctx.store.read() as session:
        manifest = carrier.peek(path, trusting.trust_store(session)).manifest
        if ctx.organisation not in {recipient.org for recipient in manifest.recipients}:
            raise CarrierRefused(
                "recipient-other", N_("This file is not for this workplace. It is for: {recipient}."),
                next_step=N_("Nothing here was changed. Look for the file made for this workplace."),
                recipient=file.recipient,
            )  # fmt: skip
        carrier.check_addressed(manifest, transfer.my_keys(session), ctx.season.campaign, transfer.mode(ctx))


def _offer(ctx: Context, session: Session, kind: str, offers: Sequence[transfer.Offer]) -> OfferView:
    recipients = [
        (
            offer.recipient,
            organisation_words(ctx, session, offer.recipient),
            " ".join(problem.message(ctx.lang) for problem in offer.obstacles),
        )
        for offer in offers
    ]
    open_ones = [recipient for recipient in recipients if not recipient[2]]
    obstacle = "" if open_ones else " ".join(dict.fromkeys(recipient[2] for recipient in recipients))
    return OfferView(kind, kind_title(kind, ctx.lang), KIND_PARAGRAPHS.get(kind, ""), tuple(recipients), obstacle)


def _sums(ctx: Context, sums: Mapping[str, str | int]) -> list[tuple[str, str]]:
    return [(translate(ctx.lang, SUM_TITLES.get(name, name)), str(value)) for name, value in sums.items()]


def _said(ctx: Context, lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(translate(ctx.lang, line.text).format(**line.params) for line in lines)


def _shown_moment(text: str) -> str:
    """A stored moment as people read it: 12.03.2011 09:00."""
    if len(text) < 16:
        return text
    return f"{text[8:10]}.{text[5:7]}.{text[:4]} {text[11:16]}"
