"""Tables that every workplace has: settings, log, accounts, reference lists, carriers, prints, drafts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from mab_desktop.storage.tables.secret import Secret

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base with a naming convention, so that migrations can name what they change."""

    metadata = MetaData(naming_convention=NAMING)
    # A number has 64 bits, as SQLite gives every one of them.
    type_annotation_map = {  # noqa: RUF012
        int: BigInteger().with_variant(Integer(), "sqlite"),
        dict[str, Any]: JSON, list[Any]: JSON, bytes: LargeBinary,
    }  # fmt: skip


class Setting(Base):
    """One value that belongs to the workplace: role, organisation, season, profile, mode."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]


class AuditEntry(Base):
    """One line of the hash-chained log; triggers forbid UPDATE and DELETE."""

    __tablename__ = "audit"
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prev: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    boot: Mapped[str] = mapped_column(String(40))
    device: Mapped[str] = mapped_column(String(64))
    user: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(String(64), index=True)
    object: Mapped[str] = mapped_column(String(200))
    disposition: Mapped[str] = mapped_column(String(16))
    details: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))


class Account(Base):
    """A person who may log in; the password stands in the key ring beside the database.

    `must_change`: somebody else knows the password, so another one is asked for at the next login.
    """

    __tablename__ = "account"
    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[str] = mapped_column(String(40))
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())


class DeviceKey(Base):
    """The private keys of this PC (kind "device") and of persons who sign here (kind "person").

    A person's key lies in `keys` sealed under the person's own password; `owner` is what he types as his name, `person`
    his id in the trust list. A key that was replaced is retired and stays, to know what it signed.
    """

    __tablename__ = "device_key"
    keyid: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(String(64))
    keys: Mapped[dict[str, Any]] = mapped_column(Secret(JSON(), "device_key.keys"))
    created_at: Mapped[str] = mapped_column(String(40))
    person: Mapped[str] = mapped_column(String(50), default="", server_default="")
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    retired_at: Mapped[str | None] = mapped_column(String(40), default=None)


class TrustState(Base):
    """Every trust list adopted here; the highest version is in force."""

    __tablename__ = "trust_state"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    envelope: Mapped[bytes]
    adopted_at: Mapped[str] = mapped_column(String(40))


class ReferenceItem(Base):
    """One line of a reference list (p.3, p.11): `extra` holds what only some lists have."""

    __tablename__ = "reference_item"
    list: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int]
    name_kk: Mapped[str] = mapped_column(String(300))
    name_ru: Mapped[str] = mapped_column(String(300))
    name_en: Mapped[str] = mapped_column(String(300), default="")
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CarrierOut(Base):
    """A carrier made here: BUILT reserves its number, WRITTEN says a drive holds it, RECEIPTED that it was loaded.

    `content` is the digest of what it says, whatever its number and date are; "" where nobody asked.
    """

    __tablename__ = "carrier_out"
    __table_args__ = (UniqueConstraint("stream", "epoch", "seq"),)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    recipient: Mapped[str] = mapped_column(String(64))
    stream: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int]
    seq: Mapped[int]
    prev: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(200))
    manifest: Mapped[dict[str, Any]]
    created_at: Mapped[str] = mapped_column(String(40))
    content: Mapped[str] = mapped_column(String(64), default="", server_default="")


class CarrierIn(Base):
    """A carrier loaded here. `receipt` is the digest of our carrier that tells its sender so, "" while none does.

    `set_aside`: the centre decided after a fork that this one does not count.
    """

    __tablename__ = "carrier_in"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    sender: Mapped[str] = mapped_column(String(64))
    stream: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int]
    seq: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(200))
    manifest: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]
    accepted_at: Mapped[str] = mapped_column(String(40))
    accepted_by: Mapped[str] = mapped_column(String(64))
    receipt: Mapped[str] = mapped_column(String(64), default="", server_default="")
    set_aside: Mapped[bool] = mapped_column(default=False, server_default=false())


class StreamIn(Base):
    """Where a sender's stream stands: the next carrier must follow it."""

    __tablename__ = "stream_in"
    stream: Mapped[str] = mapped_column(String(200), primary_key=True)
    epoch: Mapped[int]
    seq: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    frozen: Mapped[bool] = mapped_column(default=False)
    checkpoint: Mapped[dict[str, Any]]


