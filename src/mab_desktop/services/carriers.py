"""What sending and taking carriers share: the handlers of this program, our keys, names of places and states."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, Role, parse_organisation
from mab_desktop.domain.workplace_records import ENROLMENT_RECORDS
from mab_desktop.exchange import drive as drive_files
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.drive import Drive, FolderDrive
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.i18n import N_
from mab_desktop.services import persons, trusting
from mab_desktop.services.carrier_rights import require_carrier_right
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Collected, Handler, Record
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.folders import make_folder

BUILT, WRITTEN, RECEIPTED = "built", "written", "receipted"
CAME_AGAIN = "carrier-came-again"  # the event of a file that was taken before and is brought once more
# Kinds that carry no data of the season: nobody owes a receipt for them.
UNRECEIPTED = ("receipt",)


def is_cumulative(kind: str) -> bool:
    """Whether a newer carrier of the kind may be taken without the older ones and without asking."""
    return kind in UNRECEIPTED


def _enrolment_records(_ctx: Context, session: Session, _recipient: str) -> Collected:
    """This PC, and everybody who signs here."""
    me = trusting.device_keys(session).public
    people = persons.publics(session, me.org)
    records: list[Record] = [("device", me.fields()), *(("person", public.fields()) for public in people)]
    return Collected(records)


def _only_centre(ctx: Context, _session: Session) -> list[str]:
    return [] if ctx.role is Role.NTC else [NTC_CODE]


ENROLMENT = Handler("enrolment", ENROLMENT_RECORDS, recipients=_only_centre, collect=_enrolment_records)


def handlers() -> dict[str, list[Handler]]:
    """Every handler by kind; a kind may have one for each side."""
    from mab_desktop.services import (
        carriers_centre,
        carriers_exam,
        carriers_fund,
        carriers_results,
        carriers_students,
        carriers_trust,
        fork_decisions,
        receipts,
    )

    found: dict[str, list[Handler]] = {}
    for handler in (
        *carriers_students.HANDLERS, carriers_fund.FUND, *carriers_centre.HANDLERS, *carriers_exam.HANDLERS,
        *carriers_results.HANDLERS, receipts.RECEIPTS, fork_decisions.DECISIONS, carriers_trust.TRUST, ENROLMENT,
    ):  # fmt: skip
        found.setdefault(handler.kind, []).append(handler)
    return found


def handler_for(ctx: Context, kind: str, *, sending: bool) -> Handler:
    """The handler of `kind` for this role; UserError where this program, or this person, does not send or take it."""
    require_carrier_right(ctx, kind, sending=sending)
    role, carrier_kind = ctx.role.value, KINDS.get(kind)
    allowed = carrier_kind and role in (carrier_kind.sender_roles if sending else carrier_kind.recipient_roles)
    for handler in handlers().get(kind, ()) if allowed else ():
        if sending and handler.collect is not None and handler.sender in (None, ctx.role):
            return handler
        if not sending and handler.take is not None:
            return handler
    raise UserError(N_("This program does not send or take files of the kind {kind}."), kind=kind)


def my_keys(session: Session) -> DeviceKeys:
    """The keys of this PC; a workplace has them from its first start."""
    return trusting.device_keys(session)


def mode(ctx: Context) -> str:
    """How carriers call the season's mode."""
    return "official" if ctx.season.official else "test"


def private_folder(ctx: Context, name: str) -> Path:
    """A folder beside the database that nobody else looks into; made when it is not there."""
    folder = ctx.store.path.parent / name
    make_folder(folder)
    return folder


def outbox(ctx: Context) -> Path:
    """Where the copies of our own carriers are kept."""
    return private_folder(ctx, "outbox")


def as_drive(place: Drive | Path) -> Drive:
    """A folder as the drive that it stands for."""
    return FolderDrive(place, place.name, removable=False) if isinstance(place, Path) else place


def list_carriers(place: Drive | Path) -> list[Path]:
    """The carrier files on a drive."""
    return drive_files.list_carriers(as_drive(place))


def organisation_name(ctx: Context, session: Session, organisation: str) -> str:
    """An organisation as people call it, in the language of `ctx`."""
    _role, code = parse_organisation(organisation)
    line = reference_list(session, "university").get(code)
    return line.name(ctx.lang) if line else organisation


def is_of(device: str, organisation: str) -> bool:
    """Whether a workplace's name belongs to an organisation."""
    return device == organisation or device.startswith(f"{organisation}-")
