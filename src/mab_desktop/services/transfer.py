"""Carriers out and in: the one way by which anything leaves or enters a workplace.

Export: collect, build and verify in local staging, reserve the number (BUILT), write to the drive and read back
(WRITTEN). Import: copy to quarantine, verify, decrypt, check every record, preview, then one transaction.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop import __version__
from mab_desktop.domain.carrier_records import ENROLMENT_RECORDS
from mab_desktop.domain.errors import EXIT_SYSTEM, CarrierRefused, Problem, Refused, UserError
from mab_desktop.domain.organisation import NTC_CODE, parse_organisation
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import carrier, stream
from mab_desktop.exchange import drive as drive_files
from mab_desktop.exchange import trust as trust_rules
from mab_desktop.exchange.container import PART_LIMIT
from mab_desktop.exchange.device import DeviceKeys, SigningKey
from mab_desktop.exchange.drive import Drive, FolderDrive
from mab_desktop.exchange.kinds import KINDS, CarrierKind
from mab_desktop.exchange.manifest import Ack, Checkpoint, Manifest, stream_of
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.stream import Place
from mab_desktop.i18n import N_, translate
from mab_desktop.services import backups, trusting
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record, decode, encode, record_problems
from mab_desktop.services.settings import reference_list, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, StreamIn

BUILT, WRITTEN, RECEIPTED = "built", "written", "receipted"


def _enrolment_records(_ctx: Context, session: Session, _recipient: str) -> Collected:
    records: list[Record] = [("device", trusting.public_record(session))]
    return Collected(records)


def _only_centre(_ctx: Context, _session: Session) -> list[str]:
    return [NTC_CODE]


ENROLMENT = Handler("enrolment", ENROLMENT_RECORDS, recipients=_only_centre, collect=_enrolment_records)


def handlers() -> dict[str, list[Handler]]:
    """Every handler by kind; a kind may have one for each side."""
    from mab_desktop.services import carriers_centre, carriers_exam, carriers_students

    found: dict[str, list[Handler]] = {}
    for handler in (*carriers_students.HANDLERS, *carriers_centre.HANDLERS, *carriers_exam.HANDLERS, ENROLMENT):
        found.setdefault(handler.kind, []).append(handler)
    return found


@dataclass(frozen=True)
class Offer:
    """Something that this workplace may export: kind, recipient, and why it may not yet."""

    kind: str
    recipient: str
    obstacles: tuple[Problem, ...]


@dataclass(frozen=True)
class Exported:
    """A carrier that lies on a drive, written and read back.

    `along` are earlier carriers of the same order that no drive had taken yet: the recipient loads them first.
    """

    paths: tuple[Path, ...]
    kind: str
    recipient: str
    digest: str
    counts: Mapping[str, int]
    control_sums: Mapping[str, str | int]
    along: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Incoming:
    """A carrier that was verified and opened, and what taking it would do; nothing has changed yet.

    `judged` is what the sender's stream says: next, the same again, a new epoch (the sender restored a backup), or a
    gap before a carrier that replaces the missing ones anyhow. The last two a person must confirm.
    """

    arrived: Arrived
    manifest: Manifest
    judged: stream.Judgement
    preview: tuple[Line, ...]
    known_since: str = ""
    opened: carrier.Opened = field(repr=False, kw_only=True)


@dataclass(frozen=True)
class Accepted:
    """A carrier that was loaded, now or before: what it changed."""

    digest: str
    summary: tuple[Line, ...]
    known: bool


def my_keys(session: Session) -> DeviceKeys:
    """The keys of this PC; a workplace has them from its first start."""
    return trusting.device_keys(session)


def handler_for(ctx: Context, kind: str, *, sending: bool) -> Handler:
    """The handler of `kind` for this role; UserError where this program does not send or take it."""
    role, carrier_kind = ctx.role.value, KINDS.get(kind)
    allowed = carrier_kind and role in (carrier_kind.sender_roles if sending else carrier_kind.recipient_roles)
    for handler in handlers().get(kind, ()) if allowed else ():
        if sending and handler.collect is not None and handler.sender in (None, ctx.role):
            return handler
        if not sending and handler.take is not None:
            return handler
    raise UserError(N_("This program does not send or take files of the kind {kind}."), kind=kind)


def offers(ctx: Context) -> list[Offer]:
    """All that this workplace may export, to whom, with the obstacles that stand now."""
    found = []
    with ctx.store.read() as session:
        for kind, sides in handlers().items():
            for handler in sides:
                mine = ctx.role.value in KINDS[kind].sender_roles and handler.sender in (None, ctx.role)
                if mine and handler.collect and handler.recipients:
                    found += [
                        Offer(kind, recipient, tuple(_obstacles(ctx, session, handler, recipient)))
                        for recipient in handler.recipients(ctx, session)
                    ]
    return found


def _obstacles(ctx: Context, session: Session, handler: Handler, recipient: str) -> list[Problem]:
    return handler.obstacles(ctx, session, recipient) if handler.obstacles else []


def export(
    ctx: Context, kind: str, recipient: str | Sequence[str], drive: Drive | Path, progress: Progress = Silent(),
    persons: Sequence[SigningKey] = (),
) -> Exported:  # fmt: skip
    """Build a carrier of `kind` for `recipient` and write it to `drive` (a folder stands for one).

    Refused with the obstacles that stand; a drive that fails leaves the export BUILT, and the next export to the
    same recipient brings it along, so that no number is missing.
    """
    handler = handler_for(ctx, kind, sending=True)
    recipients = [recipient] if isinstance(recipient, str) else list(recipient)
    built = _build(ctx, handler, KINDS[kind], recipients, progress, persons)
    written = [_write(ctx, row, as_drive(drive), progress) for row in _unwritten(ctx, built.manifest.stream)]
    manifest, along = built.manifest, tuple(path for paths in written[:-1] for path in paths)
    return Exported(
        tuple(written[-1]), kind, ",".join(recipients), built.digest, manifest.counts, manifest.control_sums, along
    )


def write_again(ctx: Context, digest: str, drive: Drive | Path, progress: Progress = Silent()) -> tuple[Path, ...]:
    """Write a carrier made before to another drive; every carrier is kept here until its recipient confirmed it."""
    with ctx.store.read() as session:
        row = session.get(CarrierOut, digest)
        if row is None:
            raise UserError(N_("This workplace made no such file."))
        session.expunge(row)
    return tuple(_write(ctx, row, as_drive(drive), progress))


def _build(
    ctx: Context, handler: Handler, kind: CarrierKind, recipients: Sequence[str], progress: Progress,
    persons: Sequence[SigningKey],
) -> carrier.Built:  # fmt: skip
    outbox = _outbox(ctx)
    log_n, log_hash = ctx.store.log_head()
    with ctx.store.read() as session:
        _tidy(session, outbox)
        for recipient in recipients:
            if found := _obstacles(ctx, session, handler, recipient):
                raise Refused(found)
        assert handler.collect is not None
        collected = handler.collect(ctx, session, recipients[0])
        me, trust = my_keys(session), trusting.trust_store(session)
        orgs = tuple(sorted(set(recipients)))
        name = stream_of(me.device, orgs, kind, ctx.season.campaign, mode(ctx))
        last = _last_out(session, name)
        epoch = int(setting(session, "epoch").get("epoch", 1))
        same_epoch = last is not None and last.epoch == epoch
        built = carrier.build(
            outbox, kind=kind, sender=me, recipients=orgs, trust=trust, campaign=ctx.season.campaign, mode=mode(ctx),
            epoch=epoch, seq=last.seq + 1 if last and same_epoch else 1, prev=last.digest if last else "",
            created=stamp(ctx), app_version=__version__, records=_encoded(collected.records),
            attachments=(carrier.Attachment(name, path) for name, path in collected.attachments),
            control_sums=collected.control_sums, persons=persons, progress=progress,
            checkpoint=Checkpoint(n=log_n, hash=log_hash) if log_n else None,
            acks=tuple(_acks(session, orgs)),
        )  # fmt: skip
    _reserve(ctx, built, recipients)
    return built


def _outbox(ctx: Context) -> Path:
    folder = ctx.store.path.parent / "outbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _tidy(session: Session, outbox: Path) -> None:
    """Take away what was cut off before its number was reserved, and what its one recipient confirmed."""
    needed: set[str] = set()
    for row in session.scalars(select(CarrierOut)):
        if row.state != RECEIPTED or "," in row.recipient:
            needed.update(row.file_name.split("|"))
    for path in outbox.iterdir():
        if path.name not in needed:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _encoded(records: Iterable[Record]) -> Iterator[tuple[str, dict[str, Any]]]:
    for record in records:
        values = encode(record)
        yield values.pop("type"), values


def _reserve(ctx: Context, built: carrier.Built, recipients: Sequence[str]) -> None:
    """Give the number away for good, before a drive sees the file."""
    manifest = built.manifest
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(
            CarrierOut(
                digest=built.digest, kind=manifest.kind, recipient=",".join(recipients), stream=manifest.stream,
                epoch=manifest.epoch, seq=manifest.seq, prev=manifest.prev, state=BUILT,
                file_name="|".join(path.name for path in built.paths), manifest=manifest.fields(),
                created_at=stamp(ctx),
            )
        )  # fmt: skip
        tx.note("carrier-built", built.digest, kind=manifest.kind, to=list(recipients), seq=manifest.seq)


def _unwritten(ctx: Context, stream_name: str) -> list[CarrierOut]:
    with ctx.store.read() as session:
        query = select(CarrierOut).where(CarrierOut.stream == stream_name, CarrierOut.state == BUILT)
        rows = list(session.scalars(query.order_by(CarrierOut.epoch, CarrierOut.seq)))
        session.expunge_all()
    return rows


def as_drive(place: Drive | Path) -> Drive:
    """A folder as the drive that it stands for."""
    return FolderDrive(place, place.name, removable=False) if isinstance(place, Path) else place


def _write(ctx: Context, row: CarrierOut, drive: Drive, progress: Progress) -> list[Path]:
    files = [_outbox(ctx) / name for name in row.file_name.split("|")]
    for path in files:
        if not path.is_file():
            raise UserError(
                N_("The copy of {name} kept on this computer is gone, so it cannot be written."),
                next_step=N_("Nothing was changed. Call the testing centre: the recipient is waiting for this number."),
                exit_code=EXIT_SYSTEM, name=path.name,
            )  # fmt: skip
    with drive_files.drive_errors(2 * sum(path.stat().st_size for path in files)):
        paths = [drive.write(path, progress) for path in files]
    with ctx.store.write(ctx.actor) as tx:
        stored = tx.session.get_one(CarrierOut, row.digest)
        if stored.state == BUILT:
            stored.state = WRITTEN
        tx.note("carrier-written", row.digest, files=[path.name for path in paths])
    return paths


def mode(ctx: Context) -> str:
    """How carriers call the season's mode."""
    return "official" if ctx.season.official else "test"


