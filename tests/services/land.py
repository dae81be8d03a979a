"""Real workplaces in folders, made once by their first start and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.services import centre_trust, students, transfer, trusting, workplace
from mab_desktop.services.context import Context
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage.tables.core import AuditEntry, CarrierIn, CarrierOut, StreamIn
from mab_desktop.storage.tables.students import Student
from tests.cheap_guesses import CHEAP
from tests.conftest import TIES
from tests.services.authority import issue, make_authority
from tests.services.people import student

SEASON = Season(2011, "2011", official=False)
PASSWORD = "ұзын құпия сөз"
OPERATOR = "nu027-op1"
PLACES = {
    "nu027": (Role.NETWORK_UNI, "027", ""),
    OPERATOR: (Role.NETWORK_UNI, "027", "op1"),
    "nu041": (Role.NETWORK_UNI, "041", ""),
    "bu013": (Role.BASE_UNI, "013", ""),
    "mp013": (Role.MINISTRY_PROGRAMMER, "013", ""),
}


def the_clock() -> SetClock:
    """The tenth of March, nine o'clock."""
    return SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC))


@dataclass
class Land:
    """The workplaces under `folder`, and a folder that stands for the drive."""

    folder: Path
    fingerprint: str
    clock: SetClock = field(default_factory=the_clock)
    _open: dict[str, Context] = field(default_factory=dict)

    @property
    def drive(self) -> Path:
        """The drive's folder."""
        return self.folder / "drive"

    @property
    def trust_file(self) -> Path:
        """The centre's first file, a trust list."""
        return self.folder / "trust.json"

    def database(self, name: str) -> Path:
        """A workplace's database."""
        return self.folder / name / "mab.db"

    def ctx(self, name: str) -> Context:
        """A workplace with its first person logged in."""
        if name not in self._open:
            self._open[name] = workplace.log_in(
                self.database(name), "programmer", PASSWORD, clock=self.clock, entropy=SeededEntropy(name), lang="en"
            )
        return self._open[name]

    def start(self, where: str, /, **changes: Any) -> Context:
        """Make one more workplace by its first start; `changes` replace what is typed there."""
        role, university, device = PLACES[where]
        given: dict[str, Any] = {"centre_file": self.trust_file, "groups": self.fingerprint, "params": CHEAP,
                                 "database": self.database(where), "password": PASSWORD, "season": SEASON,
                                 "role": role, "university": university, "device": device, "login": "programmer",
                                 "name": "Асан Үсенұлы", "person_role": "operator" if device else "programmer",
                                 **changes}  # fmt: skip
        device = given["device"]
        names = ("role", "university", "season", "login", "name", "person_role", "device")
        start = workplace.Start(**{field: given.pop(field) for field in names})
        return workplace.create(given.pop("database"), start, given.pop("password"), clock=self.clock,
                                entropy=SeededEntropy(f"made-{where}-{device}"), lang="en", **given)  # fmt: skip

    def close(self) -> None:
        """Let go of every database."""
        for ctx in self._open.values():
            ctx.store.close()
        self._open.clear()


def make_land(folder: Path) -> Land:
    """A centre, two network universities, an operator's PC with two students, a base university, its ministry PC."""
    (folder / "drive").mkdir(parents=True)
    land = Land(folder, "")
    start = workplace.Start(Role.NTC, "", SEASON, "programmer", "Тіркеуші")
    centre = workplace.create(land.database("ntc"), start, PASSWORD, clock=land.clock, entropy=SeededEntropy("ntc"),
                              lang="en", params=CHEAP)  # fmt: skip
    with centre.store.write(centre.actor) as tx:
        load_default_reference(tx, TIES)
    land.fingerprint = make_authority(centre)
    land.trust_file.write_bytes(centre_trust.trust_bytes(centre))
    made = [land.start(name) for name in PLACES]
    publics = []
    for ctx in made:
        with ctx.store.read() as session:
            publics.append(trusting.device_keys(session).public)
    centre_trust.enrol_all(centre, publics)
    land.trust_file.write_bytes(issue(centre))
    for ctx in made:
        trusting.adopt_from(ctx, land.trust_file)
        with ctx.store.write(ctx.actor) as tx:
            load_default_reference(tx, TIES)
    for ctx, numbers in ((made[0], (1, 2)), (made[1], (3, 4))):
        for number in numbers:
            students.save(ctx, student(number, birth_date=student(number)["birth_date"].replace(day=number)))
    for ctx in (centre, *made):
        ctx.store.close()
    return land


@cache
def land_of(base: Path) -> Land:
    """The land that every test of a run copies, made once below `base`; never opened by a test."""
    return make_land(base / "land-template")


def copy_land(land: Land, folder: Path) -> Land:
    """The same workplaces once more, to be changed by one test."""
    shutil.copytree(land.folder, folder)
    return Land(folder, land.fingerprint)


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The block is refused with this code, and it can be said in all three languages."""
    with pytest.raises(CarrierRefused) as caught:
        yield
    assert caught.value.code == code
    assert all("{" not in caught.value.message(lang) for lang in ("kk", "ru", "en"))


@dataclass(frozen=True)
class Facts:
    """All that an import may change."""

    log: int
    streams: tuple[tuple[Any, ...], ...]
    loaded: int
    students: int


def facts(ctx: Context) -> Facts:
    """What stands in a workplace now."""
    with ctx.store.read() as session:
        streams = select(StreamIn.stream, StreamIn.epoch, StreamIn.seq, StreamIn.frozen).order_by(StreamIn.stream)
        return Facts(
            session.scalar(select(func.count()).select_from(AuditEntry)) or 0,
            tuple(tuple(row) for row in session.execute(streams)),
            session.scalar(select(func.count()).select_from(CarrierIn)) or 0,
            session.scalar(select(func.count()).select_from(Student)) or 0,
        )


def events(ctx: Context, after: int = 0) -> list[str]:
    """Kinds of the log's entries after number `after`."""
    with ctx.store.read() as session:
        return list(session.scalars(select(AuditEntry.event).where(AuditEntry.n > after).order_by(AuditEntry.n)))


def sent(ctx: Context) -> list[tuple[str, int, str]]:
    """Kind, number and state of all that was made here."""
    with ctx.store.read() as session:
        rows = session.scalars(select(CarrierOut).order_by(CarrierOut.kind, CarrierOut.epoch, CarrierOut.seq))
        return [(row.kind, row.seq, row.state) for row in rows]


def portion(land: Land) -> transfer.Exported:
    """The operator's next portion on the drive: a kind that adds to what came before."""
    return transfer.export(land.ctx(OPERATOR), "operator-portion", "nu027", land.drive)


def statistics(land: Land) -> transfer.Exported:
    """The network university's next statistics on the drive: a kind that replaces what came before."""
    return transfer.export(land.ctx("nu027"), "statistics", "bu013", land.drive)
