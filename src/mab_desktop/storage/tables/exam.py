"""The exam at the ministry programmer's: seals, seats, envelopes, scans, readings, decisions (p.26, p.30-38)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class ShiftSeal(Base):
    """The centre's secret for a shift's seating: the commitment and the sealed secret (p.30)."""

    __tablename__ = "shift_seal"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commitment: Mapped[str] = mapped_column(String(64))
    sealed_seed: Mapped[str] = mapped_column(String(4000))
    received_at: Mapped[str] = mapped_column(String(40))


class ShiftStep(Base):
    """A move of a shift that was made: when and by whom; never changed afterwards."""

    __tablename__ = "shift_step"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    move: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class SeatingFreeze(Base):
    """What a shift's draw depends on, fixed before the password is told; the highest `n` is in force."""

    __tablename__ = "seating_freeze"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commitment: Mapped[str] = mapped_column(String(64))
    roster: Mapped[str] = mapped_column(String(64))
    halls: Mapped[str] = mapped_column(String(64))
    local: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(12))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class Seating(Base):
    """The one draw of a shift; its seats stand in `seat`. There is no second row and no second draw."""

    __tablename__ = "seating"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    freeze: Mapped[int]
    result: Mapped[str] = mapped_column(String(64))
    students: Mapped[int]
    drawn_at: Mapped[str] = mapped_column(String(40))
    drawn_by: Mapped[str] = mapped_column(String(64))


class Seat(Base):
    """The seat a student drew."""

    __tablename__ = "seat"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(String(3), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), unique=True)