def _last_out(session: Session, name: str) -> CarrierOut | None:
    query = select(CarrierOut).where(CarrierOut.stream == name)
    return session.scalars(query.order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc()).limit(1)).first()


def _acks(session: Session, organisations: Sequence[str]) -> Iterator[Ack]:
    """What was loaded here from the recipients: they need no receipt beside it."""
    for row in session.scalars(select(StreamIn).order_by(StreamIn.stream)):
        device = row.stream.partition(">")[0]
        if any(device == org or device.startswith(f"{org}-") for org in organisations):
            yield Ack(stream=row.stream, epoch=row.epoch, seq=row.seq, digest=row.digest)


def examine(ctx: Context, path: Path | Sequence[Path], progress: Progress = Silent()) -> Incoming:
    """Verify and open a carrier and say what taking it would change; CarrierRefused says why it is not taken.

    What was refused is noted in the log; nothing else changes, but that a fork stops its stream for good.
    """
    quarantine = ctx.store.path.parent / "quarantine"
    shutil.rmtree(quarantine, ignore_errors=True)
    quarantine.mkdir(mode=0o700)
    try:
        return _examine(ctx, path, quarantine, progress)
    except UserError as error:
        shutil.rmtree(quarantine, ignore_errors=True)
        name = path.name if isinstance(path, Path) else path[0].name
        with ctx.store.write(ctx.actor) as tx:
            tx.note("carrier-refused", name, disposition="refused", code=getattr(error, "code", "not-taken"))
        raise


