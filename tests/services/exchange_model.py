"""Four workplaces that send, lose, repeat, damage, restore and run twice, beside a model of what must come of it.

The model knows nothing of the program's own rules: it is the table of cases once more, in a few lines.
"""

from __future__ import annotations

import copy
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import canonical
from mab_desktop.exchange.manifest import Manifest, parse
from mab_desktop.services import students, transfer, workplace
from mab_desktop.services.context import Context
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, StreamIn
from mab_desktop.storage.tables.students import Student
from tests.services.land import OPERATOR, PASSWORD, Land, copy_land
from tests.services.people import student

NETWORK, BASE, CENTRE = "nu027", "bu013", "ntc"
ROUTES = {
    "operator-portion": (OPERATOR, "nu027", (NETWORK,)),
    "statistics": (NETWORK, "bu013", (BASE,)),
    "reference": (CENTRE, ("bu013", "nu027"), (BASE, NETWORK, OPERATOR)),
}
Place = tuple[int, int]


@dataclass(frozen=True)
class Sent:
    """A file as it once lay on a drive; `twin` was made by a second copy of its PC."""

    path: Path
    kind: str
    stream: str
    place: Place
    prev: str
    digest: str
    snapshot: bool
    twin: bool
    holds: frozenset[str]

    @property
    def before(self) -> Place:
        """The place before it in its epoch."""
        return (self.place[0], self.place[1] - 1)


@dataclass
class Stream:
    """What a recipient must know of a stream: places taken, the last one, those that wait, whether it is stopped."""

    taken: dict[Place, str] = field(default_factory=dict)
    last: Place = (0, 0)
    waiting: dict[str, Sent] = field(default_factory=dict)
    stopped: bool = False

    def verdict(self, sent: Sent) -> str:
        """The table of cases."""
        if self.taken.get(sent.place) == sent.digest:
            return "same"
        if self.stopped:
            return "frozen"
        if sent.place in self.taken:
            return "fork"
        if not self.taken:
            return "next" if sent.snapshot or sent.place[1] == 1 else "gap"
        if sent.place[0] < self.last[0]:
            return "old"
        if sent.place[0] > self.last[0]:
            return "epoch" if sent.place[1] == 1 else "gap"
        if sent.place < self.last:
            return "replay"
        if sent.before != self.last:
            return "gap"
        return "next" if sent.prev == self.taken[self.last] else "fork"

    def take(self, sent: Sent) -> list[Sent]:
        """Take it and all that waited for it; gives those taken."""
        self.taken[sent.place], self.last = sent.digest, sent.place
        done = [sent]
        self.waiting = {d: s for d, s in self.waiting.items() if s.place > self.last}
        for follower in sorted(self.waiting.values(), key=lambda s: (s.place, s.digest)):
            if follower.before == self.last and not self.stopped:
                if follower.prev == self.taken[self.last]:
                    del self.waiting[follower.digest]
                    return done + self.take(follower)
                self.stopped = True
        return done


CODES = {
    "replay": {"stream-replay"}, "frozen": {"stream-frozen"}, "fork": {"stream-fork"}, "gap": {"stream-gap"},
    "old": {"stream-epoch-older"},
}  # fmt: skip
# A second copy of a PC has a log of its own, which is often what gives it away first.
LOGS = {"log-shorter", "log-forked"}


@dataclass
class Houses(Land):
    """Workplaces that are opened again and again: each time chance goes another way."""

    opened: int = 0

    def ctx(self, name: str) -> Context:
        """A workplace with its first person logged in."""
        if name not in self._open:
            self.opened += 1
            self._open[name] = workplace.log_in(
                self.database(name), "programmer", PASSWORD, clock=self.clock, lang="en",
                entropy=SeededEntropy(f"{self.folder.name}-{name}-{self.opened}"),
            )  # fmt: skip
        return self._open[name]


