"""Whether a database is whole, to the last page: what the start of every day has no time for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.domain.clock import Clock, SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.services import locks, secrecy, workplace
from mab_desktop.storage import instance
from mab_desktop.storage.place import Place, place_of
from mab_desktop.storage.store import Store


@dataclass(frozen=True)
class Verdict:
    """What was found: `findings` in the words of SQLite and SQLCipher, the first log line that does not hold."""

    megabytes: float
    log_lines: int
    findings: tuple[str, ...]
    broken_log: int | None
    settings: Mapping[str, str]
    place: Place

    @property
    def whole(self) -> bool:
        """True where nothing is wrong."""
        return not self.findings and self.broken_log is None


def check_database(
    database: Path, login: str, password: str, progress: Progress = Silent(), clock: Clock | None = None
) -> Verdict:
    """Read every page, every index, every reference and the whole log; nothing is changed, not even the log.

    WrongPassword; UserError where another program has it open. A damaged database is told in the verdict.
    """
    secrecy.keep_out_of_dumps()
    clock = clock or SystemClock()
    workplace.logins(database)
    with instance.held(database):
        store = Store(database, locks.unlock(database, login, password, clock), clock)
    try:
        progress.stage(N_("Checking every page"), 2)
        findings = _found(store)
        progress.step()
        lines, broken = (0, None) if findings else (store.log_head()[0], store.verify_log())
        progress.step()
        settings = {} if findings else store.pragmas()
    finally:
        store.close()
    size = sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*")) / 1e6
    return Verdict(size, lines, tuple(findings), broken, settings, place_of(database.parent))


def _found(store: Store) -> list[str]:
    try:
        return store.full_check()
    except UserError as error:
        return [str(error)]