def _examine(ctx: Context, path: Path | Sequence[Path], quarantine: Path, progress: Progress) -> Incoming:
    with ctx.store.read() as session:
        me, trust = my_keys(session), trusting.trust_store(session)
    copies = _quarantined([path] if isinstance(path, Path) else path, quarantine)
    first = carrier.peek(copies[0], trust).manifest
    carrier.check_addressed(first, me, ctx.season.campaign, mode(ctx))
    handler = handler_for(ctx, first.kind, sending=False)
    opened = carrier.open_carrier(
        copies, quarantine, me=me, trust=trust, campaign=ctx.season.campaign, mode=mode(ctx), progress=progress,
        check=lambda record_type, values: record_problems(handler.specs, record_type, values),
    )  # fmt: skip
    arrived = _arrived(opened, handler)
    with ctx.store.read() as session:
        judged = _judge(session, opened)
        if judged.place is Place.SAME:
            known = session.get_one(CarrierIn, opened.digest)
            lines = tuple(Line(line["text"], line["params"]) for line in known.summary["lines"])
            return Incoming(arrived, opened.manifest, judged, lines, known.accepted_at, opened=opened)
    if judged.refusal is not None and not judged.skippable:
        _freeze_on_fork(ctx, judged, opened)
        raise judged.refusal
    with ctx.store.read() as session:
        preview = tuple(handler.preview(ctx, session, arrived)) if handler.preview else ()
    return Incoming(arrived, opened.manifest, judged, preview, opened=opened)