class Exchange(RuleBasedStateMachine):
    """The real services in real folders."""

    template: Land
    folder: Path
    steps: Counter[str]
    number = 0

    @initialize()
    def begin(self) -> None:
        """A land of its own."""
        Exchange.number += 1
        copied = copy_land(self.template, self.folder / f"land-{Exchange.number}")
        self.land = Houses(copied.folder, copied.fingerprint)
        self.drive = self.land.folder / "drive"
        self.sent: list[Sent] = []
        self.known: dict[str, dict[str, Stream]] = {name: {} for name in (NETWORK, BASE, OPERATOR, CENTRE)}
        self.kept: dict[str, tuple[Path, dict[str, Stream]]] = {
            name: (self.template.database(name).parent, {}) for name in self.known
        }
        self.typed = 100
        self.arrived: set[str] = set()
        self.twins: set[str] = set()

    def teardown(self) -> None:
        """Let go of the databases and the disk."""
        if hasattr(self, "land"):
            self.land.close()
            shutil.rmtree(self.land.folder)

    # --- what people do --------------------------------------------------------------------------------------------

    @rule()
    def type_record(self) -> None:
        """A record more at the operator's PC."""
        self.steps["type"] += 1
        self.typed += 1
        day = 1 + self.typed % 28
        born = student()["birth_date"].replace(day=day, year=1985 + self.typed // 28 % 8)
        students.save(self.land.ctx(OPERATOR), student(self.typed, birth_date=born))

    @rule(kind=st.sampled_from(sorted(ROUTES)))
    def send(self, kind: str) -> None:
        """Export to the drive."""
        self.steps["send"] += 1
        self._export(self.land, kind, twin=False)

    def _export(self, land: Land, kind: str, *, twin: bool) -> None:
        sender, to, _ = ROUTES[kind]
        out = self.drive / f"{len(self.sent):04d}"
        out.mkdir()
        ctx = land.ctx(sender)
        exported = transfer.export(ctx, kind, to if isinstance(to, str) else list(to), out)
        manifest = self._manifest(land, sender, exported.digest)
        with ctx.store.read() as session:
            holds = frozenset(session.scalars(select(Student.id))) if kind == "operator-portion" else frozenset()
        self.sent.append(Sent(exported.paths[0], kind, manifest.stream, (manifest.epoch, manifest.seq), manifest.prev,
                              exported.digest, manifest.content == "snapshot", twin, holds))  # fmt: skip

    @staticmethod
    def _manifest(land: Land, sender: str, digest: str) -> Manifest:
        with land.ctx(sender).store.read() as session:
            return parse(canonical.encode(session.get_one(CarrierOut, digest).manifest))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def bring(self, data: st.DataObject) -> None:
        """Any file that ever was, to any of its recipients, once more or too early."""
        self.steps["bring"] += 1
        sent = data.draw(st.sampled_from(self.sent))
        where = data.draw(st.sampled_from(ROUTES[sent.kind][2]))
        state = self.known[where].setdefault(sent.stream, Stream())
        expected = state.verdict(sent)
        accepted, code = self._try(where, sent.path)
        if accepted is None:
            allowed = CODES.get(expected, set()) | (LOGS if self.twins else set())
            assert code in allowed, (expected, code, sent)
            state.stopped |= code in CODES["fork"]
            if code in CODES["gap"]:
                state.waiting[sent.digest] = sent
            return
        assert expected in ("same", "next", "epoch"), (expected, sent)
        assert accepted.known == (expected == "same")
        if expected != "same":
            took = state.take(sent)
            assert [sent.digest, *(one.digest for one in accepted.followed)] == [one.digest for one in took]
            if where == NETWORK:
                self.arrived.update(*(one.holds for one in took))

    def _try(self, where: str, path: Path) -> tuple[transfer.Accepted | None, str]:
        ctx = self.land.ctx(where)
        try:
            return transfer.accept(ctx, transfer.examine(ctx, path), confirm_new_epoch=True), ""
        except CarrierRefused as error:
            return None, error.code

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def damage(self, data: st.DataObject) -> None:
        """One bit of a file turns on the way."""
        self.steps["damage"] += 1
        sent = data.draw(st.sampled_from(self.sent))
        content = bytearray(sent.path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= 1 << data.draw(st.integers(0, 7))
        spoilt = self.drive / "spoilt.mab"
        spoilt.write_bytes(content)
        try:
            transfer.load(self.land.ctx(ROUTES[sent.kind][2][0]), spoilt)
        except CarrierRefused:
            return
        raise AssertionError(f"a changed bit at {at} of {sent.path.name} was taken")

    @rule(where=st.sampled_from([NETWORK, BASE, OPERATOR, CENTRE]))
    def keep(self, where: str) -> None:
        """A copy of a whole workplace."""
        self.steps["keep"] += 1
        self._close(where)
        target = self.land.folder / f"kept-{where}"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.land.database(where).parent, target)
        self.kept[where] = (target, copy.deepcopy(self.known[where]))

    @rule(where=st.sampled_from([NETWORK, BASE, OPERATOR, CENTRE]))
    def restore(self, where: str) -> None:
        """A workplace goes back to its copy, in a new epoch as the guided restore does."""
        self.steps["restore"] += 1
        target, known = self.kept[where]
        epoch = self._epoch(where) + 1
        self._close(where)
        place = self.land.database(where).parent
        shutil.rmtree(place)
        shutil.copytree(target, place)
        self.known[where] = copy.deepcopy(known)
        ctx = self.land.ctx(where)
        with ctx.store.write(ctx.actor) as tx:
            put_setting(tx, "epoch", {"epoch": epoch})
            tx.note("setting-changed", "epoch")
        if where == NETWORK:
            self.arrived = self._students(NETWORK)

    @rule()
    def run_twice(self) -> None:
        """Somebody goes on working on an old copy of the operator's PC beside the PC itself."""
        self.steps["twin"] += 1
        place = self.land.folder / "twin"
        shutil.rmtree(place, ignore_errors=True)
        (place / "drive").mkdir(parents=True)
        shutil.copytree(self.kept[OPERATOR][0], place / OPERATOR)
        twin = Houses(place, self.land.fingerprint)
        self.twins.add(OPERATOR)
        try:
            self._export(twin, "operator-portion", twin=True)
        finally:
            twin.close()

    # --- what must always hold -------------------------------------------------------------------------------------

    @invariant()
    def streams_agree(self) -> None:
        """Program and model know the same last carrier of each stream and the same carriers taken."""
        if not hasattr(self, "land"):
            return
        for where, streams in self.known.items():
            with self.land.ctx(where).store.read() as session:
                rows = {row.stream: ((row.epoch, row.seq), row.frozen) for row in session.scalars(select(StreamIn))}
                taken = Counter(session.scalars(select(CarrierIn.stream)))
            wanted = {name: (s.last, s.stopped) for name, s in streams.items() if s.taken}
            assert rows == wanted, where
            assert taken == {name: len(s.taken) for name, s in streams.items() if s.taken}, where

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every record of every portion that was taken is there."""
        if hasattr(self, "land"):
            assert self.arrived <= self._students(NETWORK)

    def _students(self, where: str) -> set[str]:
        with self.land.ctx(where).store.read() as session:
            return set(session.scalars(select(Student.id)))

    def _epoch(self, where: str) -> int:
        with self.land.ctx(where).store.read() as session:
            return int(setting(session, "epoch").get("epoch", 1))

    def _close(self, where: str) -> None:
        ctx = self.land._open.pop(where, None)
        if ctx is not None:
            ctx.store.close()


def machine(template: Land, folder: Path) -> type[Exchange]:
    """The machine on copies of `template` below `folder`; `steps` counts what it did."""
    return type("ExchangeHere", (Exchange,), {"template": template, "folder": folder, "steps": Counter()})