class VariantSeat(Base):
    """The variant that the centre laid on a seat before seats were drawn (p.26)."""

    __tablename__ = "variant_seat"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(String(3), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    variant: Mapped[str] = mapped_column(String(8))


class SheetStack(Base):
    """The answer sheets that the centre numbered for a hall."""

    __tablename__ = "sheet_stack"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(String(3), primary_key=True)
    first_serial: Mapped[str] = mapped_column(String(12))
    count: Mapped[int]


class Envelope(Base):
    """The envelope of a hall as the duty officers gave it back: the act's counts (p.34)."""

    __tablename__ = "envelope"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(String(3), primary_key=True)
    used: Mapped[int]
    unused: Mapped[int]
    remark: Mapped[str] = mapped_column(String(500), default="")
    received_at: Mapped[str] = mapped_column(String(40))
    received_by: Mapped[str] = mapped_column(String(64))


class ScanBatch(Base):
    """One run of a hall's envelope through the scanner; a discarded one stays on record and counts no more."""

    __tablename__ = "scan_batch"
    __table_args__ = (Index("ix_scan_batch_shift_hall", "shift", "hall"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    shift: Mapped[int]
    hall: Mapped[str] = mapped_column(String(3))
    scan_pass: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    discarded_at: Mapped[str | None] = mapped_column(String(40))
    discarded_by: Mapped[str | None] = mapped_column(String(64))
    discarded_why: Mapped[str] = mapped_column(String(300), default="")


class ScannedPage(Base):
    """A scanned image and its place in the envelope; a page scanned again is a new row with a higher `attempt`."""

    __tablename__ = "scanned_page"
    __table_args__ = (UniqueConstraint("batch", "position", "attempt"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(ForeignKey("scan_batch.id"), index=True)
    position: Mapped[int]
    attempt: Mapped[int]
    image: Mapped[str] = mapped_column(String(300))
    image_page: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))


class Reading(Base):
    """What the reader saw on a page; append-only. `scores` is kept so that a decision can be taken again."""

    __tablename__ = "reading"
    page: Mapped[int] = mapped_column(ForeignKey("scanned_page.id"), primary_key=True)
    scan_pass: Mapped[int]
    ok: Mapped[bool]
    serial: Mapped[str] = mapped_column(String(40), index=True)
    rotation: Mapped[int]
    problems: Mapped[list[Any]]
    fields: Mapped[dict[str, Any]]
    scores: Mapped[bytes]
    thresholds: Mapped[dict[str, Any]]
    placement: Mapped[list[Any]]
    at: Mapped[str] = mapped_column(String(40))


class AnswerSheet(Base):
    """A sheet that both passes saw: their strict merge. Made from the readings alone, anew when they change."""

    __tablename__ = "answer_sheet"
    __table_args__ = (Index("ix_answer_sheet_shift_hall", "shift", "hall"),)
    serial: Mapped[str] = mapped_column(String(40), primary_key=True)
    shift: Mapped[int]
    hall: Mapped[str] = mapped_column(String(3))
    page1: Mapped[int] = mapped_column(ForeignKey("scanned_page.id"))
    page2: Mapped[int] = mapped_column(ForeignKey("scanned_page.id"))
    position: Mapped[int]
    marks: Mapped[dict[str, Any]]
    differing: Mapped[int]
    used: Mapped[bool]


class Decision(Base):
    """A person's word beside the readings: append-only but for its being taken back.

    `kind`: "mark" (values of one group of bubbles), "identity" (true code, seat, variant of a sheet), "absent" (a
    student with «Келмеді»), "unused" (a sheet found blank), "serial" (the serial a person reads on a page), "by-eye" (a
    page that no reader can read: all its marks are decided by eye), "aside" (a page that is no answer sheet).
    """

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_shift_hall", "shift", "hall"), Index("ix_decision_serial", "serial"))
    id: Mapped[int] = mapped_column(primary_key=True)
    shift: Mapped[int]
    hall: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(16))
    serial: Mapped[str | None] = mapped_column(String(40))
    page: Mapped[int | None]
    student: Mapped[str | None] = mapped_column(String(32))
    field: Mapped[str | None] = mapped_column(String(32))
    column: Mapped[int | None]
    value: Mapped[dict[str, Any]]
    ground: Mapped[str] = mapped_column(String(500), default="")
    protocol_version: Mapped[int]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    undone_at: Mapped[str | None] = mapped_column(String(40))
    undone_by: Mapped[str | None] = mapped_column(String(64))


class Protocol(Base):
    """An issued version of a hall's identification protocol, word for word; entries follow only a signed one (p.38)."""

    __tablename__ = "protocol"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(String(3), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    open_lines: Mapped[int]
    issued_at: Mapped[str] = mapped_column(String(40))
    issued_by: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[str | None] = mapped_column(String(40))
    signed_by: Mapped[list[Any]] = mapped_column(default=list)


class HallCount(Base):
    """Students counted in a hall 20-25 minutes after the start, by specialty and language of the test (p.33)."""

    __tablename__ = "hall_count"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall: Mapped[str] = mapped_column(String(3), primary_key=True)
    specialty: Mapped[str] = mapped_column(String(6), primary_key=True)
    test_language: Mapped[str] = mapped_column(String(1), primary_key=True)
    present: Mapped[int]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class Removal(Base):
    """A student sent out of the hall for a breach, with the act."""

    __tablename__ = "removal"
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    shift: Mapped[int] = mapped_column(index=True)
    hall: Mapped[str] = mapped_column(String(3))
    at_time: Mapped[str] = mapped_column(String(5))
    what: Mapped[str] = mapped_column(String(500))
    act: Mapped[str] = mapped_column(String(40))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class ActRecord(Base):
    """An act of the exam days as it was entered: its kind, place, numbers and names (p.30-34, p.42, p.44)."""

    __tablename__ = "act_record"
    __table_args__ = (Index("ix_act_record_shift_kind", "shift", "kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    shift: Mapped[int]
    hall: Mapped[str] = mapped_column(String(3), default="")
    kind: Mapped[str] = mapped_column(String(32))
    number: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    withdrawn_at: Mapped[str | None] = mapped_column(String(40))
    withdrawn_by: Mapped[str | None] = mapped_column(String(64))
    withdrawn_why: Mapped[str | None] = mapped_column(String(300))


class ReadinessReport(Base):
    """What was found before the first shift, as it was signed (p.29); the highest `n` counts.

    `reason` is the representative's word why the shift may open although not everything is good, "" for none.
    """

    __tablename__ = "readiness_report"
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    made_by: Mapped[str] = mapped_column(String(200))
    confirmed_by: Mapped[str] = mapped_column(String(200))
    ready: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(1000))
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))


class ExamStart(Base):
    """When the start of a shift's exam was announced (p.33); a correction is a row of its own with its reason."""

    __tablename__ = "exam_start"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun_at: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class DutyDraw(Base):
    """A draw of duty officers to halls (p.7): the seed, what it was drawn from, what came out; the highest `n` counts.

    `content`: "officers" and "halls" as they were given to the draw, "places" by officer, "" for the corridor.
    """

    __tablename__ = "duty_draw"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seed: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(500))
    content: Mapped[dict[str, Any]]
    result: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
