"""The hall fund on its way to the testing centre: versions as they were sent, the agreement step by step, signs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class FundVersion(Base):
    """The fund as it first went out under this number; `records` are [type, values] as the carrier had them.

    `sent` tells each carrier with it: {"to", "carrier", "at"}.
    """

    __tablename__ = "fund_version"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(500))
    records: Mapped[list[Any]]
    sent: Mapped[list[Any]]


class FundAgreement(Base):
    """One step of the agreement with the centre (p.6): the last one tells how it stands."""

    __tablename__ = "fund_agreement"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    day: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    centre_officer: Mapped[str] = mapped_column(String(120))
    own_officer: Mapped[str] = mapped_column(String(120))
    remarks: Mapped[str] = mapped_column(String(500))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class FundDeleted(Base):
    """A hall or building that was deleted and can be brought back: its row as it stood."""

    __tablename__ = "fund_deleted"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(8))
    values: Mapped[dict[str, Any]]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class DirectionSign(Base):
    """A sign that shows the way (p.24): where it hangs, and lines of {"arrow", "halls"}."""

    __tablename__ = "direction_sign"
    id: Mapped[int] = mapped_column(primary_key=True)
    building: Mapped[str] = mapped_column(String(2))
    place: Mapped[str] = mapped_column(String(80))
    arrow: Mapped[str] = mapped_column(String(12))
    halls: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(80))
