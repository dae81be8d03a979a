"""What a person is shown of drives and carrier files, in words of his language: the same for all applications.

Plain dataclasses over `services.transfer`; the kit's drive wizard is fed from here (ui/transfer_link.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Cancelled, CarrierRefused, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange.drive import Drive, FolderDrive, find_drives, shown_name
from mab_desktop.exchange.eject import Ejected, eject
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.stream import Place
from mab_desktop.i18n import N_, translate
from mab_desktop.services import batch, own_keys, persons, receipts, sending, transfer, trusting
from mab_desktop.services.batch import Planned, Verdict
from mab_desktop.services.carrier_words import (
    KIND_PARAGRAPHS,
    held,
    kind_title,
    organisation_words,
    said,
    shown_moment,
)
from mab_desktop.services.context import Context

__all__ = ["Verdict"]

# What the verdict's own word says already.
_QUIET = ("own-carrier", "recipient-other")
LARGE = frozenset({"final-data"})  # with every scanned image


@dataclass(frozen=True, slots=True)
class DriveView:
    """A drive: sizes in bytes."""

    folder: Path
    name: str
    free: int
    total: int
    writable: bool
    removable: bool = True


@dataclass(frozen=True, slots=True)
class CarrierFile:
    """A carrier on a drive; words ready to show, `paths` all parts of the set that are there.

    `held` is what its signed list of contents says that it holds: records by sort, and the control sums that stand on
    the paper too.
    """

    paths: tuple[Path, ...]
    title: str
    sender: str
    recipient: str
    made: str
    size: int
    verdict: Verdict
    note: str = ""
    number: int = 0
    held: tuple[tuple[str, str], ...] = ()

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
    """A kind of file that can be written now or says why not; `recipients` are (organisation, name, obstacle).

    `signatures` people must sign; `signers` are (login, name, why not) of those whose keys are on this PC.
    """

    kind: str
    title: str
    paragraph: str
    recipients: tuple[tuple[str, str, str], ...]
    obstacle: str
    signatures: int = 0
    signers: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """What was written or taken: the file's name and what it holds or changed, in words; `warnings` what is left.

    `recipient` says in words whom a written file is for.
    """

    path: str
    lines: tuple[tuple[str, str], ...]
    words: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    recipient: str = ""


@dataclass(frozen=True)
class MadeFiles:
    """Files that are built and wait for a drive; `warnings` name recipients who could get none and why."""

    files: tuple[transfer.Made, ...]
    warnings: tuple[str, ...] = ()


# -- drives


def drives() -> list[DriveView]:
    """The removable drives that are in now."""
    return [drive_view(drive) for drive in find_drives()]


def drive_view(drive: Drive | Path) -> DriveView:
    """A drive, or a folder that stands for one."""
    seen = transfer.as_drive(drive)
    removable, name = isinstance(seen, FolderDrive) and seen.removable, seen.name or str(seen.folder)
    return DriveView(seen.folder, shown_name(name), seen.free(), seen.total(), seen.is_writable(), removable)


def drive_at(folder: Path) -> Drive:
    """The drive mounted at `folder`, or the folder itself in place of one."""
    found = (drive for drive in find_drives() if drive.folder == folder)
    return next(found, FolderDrive(folder, folder.name, removable=False))


def let_go(ctx: Context, folder: Path) -> str:
    """Ask the system to let go of a drive; words for the person, UserError while something still uses it."""
    drive = drive_at(folder)
    came = eject(drive)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("drive-ejected", drive.name, disposition="done" if came is Ejected.DONE else "refused", how=came.value)
    if came is Ejected.DONE:
        return translate(ctx.lang, N_("The system has let go of the drive. Take it out."))
    if came is Ejected.CANNOT:
        return translate(ctx.lang, N_("This system cannot let go of it by itself; everything is on it. Wait until its "
                                      "light no longer flickers, then take it out."))  # fmt: skip
    next_step = N_("Everything written is whole. Close the windows that show the drive and try again.")
    if came is Ejected.BUSY:
        raise UserError(N_("Another program still uses the drive."), next_step=next_step)
    raise UserError(N_("The system did not let go of the drive."), next_step=next_step)


# -- taking


def carrier_files(ctx: Context, folder: Path) -> list[CarrierFile]:
    """The carrier files on a drive with the verdict on each: what can be taken first, then by number and time."""
    trusting.heed_withdrawal(ctx, folder)
    planned = batch.plan(ctx, folder)
    turns = {id(one): turn for turn, one in enumerate(batch.in_order(planned))}
    order = list(Verdict)
    with ctx.store.read() as session:
        rows = [(order.index(one.verdict), turns.get(id(one), 0), _file(ctx, session, one)) for one in planned]
    rows.sort(key=lambda row: row[2].made, reverse=True)
    return [file for _verdict, _turn, file in sorted(rows, key=lambda row: row[:2])]


def look(ctx: Context, path: Path, progress: Progress = Silent()) -> CarrierLook:
    """Verify and open the carrier that `path` is part of; CarrierRefused says why it is not taken."""
    trusting.require_file(path)
    planned = next((one for one in batch.plan(ctx, path.parent) if path in one.paths), Planned((path,), Verdict.NEW))
    if planned.verdict in (Verdict.FOREIGN, Verdict.OWN):
        _refuse_foreign(ctx, planned)
    incoming = transfer.examine(ctx, list(planned.paths), progress)
    with ctx.store.read() as session:
        file = _file(ctx, session, replace(planned, manifest=incoming.manifest))
    lines = ((translate(ctx.lang, N_("Number in its order")), str(incoming.manifest.seq)), *file.held)
    since = shown_moment(incoming.known_since)
    return CarrierLook(file, lines, said(ctx, incoming.preview), _doubts(ctx, incoming), since, incoming)


def _doubts(ctx: Context, incoming: transfer.Incoming) -> tuple[str, ...]:
    """What a person confirms by taking the file."""
    judged, found = incoming.judged, []
    if judged.place is Place.NEW_EPOCH:
        found.append(translate(ctx.lang, N_(
            "The sender went back to a backup. Look at what would change; taking the file confirms it."
        )))  # fmt: skip
        if judged.unremembered:
            text = translate(ctx.lang, N_("Taken here, but no longer known to the sender: number {numbers}."))
            found.append(text.format(numbers=_numbers(judged.unremembered)))
    if judged.place is Place.GAP:
        text = translate(ctx.lang, N_(
            "Earlier files of this sender were not taken: number {missing}. This one replaces them; taking it means "
            "that they are not taken any more."
        ))  # fmt: skip
        found.append(text.format(missing=_numbers(judged.missing)))
    return tuple(found)


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers[:20]) + (" …" if len(numbers) > 20 else "")


def take(ctx: Context, seen: CarrierLook, progress: Progress = Silent()) -> Moved:
    """Take a carrier that a person has looked at, in one transaction after a backup; then the receipt on its drive."""
    accepted = transfer.accept(ctx, seen.incoming, progress, confirm_new_epoch=True, confirm_gap=True)
    words = said(ctx, accepted.summary)
    if accepted.known:
        words = (translate(ctx.lang, N_("This file was taken before; nothing was changed.")), *words)
    drive, sender = drive_at(seen.file.paths[0].parent), accepted.manifest.sender.org
    if accepted.known:
        given = receipts.give_again(ctx, sender, drive, progress)
    else:
        given = receipts.give(ctx, [sender], drive, progress)
    more = [_followed(ctx, one) for one in accepted.followed]
    warnings = [accepted.stopped.message(ctx.lang)] if accepted.stopped else []
    return Moved(seen.file.name, (*more, *_receipt_lines(ctx, given)), words, (*warnings, *_receipt_words(ctx, given)))


def take_new(ctx: Context, folder: Path, progress: Progress = Silent()) -> Moved:
    """Take everything new on a drive in its order, then leave the receipts there; what was not taken is a warning."""
    done = transfer.take_all(ctx, batch.plan(ctx, folder), progress)
    lines: list[tuple[str, str]] = []
    warnings: list[str] = []
    for one in done:
        title = _title_of(ctx, one.planned.manifest)
        if one.accepted is None:
            reason = one.error.message(ctx.lang) if one.error else ""
            warnings.append(f"{title}: {reason}")
            continue
        lines.append((title, "\n".join(said(ctx, one.accepted.summary)) or translate(ctx.lang, N_("Taken"))))
        lines += [_followed(ctx, more) for more in one.accepted.followed]
        warnings += [one.accepted.stopped.message(ctx.lang)] if one.accepted.stopped else []
    senders = {one.accepted.manifest.sender.org for one in done if one.accepted}
    left = len(batch.in_order(batch.plan(ctx, folder))) if folder.is_dir() else 0
    try:
        given = receipts.give(ctx, senders, drive_at(folder), progress)
    except Cancelled:
        given = receipts.Given()
    if left and not warnings:
        warnings.append(translate(ctx.lang, N_("Cancelled: what was taken stays, {n} files were not looked at."))
                        .format(n=left))  # fmt: skip
    return Moved("", (*lines, *_receipt_lines(ctx, given)), (), (*warnings, *_receipt_words(ctx, given)))


def _followed(ctx: Context, one: transfer.Accepted) -> tuple[str, str]:
    text = translate(ctx.lang, N_("{title}, had waited")).format(title=_title_of(ctx, one.manifest))
    return text, "\n".join(said(ctx, one.summary))


def _title_of(ctx: Context, manifest: Manifest | None) -> str:
    if manifest is None:
        return ""
    return f"{kind_title(manifest.kind, ctx.lang)} · {manifest.sender.device} · № {manifest.seq}"


def _receipt_lines(ctx: Context, given: receipts.Given) -> list[tuple[str, str]]:
    title = translate(ctx.lang, N_("Receipt on the drive"))
    return [(title, path.name) for path in given.paths]


def _receipt_words(ctx: Context, given: receipts.Given) -> list[str]:
    if not given.kept_for:
        return []
    text = translate(ctx.lang, N_("The receipt could not be written ({why}) It is kept: write it to the next drive for "
                                  "{who} under “Write to it”."))  # fmt: skip
    with ctx.store.read() as session:
        who = "; ".join(organisation_words(ctx, session, org) for org in given.kept_for)
    why = translate(ctx.lang, given.why.text).format(**given.why.params) if given.why else ""
    return [text.format(who=who, why=why)]


# -- writing


def offered(ctx: Context) -> list[OfferView]:
    """What this workplace may write, by kind; a kind whose every recipient is closed says why."""
    by_kind: dict[str, list[transfer.Offer]] = {}
    for offer in transfer.offers(ctx):
        by_kind.setdefault(offer.kind, []).append(offer)
    signers = tuple(
        (line.login, line.name, "" if line.state is persons.PersonState.IN_FORCE
         else translate(ctx.lang, persons.STATE_LABELS[line.state]))
        for line in (persons.persons(ctx) if any(persons.signers_needed(kind) for kind in by_kind) else ())
    )  # fmt: skip
    with ctx.store.read() as session:
        return [_offer(ctx, session, kind, offers, signers) for kind, offers in by_kind.items()]


def make(
    ctx: Context, kind: str, recipients: Sequence[str], passwords: Mapping[str, str] | None = None,
    progress: Progress = Silent(),
) -> MadeFiles:  # fmt: skip
    """Build a carrier for each recipient; `passwords` by login of the people who must sign this kind.

    Of the `LARGE` kinds the last file is written again where nothing changed since: no drive must hold it twice. One
    recipient's obstacle does not keep the others from theirs; UserError when nobody can get a file.
    """
    keys = persons.signing_keys(ctx, passwords) if passwords else []
    made: list[transfer.Made] = []
    refused: list[tuple[str, UserError]] = []
    for recipient in recipients:
        try:
            same = transfer.unchanged(ctx, kind, recipient) if kind in LARGE else None
            made.append(same or transfer.build(ctx, kind, recipient, progress, keys))
        except UserError as error:
            refused.append((recipient, error))
    if refused and not made:
        raise refused[0][1]
    with ctx.store.read() as session:
        words = [f"{organisation_words(ctx, session, org)}: {error.message(ctx.lang)}" for org, error in refused]
    return MadeFiles(tuple(made), tuple(words))


def put(ctx: Context, made: MadeFiles, folder: Path, progress: Progress = Silent()) -> list[Moved]:
    """Write carriers that were made to the drive in `folder`, read them back, and say what they hold.

    May be done again after a drive has failed, and for a second drive: files that lie there already are compared.
    """
    drive = drive_at(folder)
    moved = [_put(ctx, one, drive, progress) for one in made.files]
    return [*moved[:-1], replace(moved[-1], warnings=made.warnings)]


def _put(ctx: Context, made: transfer.Made, drive: Drive, progress: Progress) -> Moved:
    exported = transfer.write(ctx, made, drive, progress)
    along = [(translate(ctx.lang, N_("Earlier file written along")), path.name) for path in exported.along]
    within = (*held(ctx, exported.counts, exported.control_sums), *along)
    with ctx.store.read() as session:
        recipient = ", ".join(organisation_words(ctx, session, org) for org in made.recipient.split(","))
    return Moved(str(exported.paths[0]), within, recipient=recipient)


def made_before(ctx: Context, digest: str) -> tuple[str, MadeFiles]:
    """A file made before, by its title, for one more drive."""
    made = sending.made_before(ctx, digest)
    return kind_title(made.kind, ctx.lang), MadeFiles((made,))


def _file(ctx: Context, session: Session, planned: Planned) -> CarrierFile:
    manifest = planned.manifest
    size = sum(path.stat().st_size for path in planned.paths if path.exists())
    if manifest is None:
        reason = planned.reason.message(ctx.lang) if planned.reason else ""
        return CarrierFile(planned.paths, shown_name(planned.paths[0].name), "", "", "", size, planned.verdict, reason)
    recipients = [organisation_words(ctx, session, recipient.org) for recipient in manifest.recipients]
    to = translate(ctx.lang, N_("Everybody")) if manifest.carrier_kind.broadcast else ", ".join(recipients)
    sender = organisation_words(ctx, session, manifest.sender.org)
    if manifest.sender.device != manifest.sender.org:
        sender = f"{sender} ({manifest.sender.device})"
    within = tuple(held(ctx, manifest.counts, manifest.control_sums))
    title = kind_title(manifest.kind, ctx.lang)
    return CarrierFile(
        planned.paths, title, sender, to, shown_moment(manifest.created), size, planned.verdict,
        _note(ctx, planned, manifest), manifest.seq, within,
    )  # fmt: skip


def _note(ctx: Context, planned: Planned, manifest: Manifest) -> str:
    """What stands beside the verdict's word."""
    judged = planned.judged
    if planned.verdict is Verdict.KNOWN:
        return shown_moment(planned.known_since)
    if planned.verdict is Verdict.INCOMPLETE:
        text = translate(ctx.lang, N_("{n} of {all} parts are here."))
        return text.format(n=len(planned.paths), all=manifest.parts)
    if planned.verdict in (Verdict.WAITING, Verdict.GAP) and judged is not None:
        if not judged.missing:
            return translate(ctx.lang, N_("Kept here; taken by itself after those before it"))
        text = N_("Kept here; missing: {missing}") if planned.in_room else N_("Missing before it: {missing}")
        return translate(ctx.lang, text).format(missing=_numbers(judged.missing))
    said_already = (Verdict.OLDER, Verdict.FORK, Verdict.FROZEN)
    if planned.reason is not None and planned.reason.code not in _QUIET and planned.verdict not in said_already:
        return planned.reason.message(ctx.lang)
    return ""


