"""What stands at the head and foot of every printed form, from the season and the printing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop import __version__
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.forms.page import DocumentHead, Imprint
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Printing
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.core import Account

PROGRAM = f"MAB {__version__}"


def imprint(printing: Printing, copies: int = 1) -> Imprint:
    """The foot of a document."""
    return Imprint(
        datetime.fromisoformat(printing.printed_at), PROGRAM, printing.head, copies=copies,
        reprint=printing.is_reprint, test_mode=printing.test_mode,
    )  # fmt: skip


def university_name(session: Session, code: str, lang: str) -> str:
    """A university as it is printed: code and name."""
    line = reference_list(session, "university").get(code)
    return f"{code} {line.name(lang)}" if line else code


def head(
    ctx: Context, session: Session, network: str = "", *, base: str = "", shift: int | None = None,
    day: date | None = None, building: str = "", hall: str = "",
) -> DocumentHead:  # fmt: skip
    """The top of a document of this workplace's base university, or of `base` at the centre."""
    code = base or ctx.university
    return DocumentHead(
        ctx.season.year, university_name(session, code, ctx.lang) if code else "",
        university_name(session, network, ctx.lang) if network else "", shift, day, building, hall,
    )  # fmt: skip


def official(session: Session, role: PersonRole) -> str:
    """The one person who logs in here as `role`; "" where nobody or several do, to be written by hand."""
    query = select(Account.full_name).where(Account.active, Account.role == role.value).limit(2)
    names = session.scalars(query).all()
    return names[0] if len(names) == 1 else ""
