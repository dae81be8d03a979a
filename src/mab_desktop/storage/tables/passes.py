"""Printed passes one by one, the count of those that lie there, and applications about wrong data (p.24, p.25)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class PassCopy(Base):
    """One sheet's part with a pass and its stub: printed, then given to the network university, or spoilt.

    `copy` is 1 for the first, then «телнұсқа» 2, 3 ... `page` is where it stands in the document of the printing
    `job` (the first of a chain). `printed_at` is empty while nobody knows that it came out.
    """

    __tablename__ = "pass_copy"
    id: Mapped[int] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), index=True)
    copy: Mapped[int]
    job: Mapped[int] = mapped_column(ForeignKey("print_job.id"), index=True)
    page: Mapped[int]
    printed_at: Mapped[str | None] = mapped_column(String(40))
    issued_at: Mapped[str | None] = mapped_column(String(40))
    issued_by: Mapped[str | None] = mapped_column(String(64))
    spoilt_at: Mapped[str | None] = mapped_column(String(40))
    spoilt_by: Mapped[str | None] = mapped_column(String(64))
    spoilt_why: Mapped[str] = mapped_column(String(200), default="", server_default="")


class PassStock(Base):
    """How many passes of a network university somebody counted that lie at the base university."""

    __tablename__ = "pass_stock"
    university: Mapped[str] = mapped_column(String(3), primary_key=True)
    counted: Mapped[int]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class WrongDataApplication(Base):
    """The student's application on paper that belongs to a line of the list of wrong data is here."""

    __tablename__ = "wrong_data_application"
    line: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
