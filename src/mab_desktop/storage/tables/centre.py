"""What the testing centre keeps: organisations, devices, secrets of the exam, and the data that comes back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base
from mab_desktop.storage.tables.secret import Secret


class Organisation(Base):
    """An organisation of the season as carriers know it: `nu027`, `bu013`, `af013`, `mp013`."""

    __tablename__ = "organisation"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    role: Mapped[str] = mapped_column(String(32))
    university: Mapped[str] = mapped_column(String(3))
    registered_at: Mapped[str] = mapped_column(String(40))


class DeviceEnrolment(Base):
    """A device that asked to be let in; `public` is its public half.

    It waits until `active`; `revoked_at` takes it out for good, and `last_valid` holds the last numbers that count.
    """

    __tablename__ = "device_enrolment"
    keyid: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(16), index=True)
    device: Mapped[str] = mapped_column(String(48), unique=True)
    public: Mapped[dict[str, Any]]
    active: Mapped[bool] = mapped_column(default=True)
    last_valid: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enrolled_at: Mapped[str] = mapped_column(String(40))
    enrolled_by: Mapped[str] = mapped_column(String(64))
    revoked_at: Mapped[str | None] = mapped_column(String(40), default=None)
    ground: Mapped[str] = mapped_column(String(300), default="", server_default="")


class PersonEnrolment(Base):
    """A person who signs for an organisation, with the public key that he made there; states as of a device."""

    __tablename__ = "person_enrolment"
    keyid: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(16), index=True)
    person: Mapped[str] = mapped_column(String(50), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=False)
    last_valid: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enrolled_at: Mapped[str] = mapped_column(String(40))
    enrolled_by: Mapped[str] = mapped_column(String(64))
    revoked_at: Mapped[str | None] = mapped_column(String(40), default=None)
    ground: Mapped[str] = mapped_column(String(300), default="")


class AllotmentRun(Base):
    """One allotment of a base university: its seed, so that anyone can do it again, and digests of input and result."""

    __tablename__ = "allotment_run"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    seed: Mapped[str] = mapped_column(String(64))
    input_digest: Mapped[str] = mapped_column(String(64))
    result_digest: Mapped[str] = mapped_column(String(64))
    students: Mapped[int]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class VariantSet(Base):
    """The variants of a shift, the same for every base university."""

    __tablename__ = "variant_set"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    variants: Mapped[list[Any]]
    made_at: Mapped[str] = mapped_column(String(40))


class VariantHall(Base):
    """The variant of every seat of a hall in a shift, seat 1 first (p.26), and the hall's stack of answer sheets."""

    __tablename__ = "variant_hall"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(String(3), primary_key=True)
    variants: Mapped[list[Any]]
    first_serial: Mapped[str] = mapped_column(String(12))
    sheets: Mapped[int]


class SeatingSeed(Base):
    """The secret seed of a shift's seating at a base university, sealed under a password told by telephone (p.30)."""

    __tablename__ = "seating_seed"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seed: Mapped[str] = mapped_column(Secret(String(64), "seating_seed.seed"))
    commitment: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(String(4000))
    password: Mapped[str] = mapped_column(Secret(String(40), "seating_seed.password"))
    made_at: Mapped[str] = mapped_column(String(40))


class CentreKey(Base):
    """The answer key of a shift in clear; it exists only in the centre's database, encrypted."""

    __tablename__ = "centre_key"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(Secret(LargeBinary(), "centre_key.content"))
    commitment: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[str] = mapped_column(String(40))


