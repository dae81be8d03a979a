"""Who a login is: papers and pages name people, not logins."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.storage.tables.core import Account


def names(session: Session) -> dict[str, str]:
    """Login -> full name of everybody who ever could log in here."""
    return {row[0]: row[1] for row in session.execute(select(Account.login, Account.full_name))}
