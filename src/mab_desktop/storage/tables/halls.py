"""Buildings, halls with their plans, and the contingent that needs places."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class Building(Base):
    """A building of a base university; columns as in `domain.hall.BUILDING`; `plan` of `building_plan.plan_data`."""

    __tablename__ = "building"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200))
    access: Mapped[str | None] = mapped_column(String(200))
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)


class BuildingPicture(Base):
    """A picture under a building's drawings (a JPEG of our making), by the SHA-256 that the drawings name."""

    __tablename__ = "building_picture"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes]
    source: Mapped[str] = mapped_column(String(200))
    at: Mapped[str] = mapped_column(String(40))


class Hall(Base):
    """A hall; columns as in `domain.hall.HALL`; `plan` as `hall_plan.plan_data` gives it, or {}."""

    __tablename__ = "hall"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    number: Mapped[str] = mapped_column(String(3), primary_key=True)
    building: Mapped[str] = mapped_column(String(2))
    floor: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    rows: Mapped[int]
    places_in_row: Mapped[int]
    seats: Mapped[int]
    distance: Mapped[int | None]
    row_distance: Mapped[int | None]
    board: Mapped[bool | None]
    camera: Mapped[bool | None]
    remark: Mapped[str | None] = mapped_column(String(200))
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Contingent(Base):
    """Students expected, by direction and language (p.17)."""

    __tablename__ = "contingent"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    direction: Mapped[str] = mapped_column(String(2), primary_key=True)
    language: Mapped[str] = mapped_column(String(1), primary_key=True)
    students: Mapped[int]