def _quarantined(paths: Sequence[Path], quarantine: Path) -> list[Path]:
    """Private copies, so that the drive cannot show one file to one check and another to the next."""
    copies = []
    for number, path in enumerate(paths, 1):
        trusting.require_file(path)
        copies.append(quarantine / f"{number:03d}-{path.name}")
        drive_files.copy_in(path, copies[-1], PART_LIMIT)
    return copies


def _judge(session: Session, opened: carrier.Opened) -> stream.Judgement:
    """Where the carrier stands in its sender's stream, by what was loaded here."""
    manifest = opened.manifest
    row = session.get(StreamIn, manifest.stream)
    if row is None:
        return stream.judge(None, manifest, opened.digest)
    loaded = session.scalars(select(CarrierIn).where(CarrierIn.stream == manifest.stream))
    history = {(entry.epoch, entry.seq): entry.digest for entry in loaded}
    state = stream.StreamState(row.epoch, row.seq, row.digest, history, row.frozen)
    judged = stream.judge(state, manifest, opened.digest)
    if judged.place in (Place.NEXT, Place.GAP) and not judged.new_epoch and not _extends(row.checkpoint, manifest):
        raise refuse("log-shorter")
    return judged


def _extends(kept: Mapping[str, Any], manifest: Manifest) -> bool:
    """True where the sender's log has grown, or stands where it stood."""
    now = manifest.checkpoint
    if not kept or now is None:
        return not kept
    return bool(now.n > kept["n"] or (now.n == kept["n"] and now.hash == kept["hash"]))


def _freeze_on_fork(ctx: Context, judged: stream.Judgement, opened: carrier.Opened) -> None:
    """Two files with one number: keep the second as evidence and take nothing more of this stream, ever."""
    if judged.place is not Place.FORK:
        return
    evidence = ctx.store.path.parent / "evidence"
    evidence.mkdir(mode=0o700, exist_ok=True)
    for part, path in enumerate(opened.paths, 1):
        shutil.copyfile(path, evidence / f"{opened.digest[:16]}-{part}.mab")
    name = opened.manifest.stream
    with ctx.store.write(ctx.actor) as tx:
        tx.session.get_one(StreamIn, name).frozen = True
        tx.note("stream-frozen", name, disposition="refused", seq=judged.seq, digest=opened.digest)


def _arrived(opened: carrier.Opened, handler: Handler) -> Arrived:
    def records() -> Iterator[Record]:
        for record_type, values in opened.records():
            yield record_type, decode(handler.specs[record_type], values)

    manifest = opened.manifest
    return Arrived(
        manifest.kind, manifest.sender.org, opened.digest, manifest.fields(), records, tuple(opened.attachments),
        opened.read,
    )  # fmt: skip


def accept(
    ctx: Context, incoming: Incoming, progress: Progress = Silent(), *, confirm_new_epoch: bool = False,
    confirm_gap: bool = False,
) -> Accepted:  # fmt: skip
    """Load a carrier in one transaction, after a backup; the same file again changes nothing.

    `confirm_gap` loads a carrier that replaces the missing ones before it; otherwise CarrierRefused names them.
    """
    quarantine = ctx.store.path.parent / "quarantine"
    if incoming.judged.place is Place.SAME:
        shutil.rmtree(quarantine, ignore_errors=True)
        return Accepted(incoming.opened.digest, incoming.preview, known=True)
    if not all(path.exists() for path in incoming.opened.paths):
        raise UserError(N_("Another file was looked at meanwhile. Nothing was changed. Look at this one again."))
    if incoming.judged.refusal is not None and not (confirm_gap and incoming.judged.skippable):
        raise incoming.judged.refusal
    if incoming.judged.new_epoch and not confirm_new_epoch:
        raise UserError(
            N_("The sender went back to a backup. Nothing was changed."),
            next_step=N_("Look at what would change and confirm it."),
        )
    handler = handler_for(ctx, incoming.manifest.kind, sending=False)
    backups.before_import(ctx)
    progress.stage(N_("Loading"))
    with ctx.store.write(ctx.actor) as tx:
        if _judge(tx.session, incoming.opened) != incoming.judged:
            raise refuse("stream-moved")
        assert handler.take is not None
        lines = handler.take(ctx, tx, incoming.arrived)
        _remember(ctx, tx, incoming, lines)
        trusting.adopt_in(ctx, tx, incoming.opened.trust)
    shutil.rmtree(quarantine, ignore_errors=True)
    return Accepted(incoming.opened.digest, tuple(lines), known=False)


