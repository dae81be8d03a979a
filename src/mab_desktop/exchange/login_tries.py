"""Wrong passwords of a database: counted in a file beside it before a try is answered, so that no restart helps.

Five tries are free, then each wrong one doubles the wait, up to a quarter of an hour; nobody is shut out for good, or a
prank could stop an exam. Waits go by the seconds that the computer has been running, so that no clock that is wrong or
put right shortens or lengthens them; after a restart they are reckoned from the start. The file holds until it is
logged what the log cannot: who is refused has no database to write in. It guards the keyboard, not the disk: against a
copied file only the cost of the key ring's wraps stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec

from mab_desktop.domain.clock import Clock, gone_by
from mab_desktop.domain.errors import CarrierRefused, WrongPassword
from mab_desktop.exchange import canonical, durable
from mab_desktop.exchange.manifest import Frozen
from mab_desktop.i18n import N_

FREE, FIRST_WAIT, LONGEST_WAIT = 5, 15, 900
LIMIT = 1 << 20
UNKNOWN = ""  # one count for all names that nobody bears here


class MustWait(WrongPassword):
    """A try that came too early; it was not looked at."""


class _Count(Frozen, frozen=True):
    login: str
    wrong: int
    last: str
    refused: int
    first: str
    ticks: int = 0  # milliseconds since the computer was started, at the last try; 0 in a file of an older version


class _Counts(Frozen, frozen=True):
    format: Literal["mab-tries-1"]
    counts: tuple[_Count, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Wrong tries that no log knows of yet: whose, how many, when the first and the last."""

    login: str
    tries: int
    first: str
    last: str


def seconds_after(wrong: int) -> int:
    """How long the next try must wait after `wrong` wrong ones."""
    return 0 if wrong < FREE else min(FIRST_WAIT << min(wrong - FREE, 16), LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class LoginTries:
    """The file at `path`. A missing or spoilt one counts as empty: whoever can spoil it could as well delete it."""

    path: Path

    def begin(self, login: str, clock: Clock) -> None:
        """Count a try as wrong and bring that to the disk; MustWait where it comes too early."""
        now, ticks = clock.now(), int(1000 * clock.ticks())
        counts = self._load()
        before = counts.get(login, _Count(login=login, wrong=0, last="", refused=0, first=""))
        left = 1000 * seconds_after(before.wrong) - gone_by(before.ticks, ticks)
        if left > 0:
            raise MustWait(
                N_("After {n} wrong tries the next one is possible at {time}."),
                next_step=N_("Nothing was opened."), n=before.wrong,
                time=(now + timedelta(milliseconds=left)).strftime("%H:%M:%S"),
            )  # fmt: skip
        at = now.isoformat(timespec="seconds")
        more = msgspec.structs.replace(
            before, wrong=before.wrong + 1, last=at, refused=before.refused + 1, first=before.first or at, ticks=ticks
        )
        self._save({**counts, login: more})

    def passed(self, login: str) -> None:
        """The try that began last was right: it counts no longer, nor do the wrong ones before it."""
        counts = self._load()
        if (count := counts.get(login)) is not None:
            refused = max(count.refused - 1, 0)
            first = count.first if refused else ""
            self._save({**counts, login: msgspec.structs.replace(count, wrong=0, refused=refused, first=first)})

    def forgive(self, login: str) -> None:
        """A new password begins without the tries at the one before."""
        counts = self._load()
        if (count := counts.get(login)) is not None:
            self._save({**counts, login: msgspec.structs.replace(count, wrong=0)})

    def refusals(self) -> tuple[Refusal, ...]:
        """What is to be logged."""
        return tuple(
            Refusal(count.login, count.refused, count.first, count.last)
            for count in self._load().values() if count.refused
        )  # fmt: skip

    def logged(self) -> None:
        """The refusals stand in the log now; the waits stay."""
        counts = self._load()
        if counts:
            self._save({k: msgspec.structs.replace(count, refused=0, first="") for k, count in counts.items()})

    def _load(self) -> dict[str, _Count]:
        try:
            data = self.path.read_bytes()[: LIMIT + 1]
            found = msgspec.convert(canonical.decode(data, N_("sealed envelope")), _Counts, strict=True)
        except (ValueError, CarrierRefused, FileNotFoundError):
            return {}
        return {count.login: count for count in found.counts}

    def _save(self, counts: dict[str, _Count]) -> None:
        kept = tuple(count for _, count in sorted(counts.items()) if count.wrong or count.refused)
        if not kept:
            self.path.unlink(missing_ok=True)
            return
        content = _Counts(format="mab-tries-1", counts=kept)
        durable.write_file(self.path, canonical.encode(msgspec.to_builtins(content)))