class CarrierReceipt(Base):
    """What a recipient said of a carrier made here; `taken_at` is his own clock, "" where only a later one says so."""

    __tablename__ = "carrier_receipt"
    digest: Mapped[str] = mapped_column(ForeignKey("carrier_out.digest"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(64), primary_key=True)
    device: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[str] = mapped_column(String(40), default="")
    known_at: Mapped[str] = mapped_column(String(40))


class CarrierWaiting(Base):
    """A carrier that came before earlier ones of its stream; its files lie, encrypted, in the waiting room."""

    __tablename__ = "carrier_waiting"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    sender: Mapped[str] = mapped_column(String(64))
    stream: Mapped[str] = mapped_column(String(200), index=True)
    epoch: Mapped[int]
    seq: Mapped[int]
    parts: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(200))
    manifest: Mapped[dict[str, Any]]
    came_at: Mapped[str] = mapped_column(String(40))


class StreamFork(Base):
    """The second of two files with one number (kept as evidence) and what the centre decided about it.

    `loaded` is the digest that stood at that place here. `state`: open, counts, or refused.
    """

    __tablename__ = "stream_fork"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    stream: Mapped[str] = mapped_column(String(200), index=True)
    sender: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    epoch: Mapped[int]
    seq: Mapped[int]
    prev: Mapped[str] = mapped_column(String(64))
    parts: Mapped[int]
    loaded: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any]]
    found_at: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16), default="open")
    decided_at: Mapped[str] = mapped_column(String(40), default="")
    decided_by: Mapped[str] = mapped_column(String(64), default="")


class PrintJob(Base):
    """One printing of a document: which, how often, by whom, and how it ended (reprints are numbered).

    `copies`, `asked` (pages, "" for all), `sides` and `collated` are the order; `start` and `done` count the printed
    sides of that order before this job and known good after it. What goes on after a stop is a row of its own with the
    same `number`, `continued_of` the first. `outcome` is a `domain.printing.Outcome`.
    """

    __tablename__ = "print_job"
    __table_args__ = (Index("ix_print_job_document_key", "document", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(String(48))
    key: Mapped[str] = mapped_column(String(120))
    number: Mapped[int]
    copies: Mapped[int]
    pages: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    printer: Mapped[str] = mapped_column(String(128), default="", server_default="")
    asked: Mapped[str] = mapped_column(Text, default="", server_default="")
    sides: Mapped[str] = mapped_column(String(24), default="one-sided", server_default="one-sided")
    collated: Mapped[bool] = mapped_column(default=True, server_default=true())
    start: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    spoilt: Mapped[int] = mapped_column(default=0, server_default="0")
    outcome: Mapped[str] = mapped_column(String(16), default="saved", server_default="saved")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    ended_at: Mapped[str] = mapped_column(String(40), default="", server_default="")
    continued_of: Mapped[int | None] = mapped_column(ForeignKey("print_job.id"), default=None)


class PrintPaper(Base):
    """The PDF of a printing whose rest may still be wanted: drawn anew it would not be the same to the letter."""

    __tablename__ = "print_paper"
    job: Mapped[int] = mapped_column(ForeignKey("print_job.id"), primary_key=True)
    pdf: Mapped[bytes]


class PrintPaperPart(Base):
    """What follows the first part of a PDF that is too large to be held in memory as a whole."""

    __tablename__ = "print_paper_part"
    job: Mapped[int] = mapped_column(ForeignKey("print_paper.job", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class Draft(Base):
    """What was typed and not yet saved, so that a crash loses nothing."""

    __tablename__ = "draft"
    form: Mapped[str] = mapped_column(String(48), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    values: Mapped[dict[str, Any]]
    saved_at: Mapped[str] = mapped_column(String(40))


class StepDone(Base):
    """A step of the calendar or check list that a person has confirmed."""

    __tablename__ = "step_done"
    step: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
