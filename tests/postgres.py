"""A PostgreSQL of the tests' own: in a temporary folder, on a socket only, gone at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# Nothing here has to survive a power cut.
SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=", "shared_buffers=64MB",
            "max_connections=60", "autovacuum=off", "logging_collector=off")  # fmt: skip


def programs() -> Path:
    """Where PostgreSQL's programs lie: Debian keeps them out of the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


@dataclass
class Server:
    """A cluster that runs; `new_database` gives the address of an empty database."""

    folder: Path
    made: list[str] = field(default_factory=list)

    def new_database(self, order: str = "") -> str:
        """The address of a new, empty database; `order` is the language whose order of letters is its own."""
        name = f"mab{len(self.made) + 1}"
        icu = f"LOCALE_PROVIDER icu ICU_LOCALE '{order}'" if order else ""
        self.ask(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {icu}")
        self.made.append(name)
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def ask(self, statement: str, database: str = "postgres") -> str:
        """What psql says to a statement."""
        words = ("psql", "-qAtX", "-h", str(self.folder), "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1",
                 "-c", statement)  # fmt: skip
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    def dump(self, database: str) -> str:
        """All of a database as pg_dump writes it: what whoever copies it gets."""
        words = ("pg_dump", "-h", str(self.folder), "-U", "postgres", database)
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def _as_postgres(*words: str) -> None:
    """Run a program of the server; it refuses to run as root, so root lends it Debian's own account."""
    lent = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups") if not os.geteuid() else ()
    subprocess.run((*lent, *words), check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of a process."""
    with running() as server:
        yield server


@contextmanager
def running() -> Iterator[Server]:
    """A server from here to the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="mab-pg-"))
    if not os.geteuid():
        shutil.chown(folder, "postgres", "postgres")
    data, bin_folder = folder / "data", programs()
    _as_postgres(str(bin_folder / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
    options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={folder}"))
    ctl = str(bin_folder / "pg_ctl")
    try:
        _as_postgres(ctl, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "-t", "30", "start")
        yield Server(folder)
    finally:
        _as_postgres(ctl, "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
