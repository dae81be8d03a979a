"""Runs of a scenario in a process of its own, forked from a prepared one, so that thousands take minutes.

The child tells what was acknowledged through a pipe, where it is safe the moment that it is told.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import UserError
from tests.faults import exam_work, hall_work, season_work, students_work
from tests.faults.clear import use_temporary_folder
from tests.faults.scenario import Say, Scenario
from tests.services.land import Land, make_land

if TYPE_CHECKING:
    from tests.faults.syscalls import Operation

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        *students_work.SCENARIOS, *exam_work.SCENARIOS, *hall_work.SCENARIOS, *season_work.SCENARIOS,
    )
}
REFUSED, BUG = "! refused: ", "! bug: "


@dataclass(frozen=True)
class Ended:
    """How a child ended: what it acknowledged, the plain refusals and the bug it met, the signal that killed it."""

    said: tuple[str, ...]
    refused: tuple[str, ...] = ()
    bug: str = ""
    killed: int = 0


class Templates:
    """Prepared folders by scenario, each made once; a run gets a copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._land: Land | None = None
        self._made: dict[str, Path] = {}
        self.operations: dict[str, Sequence[Operation]] = {}  # of an undisturbed run

    def copy(self, scenario: Scenario, to: Path) -> Path:
        """A fresh copy of what a scenario needs, in `to`."""
        shutil.rmtree(to, ignore_errors=True)
        made = self._prepared(scenario)
        for name in scenario.needs:
            found = made / name
            shutil.copytree(found, to / name) if found.is_dir() else _copy_file(found, to / name)
        return to

    def _prepared(self, scenario: Scenario) -> Path:
        if scenario.name in self._made:
            return self._made[scenario.name]
        if self._land is None:
            self._land = make_land(self.folder / "land")
            (self._land.folder / "fingerprint").write_text(self._land.fingerprint, "utf-8")
        before = self._prepared(SCENARIOS[scenario.builds_on]) if scenario.builds_on else self._land.folder
        made = self.folder / scenario.name
        shutil.copytree(before, made)
        land = Land(made, self._land.fingerprint)
        scenario.prepare(land)
        land.close()
        self._made[scenario.name] = made
        return made


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


class Child:
    """A forked process that does a job and can be stopped; `before` runs in it first."""

    def __init__(self, job: Callable[[Say], None], before: Callable[[], None] = lambda: None) -> None:
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns where other threads run
            self.pid = os.fork()
        if not self.pid:
            os.close(reader)
            _live(job, before, writer)
        os.close(writer)
        self.reader, self._heard, self._lines = reader, b"", 0

    def wait(self, seconds: float | None = None) -> bool:
        """Listen until the child has ended, at most `seconds`; True when it has."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self.reader], [], [], left)[0]:
                return False
            got = os.read(self.reader, 1 << 16)
            if not got:
                return True
            self._heard += got

    def line(self) -> str:
        """Listen until it has said one more line; "" where it ended without a word."""
        while self._heard.count(b"\n") <= self._lines:
            got = os.read(self.reader, 1 << 16)
            if not got:
                return ""
            self._heard += got
        self._lines += 1
        return self._heard.split(b"\n")[self._lines - 1].decode("utf-8")

    def told(self, *, cut: str = "", forget: bool = False) -> str:
        """What was heard so far; `cut` is taken off its end, or all is forgotten."""
        text = self._heard.decode("utf-8", "replace")
        self._heard = b"" if forget else text.removesuffix(cut).encode()
        return text

    def kill(self) -> None:
        """End it as the power of the system does: at once, and nothing runs in it any more."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> Ended:
        """Collect it, with all that it told."""
        self.wait()
        os.close(self.reader)
        status = os.waitpid(self.pid, 0)[1]
        return read_ended(self._heard.decode("utf-8"), status)


def _live(job: Callable[[Say], None], before: Callable[[], None], writer: int) -> None:
    """The child's life; never returns, and touches nothing that it has from its parent."""
    gc.freeze()

    def say(line: str) -> None:
        os.write(writer, f"{line.replace(chr(10), chr(13))}\n".encode())

    try:
        before()
        job(say)
    except BaseException:  # noqa: BLE001 (told to the parent, which fails)
        say(BUG + traceback.format_exc())
    finally:
        os._exit(0)


def read_ended(text: str, status: int) -> Ended:
    """How a child ended, by what it told."""
    lines = text.split("\n")[:-1]  # a line that was cut was never told
    bugs = [line.removeprefix(BUG).replace("\r", "\n") for line in lines if line.startswith(BUG)]
    refused = tuple(line.removeprefix(REFUSED) for line in lines if line.startswith(REFUSED))
    said = tuple(line for line in lines if not line.startswith("! "))
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return Ended(said, refused, "\n".join(bugs), killed)


def acting(scenario: Scenario, folder: Path, again: Callable[[], None] | None = None) -> Callable[[Say], None]:
    """The scenario as a child's job. A refusal is told in three languages; `again` is then called and it is retried."""

    def job(say: Say) -> None:
        use_temporary_folder(folder)
        try:
            scenario.act(folder, say)
        except UserError as error:
            say(REFUSED + in_words(error))
            if again is not None:
                again()
                scenario.act(folder, say)

    return job


def in_words(error: UserError) -> str:
    """What a person is told; wrong where a language leaves a placeholder open."""
    texts = [error.message(lang) for lang in ("kk", "ru", "en")]
    assert all(text and "{" not in text for text in texts), texts
    return texts[2]


def checked(
    scenario: Scenario, folder: Path, said: Sequence[str], *, to_the_end: bool = False,
    before: Callable[[], None] = lambda: None,
) -> str:  # fmt: skip
    """What is wrong with the workplaces after a run, "" for nothing.

    `to_the_end` then finishes the work and looks again. `before` is done first in the process that looks.
    """

    def job(say: Say) -> None:
        scenario.check(folder, said)
        if to_the_end:
            more: list[str] = []
            scenario.act(folder, more.append)
            scenario.check(folder, [*said, *more])

    return Child(job, before).end().bug


def warm_up(templates: Templates, scenario: Scenario, folder: Path) -> tuple[float, tuple[str, ...]]:
    """One undisturbed run in this process, so that its forks start warm, and one in a child: its seconds, its words."""
    scenario.act(templates.copy(scenario, folder), lambda _: None)
    in_words(UserError("warm"))  # the catalogs are read
    templates.copy(scenario, folder)
    began = time.perf_counter()
    ended = Child(acting(scenario, folder)).end()
    seconds = time.perf_counter() - began
    wrong = ended.bug or "".join(ended.refused) or checked(scenario, folder, ended.said, to_the_end=True)
    if wrong or not ended.said:
        raise AssertionError(f"{scenario.name} fails undisturbed: {wrong}")
    return seconds, ended.said


def chosen(names: Iterable[str]) -> list[Scenario]:
    """Scenarios by name; all for "all"."""
    wanted = list(names)
    return list(SCENARIOS.values()) if wanted == ["all"] else [SCENARIOS[name] for name in wanted]
