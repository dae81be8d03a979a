"""A small season for tests: the centre, a base university, its network universities, a ministry programmer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.domain.reference import default_lines
from mab_desktop.exchange import trust
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.services import centre_season, centre_trust, transfer, trusting
from mab_desktop.services.context import Context
from mab_desktop.services.student_intake import compare_students, take_students
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.students import Student
from tests.conftest import TIES, MakeContext
from tests.services import authority

BASE, NETWORKS = "013", TIES["013"]
SURNAMES = ("Әбілов", "Бекова", "Ғабитов", "Қайратова", "Өмірбек", "Үсенов", "Шаңшар", "Іліяс")
FIRST_NAMES = ("Асан", "Ғалия", "Қанат", "Өркен", "Ұлпан", "Һадиша")
CIPHERS = ("050102", "050703", "050901")
FIRST_DAY = date(2011, 5, 16)


def record(n: int, university: str, base: str = BASE, **more: Any) -> dict[str, Any]:
    """A student record that breaks no rule; `n` makes it different from every other."""
    course = {line.code: str(line.extra["mab_course"]) for line in default_lines() if line.list == "specialty"}
    cipher = CIPHERS[n % len(CIPHERS)]
    values = {
        "id": f"{university}{n:029d}", "university": university, "base_university": base, "photos": 2, "version": 1,
        "changed_at": "2011-03-10T09:00:00+00:00", "changed_by": "op1", "surname": SURNAMES[n % len(SURNAMES)],
        "first_name": FIRST_NAMES[n % len(FIRST_NAMES)], "patronymic": None if n % 7 == 0 else "Серікұлы",
        "birth_date": date(1991, 1 + n % 12, 1 + n % 28), "citizenship": "398", "nationality": "005", "sex": "1",
        "specialty": cipher, "course": course[cipher], "study_language": "1" if n % 3 else "2", "study_form": "1",
        "payment": "3", "to_code": f"{int(university) * 10000 + n:08d}", "certificate": f"{n:08d}",
        "grant_certificate": None, "identity_document": f"{int(university) * 100000 + n:09d}", "admission_year": 2009,
        "record_book": f"З{n}", "foreign_language": "1",
    }  # fmt: skip
    return values | more


def rows_of(ctx: Context, query: Any) -> list[Any]:
    """Rows of a query, to look at after the session."""
    with ctx.store.read() as session:
        rows = list(session.scalars(query))
        session.expunge_all()
    return rows


def put_students(ctx: Context, records: Sequence[dict[str, Any]]) -> None:
    """Bring student records into a workplace as a carrier would."""
    with ctx.store.write(ctx.actor) as tx:
        found = compare_students(tx.session, records, [Student.id.is_not(None)], partial=True)
        take_students(ctx, tx, found, "test", "0" * 64)
        tx.note("students-accepted", "test")


def put_halls(ctx: Context, seats: Sequence[int], base: str = BASE) -> None:
    """One building with halls 101, 102, ... of these seats."""
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Building(base_university=base, code="1", name="Бас корпус", address="Атырау, Бейбарыс 1"))
        for number, count in enumerate(seats, 101):
            tx.session.add(
                Hall(base_university=base, number=str(number), building="1", floor=1, kind="Дәрісхана", rows=count,
                     places_in_row=2, seats=count, plan={})
            )  # fmt: skip
        tx.note("setting-changed", "halls")


@dataclass
class Stand:
    """The workplaces of a season that trust each other, and the folder that stands for the drive."""

    centre: Context
    base: Context
    ministry: Context
    networks: dict[str, Context]
    drive: Path

    def hand_over(self, sender: Context, kind: str, recipient: Context, **more: Any) -> transfer.Accepted:
        """Export, carry, load."""
        exported = transfer.export(sender, kind, recipient.organisation, self.drive, **more)
        return transfer.load(recipient, list(exported.paths))


def enrol(centre: Context, ctx: Context) -> None:
    """Give a workplace its keys and let the centre know it."""
    org = ctx.organisation
    keys = DeviceKeys.generate(org, org, ctx.role.value, ctx.entropy)
    with ctx.store.write(ctx.actor) as tx:
        trusting.put_device_keys(ctx, tx, keys)
        tx.note("workplace-created", org)
    centre_trust.enrol(centre, keys.public, keys.public.fingerprint)
    authority.issue(centre)


def make_stand(make_context: MakeContext, folder: Path, shifts: int = 3) -> Stand:
    """A season with three network universities of which one is the base university itself."""
    drive = folder / "drive"
    drive.mkdir()
    centre = make_context(Role.NTC)
    authority.make_authority(centre)
    centre_season.plan_shifts(centre, centre_season.planned_shifts(FIRST_DAY, shifts, "09:00"))
    base, ministry = make_context(Role.BASE_UNI, BASE), make_context(Role.MINISTRY_PROGRAMMER, BASE)
    networks = {code: make_context(Role.NETWORK_UNI, code) for code in NETWORKS}
    others = [base, ministry, *networks.values()]
    for ctx in others:
        enrol(centre, ctx)
    newest = trust.verify_list(centre_trust.trust_bytes(centre))
    for ctx in others:
        with ctx.store.write(ctx.actor) as tx:
            trusting.adopt_in(ctx, tx, newest)
    assert centre.organisation == NTC_CODE
    return Stand(centre, base, ministry, networks, drive)