class KeyEnvelope(Base):
    """A shift's answer key sealed for one base university under two passwords (p.39).

    `others` are passwords of stand-ins and the centre's own release code, by holder. `marks` is the code of the closed
    marks that was told when the identification was confirmed.
    """

    __tablename__ = "key_envelope"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    envelope: Mapped[str] = mapped_column(String(60000))
    commitment: Mapped[str] = mapped_column(String(64))
    password_ministry: Mapped[str] = mapped_column(Secret(String(40), "key_envelope.password_ministry"))
    password_chair: Mapped[str] = mapped_column(Secret(String(40), "key_envelope.password_chair"))
    made_at: Mapped[str] = mapped_column(String(40))
    released_at: Mapped[str | None] = mapped_column(String(40))
    released_to: Mapped[str | None] = mapped_column(String(120))
    others: Mapped[dict[str, Any]] = mapped_column(Secret(JSON(), "key_envelope.others"), default=dict,
                                                   server_default="{}")  # fmt: skip
    marks: Mapped[str] = mapped_column(String(12), default="", server_default="")


class PasswordGiven(Base):
    """A password told or handed to a person: which, to whom, when, by whom; never changed afterwards."""

    __tablename__ = "password_given"
    __table_args__ = (Index("ix_password_given_place", "base_university", "shift", "purpose"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    base_university: Mapped[str] = mapped_column(String(3))
    shift: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(16))
    given_to: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class ReceivedFund(Base):
    """When the hall fund or the student database of a base university last came, and how much it held."""

    __tablename__ = "received_fund"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))


class DailyFigure(Base):
    """A row of a shift's daily statistics (p.8), as the ministry programmer sent it."""

    __tablename__ = "daily_figure"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    direction: Mapped[str] = mapped_column(String(2), primary_key=True)
    language: Mapped[str] = mapped_column(String(1), primary_key=True)
    values: Mapped[dict[str, Any]]
    received_at: Mapped[str] = mapped_column(String(40))


class FinalSheet(Base):
    """A scanned sheet as the final data tells it (p.37); `code` is empty on a blank or unused one."""

    __tablename__ = "final_sheet"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), primary_key=True)
    shift: Mapped[int]
    hall: Mapped[str] = mapped_column(String(3))
    passes: Mapped[int]
    code: Mapped[str | None] = mapped_column(String(10), index=True)
    seat: Mapped[int | None]
    variant: Mapped[str | None] = mapped_column(String(8))
    answers: Mapped[str | None] = mapped_column(String(600))


class FinalReading(Base):
    """A page as one scan saw it (p.38), in the final data; `marks` as `domain.recount_marks` spells them."""

    __tablename__ = "final_reading"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shift: Mapped[int]
    hall: Mapped[str] = mapped_column(String(3))
    scan_pass: Mapped[int]
    position: Mapped[int]
    attempt: Mapped[int]
    ok: Mapped[bool]
    serial: Mapped[str | None] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    marks: Mapped[str | None] = mapped_column(String(8000))


class FinalImage(Base):
    """The image of a scanned page, in the final data; it lies sealed at `place`, "" when the sender had lost it."""

    __tablename__ = "final_image"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shift: Mapped[int]
    hall: Mapped[str] = mapped_column(String(3))
    scan_pass: Mapped[int]
    position: Mapped[int]
    attempt: Mapped[int]
    counts: Mapped[bool]
    serial: Mapped[str | None] = mapped_column(String(40), index=True)
    place: Mapped[str] = mapped_column(String(300))
    image_page: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class FinalScore(Base):
    """The points of a student in a subject as the ministry programmer's program counted them."""

    __tablename__ = "final_score"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    subject: Mapped[str] = mapped_column(String(8), primary_key=True)
    shift: Mapped[int]
    before: Mapped[int]
    after: Mapped[int]


class FinalRecord(Base):
    """Any other record of the final data, kept as it came: seats, identification, appeals, presence, corrections."""

    __tablename__ = "final_record"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_type: Mapped[str] = mapped_column(String(32), index=True)
    values: Mapped[dict[str, Any]]


class Recount(Base):
    """A recount of a base university's points from raw answers and the centre's own key, and what differed."""

    __tablename__ = "recount"
    id: Mapped[int] = mapped_column(primary_key=True)
    base_university: Mapped[str] = mapped_column(String(3), index=True)
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    students: Mapped[int]
    total_before: Mapped[int]
    total_after: Mapped[int]
    differences: Mapped[list[Any]]