def _refuse_foreign(ctx: Context, planned: Planned) -> None:
    """Say whom a file is for, in words; what else is wrong with it is said as ever."""
    assert planned.manifest is not None
    orgs = {recipient.org for recipient in planned.manifest.recipients}
    if planned.verdict is Verdict.FOREIGN and own_keys.is_withdrawn(ctx):
        raise refuse("own-key-withdrawn", device=own_keys.own_keys(ctx).device)  # nothing is made for it any more
    with ctx.store.read() as session:
        if ctx.organisation not in orgs:
            raise CarrierRefused(
                "recipient-other", N_("This file is not for this workplace. It is for: {recipient}."),
                next_step=N_("Nothing here was changed. Look for the file made for this workplace."),
                recipient=", ".join(organisation_words(ctx, session, org) for org in sorted(orgs)),
            )  # fmt: skip
    if planned.reason is not None:
        raise planned.reason


def _offer(
    ctx: Context, session: Session, kind: str, offers: Sequence[transfer.Offer], signers: Iterable[tuple[str, str, str]]
) -> OfferView:
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
    needed = persons.signers_needed(kind)
    return OfferView(
        kind, kind_title(kind, ctx.lang), KIND_PARAGRAPHS.get(kind, ""), tuple(recipients), obstacle, needed,
        tuple(signers) if needed else (),
    )  # fmt: skip
