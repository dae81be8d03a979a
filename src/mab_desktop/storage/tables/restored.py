"""What happened before a restore and is not in the copy that was put in place: acts that are done only once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class RestoredAct(Base):
    """An act that was done before the restore: repeated, it must come out the same. Never changed afterwards."""

    __tablename__ = "restored_act"
    event: Mapped[str] = mapped_column(String(64), primary_key=True)
    object: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]]
