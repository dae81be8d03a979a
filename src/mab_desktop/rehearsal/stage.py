"""The stage of a rehearsal: workplaces in folders, one flash drive, a clock, and what the simulated people remember.

Nothing passes from one workplace to another but a carrier file on the drive's folder (`hand_over`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, timezone
from datetime import time as day_time
from pathlib import Path
from typing import Any

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.progress import Progress
from mab_desktop.domain.reference import default_lines
from mab_desktop.services import accounts, persons, transfer, trusting, workplace
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, pdf_parts

YEAR = 2011
SEASON = Season.of(YEAR, official=False)
ZONE = timezone(timedelta(hours=6))  # Astana in 2011
BASE = "013"
PASSWORD = "rehearsal {name} 2011"
STATE = "season.json"


@dataclass(frozen=True)
class Plan:
    """How big the season is."""

    seed: str
    students: int
    universities: int
    shifts: int
    base: str = BASE
    centre_address: str = ""  # of the server with the centre's tables, "" for a file

    @property
    def networks(self) -> list[str]:
        """Codes of the network universities; the base university is one of them."""
        known = [line.code for line in default_lines() if line.list == "university" and line.code != self.base]
        return [self.base, *known[20 : 20 + self.universities - 1]]


@dataclass
class Stage:
    """A season being played in the folder `out`; `memory` is what the people know and goes from day to day."""

    out: Path
    plan: Plan
    lang: str
    progress: Progress
    clock: SetClock
    memory: dict[str, Any]
    seconds: dict[str, float] = field(default_factory=dict)
    occasion: str = "start"
    _open: dict[str, Context] = field(default_factory=dict)
    _signers: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def drive(self) -> Path:
        """The folder that stands for the flash drive."""
        return self.out / "drive"

    def at(self, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        """Let the time go on to a moment of the season."""
        self.clock.set(datetime.combine(date(YEAR, month, day), day_time(hour, minute), ZONE))

    def on(self, day: date, hour: int, minute: int = 0) -> None:
        """Let the time go on to an hour of a day."""
        self.clock.set(datetime.combine(day, day_time(hour, minute), ZONE))

    def database(self, name: str) -> Path:
        """The database file of a workplace."""
        return self.out / "workplaces" / name / "mab.db"

    def create(
        self, name: str, role: Role, university: str, login: str, person: str, person_role: str, device: str = ""
    ) -> Context:
        """Make a workplace from the centre's file and the fingerprint on paper."""
        start = workplace.Start(role, university, SEASON, login, person, person_role, device)
        centre_file = None if role is Role.NTC else self.drive / self.memory["centre_file"]
        ctx = workplace.create(
            self.database(name), start, self.password(name), centre_file=centre_file,
            groups=self.memory.get("fingerprint", ""), clock=self.clock, entropy=self._entropy(name),
            lang=self.lang, address=self.plan.centre_address if role is Role.NTC else "",
        )  # fmt: skip
        self.memory["workplaces"][name] = {"login": login, "role": role.value, "university": university}
        self._open[name] = ctx
        return ctx

    def password(self, name: str) -> str:
        """The password of everybody at a workplace."""
        return PASSWORD.format(name=name)

    def ctx(self, name: str, login: str = "") -> Context:
        """The workplace with its own person logged in, or with another one (`login`)."""
        known = self.memory["workplaces"][name]
        place = f"{name}|{login}" if login else name
        if place not in self._open:
            self._open[place] = workplace.log_in(
                self.database(name), login or known["login"], self.password(name), clock=self.clock,
                entropy=self._entropy(place), lang=self.lang,
            )  # fmt: skip
        return self._open[place]

    def make_signer(self, name: str, login: str, person: str = "") -> None:
        """Give somebody who signs at a workplace his own key under his own password."""
        persons.make_person_key(self.ctx(name), login, self.password(f"{login} {name}"), person)
        self.memory.setdefault("signers", {}).setdefault(name, []).append(login)

    def signers(self, name: str) -> list[Any]:
        """The keys of the two people who sign at a workplace; they type their passwords once in a sitting."""
        if name not in self._signers:
            given = {login: self.password(f"{login} {name}") for login in self.memory["signers"][name]}
            self._signers[name] = persons.signing_keys(self.ctx(name), given, listed=name != "ntc")
        return self._signers[name]

    def keep_roots(self, files: Sequence[Any]) -> None:
        """Give each holder of a root key his drive and his sheet."""
        for file in files:
            drive = self.out / "holders" / str(file.header.holder)
            drive.mkdir(parents=True, exist_ok=True)
            (drive / file.file_name).write_bytes(file.data)
            self.memory.setdefault("root_passwords", {})[str(file.header.holder)] = file.password

    def add_person(self, name: str, login: str, person: str, person_role: str) -> None:
        """Let another person log in at a workplace."""
        accounts.add_person(self.ctx(name), login, person, person_role, self.password(name))

    def begin(self, occasion: str) -> None:
        """From here on chance follows from the seed and `occasion`, in whichever process it is played."""
        self.occasion = occasion
        for place, ctx in self._open.items():
            assert isinstance(ctx.entropy, SeededEntropy)
            ctx.entropy.restart(self._chance(place))

    def _entropy(self, place: str) -> SeededEntropy:
        return SeededEntropy(self._chance(place))

    def _chance(self, place: str) -> str:
        return f"{self.plan.seed}|{place}|{self.occasion}"

    def hand_over(
        self, sender: str, kind: str, recipients: str | Sequence[str], loaders: Sequence[str] | None = None,
        **more: Any,
    ) -> list[transfer.Accepted]:  # fmt: skip
        """Export at `sender`'s, carry the drive, load at the recipients' workplaces (by default those so named)."""
        self.progress.step()
        exported = transfer.export(self.ctx(sender), kind, recipients, self.drive, **more)
        names = loaders if loaders is not None else exported.recipient.split(",")
        return [transfer.load(self.ctx(name), list(exported.paths)) for name in names]

    def keep(self, folder: str, *documents: Document) -> None:
        """Put printed documents on their pile."""
        pile = self.out / "prints" / folder
        pile.mkdir(parents=True, exist_ok=True)
        for document in documents:
            write_pdf(pile / document.file_name, document)

    def enrol(self, name: str) -> None:
        """Have a new workplace and its signers let in: request on the drive, check groups by telephone."""
        from mab_desktop.services import centre_trust

        self.hand_over(name, "enrolment", "ntc")
        ctx = self.ctx(name)
        with ctx.store.read() as session:
            groups = trusting.my_fingerprint(session)
        centre_trust.confirm(self.ctx("ntc"), ctx.actor.device, groups)
        for line in persons.persons(ctx):
            centre_trust.confirm(self.ctx("ntc"), line.person, line.fingerprint)

    @contextmanager
    def counting(self, what: str) -> Iterator[None]:
        """Count the processor time spent inside under `what`."""
        start = time.process_time()
        inner = sum(self.seconds.values())
        try:
            yield
        finally:
            nested = sum(self.seconds.values()) - inner
            self.seconds[what] = self.seconds.get(what, 0.0) + time.process_time() - start - nested

    def save(self) -> None:
        """Write down what the people know, so that another process can go on."""
        state = {"plan": asdict(self.plan), "moment": self.clock.moment.isoformat(), "memory": self.memory,
                 "seconds": self.seconds}  # fmt: skip
        path = self.out / STATE
        fresh = path.with_suffix(".tmp")
        fresh.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.replace(path)

    def close(self) -> None:
        """Let go of every database."""
        for ctx in self._open.values():
            ctx.store.close()
        self._open.clear()
        self._signers.clear()


def write_pdf(path: Path, document: Document) -> None:
    """Put a printed document into a file, as large as it is."""
    with path.open("wb") as file:
        file.writelines(pdf_parts(document.pdf))


def new_stage(out: Path, plan: Plan, lang: str, progress: Progress) -> Stage:
    """An empty stage on the first of February."""
    for name in ("drive", "prints", "truth", "workplaces"):
        (out / name).mkdir(parents=True, exist_ok=True)
    clock = SetClock(datetime(YEAR, 2, 1, 9, tzinfo=ZONE))
    return Stage(out, plan, lang, progress, clock, {"workplaces": {}})


def open_stage(out: Path, lang: str, progress: Progress) -> Stage:
    """The stage as an earlier process left it; FileNotFoundError where none was prepared, KeyError, TypeError or
    ValueError where what lies there tells of none."""
    state = json.loads((out / STATE).read_text(encoding="utf-8"))
    clock = SetClock(datetime.fromisoformat(state["moment"]))
    return Stage(out, Plan(**state["plan"]), lang, progress, clock, state["memory"], state["seconds"])