def load(ctx: Context, path: Path | Sequence[Path], progress: Progress = Silent()) -> Accepted:
    """Examine and accept in one go, where nobody needs to look first."""
    return accept(ctx, examine(ctx, path, progress), progress)


def _remember(ctx: Context, tx: Transaction, incoming: Incoming, lines: Sequence[Line]) -> None:
    manifest, digest = incoming.manifest, incoming.opened.digest
    summary = [{"text": line.text, "params": dict(line.params)} for line in lines]
    tx.session.add(
        CarrierIn(
            digest=digest, kind=manifest.kind, sender=manifest.sender.org, stream=manifest.stream, epoch=manifest.epoch,
            seq=manifest.seq, file_name=manifest.file_name, manifest=manifest.fields(), summary={"lines": summary},
            accepted_at=stamp(ctx), accepted_by=ctx.actor.login,
        )
    )  # fmt: skip
    checkpoint = manifest.checkpoint
    tx.session.merge(
        StreamIn(
            stream=manifest.stream, epoch=manifest.epoch, seq=manifest.seq, digest=digest, frozen=False,
            checkpoint={"n": checkpoint.n, "hash": checkpoint.hash} if checkpoint else {},
        )
    )  # fmt: skip
    for ack in manifest.acks:
        _receipt(tx, ack.digest, manifest.sender.org)
    tx.note("carrier-accepted", digest, kind=manifest.kind, sender=manifest.sender.org, seq=manifest.seq)


def _receipt(tx: Transaction, digest: str, sender: str) -> None:
    """The recipient has everything of the stream up to this carrier; nobody else can say so for him."""
    known = tx.session.get(CarrierOut, digest)
    if known is None or sender not in known.recipient.split(","):
        return
    query = select(CarrierOut).where(CarrierOut.stream == known.stream, CarrierOut.state != RECEIPTED)
    for row in tx.session.scalars(query):
        if (row.epoch, row.seq) <= (known.epoch, known.seq):
            row.state = RECEIPTED
            tx.note("carrier-receipted", row.digest, by=sender)


def organisation_name(ctx: Context, session: Session, organisation: str) -> str:
    """An organisation as people call it, in the language of `ctx`."""
    role, code = parse_organisation(organisation)
    line = reference_list(session, "university").get(code)
    return line.name(ctx.lang) if line else organisation


def list_carriers(place: Drive | Path) -> list[Path]:
    """The carrier files on a drive."""
    return drive_files.list_carriers(as_drive(place))


def verify(path: Path, trust_path: Path | None, lang: str) -> tuple[list[str], int]:
    """The lines that `mab verify` prints, and its exit code: manifest, then the verdict.

    Without a trust list of one's own the carrier is only checked against the list it brings, and says so. UserError
    where a file is not there.
    """
    trusting.require_file(path)
    try:
        store = trust_rules.verify_list(trusting.trust_list_in(trust_path or path))
        with drive_files.drive_errors():
            verdict = carrier.verify(path, store)
    except CarrierRefused as error:
        return [translate(lang, N_("REFUSED")) + f" [{error.code}]", error.message(lang)], error.exit_code
    manifest = verdict.manifest.fields()
    lines = [json.dumps(manifest, ensure_ascii=False, indent=1)]
    signed = translate(lang, N_("Whole and rightly signed by {sender}."))
    lines.append(signed.format(sender=verdict.manifest.sender.org))
    if trust_path is None:
        lines.append(translate(lang, N_("Checked against the trust list inside the file; its root is {groups}."))
                     .format(groups=store.fingerprint))  # fmt: skip
    return lines, 0
