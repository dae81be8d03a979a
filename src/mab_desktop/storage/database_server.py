"""The centre's database on a PostgreSQL server: the same tables, the same guards, many millions of rows.

Where a database lies on a server, the file `mab.server` stands in the centre's folder in the place of `mab.db` and says
its address: never a password, which PGPASSFILE, a service file or the socket's peer gives. Everything lies in a schema
of its own. A writer holds one lock of the server for its transaction, as BEGIN IMMEDIATE does for a file; a reader sees
one snapshot and cannot write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import EXIT_SYSTEM, EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.storage import instance
from mab_desktop.storage.tables.secret import seal_with
from mab_desktop.storage.watch import ServerWatch, Watch
from mab_desktop.storage.words import plain_errors

SUFFIX, SCHEMA, DRIVER = ".server", "mab", "postgresql+psycopg"
LEAST_VERSION = 13  # pg_current_xact_id() came with it
_LOCKS = 0x4D414231  # "MAB1": our advisory locks; 1 the program that has it open, 2 who writes
_OPEN, _WRITING = 1, 2
_BUSY_MS = 5000
_LOCAL_HOSTS = ("", "localhost", "127.0.0.1", "::1")

_guard = threading.Lock()
_held: dict[str, tuple[Any, int]] = {}  # address -> connection that holds the lock of the server, how often open here


def server_file(path: Path) -> Path:
    """Where the address stands."""
    return path.with_suffix(SUFFIX)


def is_made(path: Path) -> bool:
    """True where there is a database at `path`, in a file or on a server."""
    return path.exists() or server_file(path).exists()


def address_of(path: Path) -> str:
    """The address of a database on a server, "" for one in a file."""
    file = server_file(path)
    return file.read_text(encoding="utf-8").strip() if not path.exists() and file.exists() else ""


def checked_address(text: str) -> str:
    """The address as it may be written down; UserError for another kind of database, or one with a password in it."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise _wrong_address() from error
    if url.drivername not in (DRIVER, "postgresql") or not url.database:
        raise _wrong_address()
    if url.password is not None or "password" in url.query:
        raise UserError(
            N_("The address of the server must not hold a password."),
            next_step=N_("Put the password into the file that PGPASSFILE names, or let the socket's peer say who you "
                         "are."), exit_code=EXIT_USAGE,
        )  # fmt: skip
    return url.set(drivername=DRIVER).render_as_string(hide_password=False)


class ServerDatabase:
    """A schema of a PostgreSQL database and its engine."""

    on_server = True

    def __init__(self, path: Path, address: str, key: bytes) -> None:
        instance.acquire(path)
        self._path, self._address = path, address
        try:
            self.engine = engine_of(address)
            seal_with(self.engine, key)
            _hold(address, self.engine)
        except BaseException:
            instance.release(path)
            raise

    def watch(self, session: Session, _may_commit: Callable[[Watch], bool]) -> Watch:
        """What changes in the transaction of `session` from now on; the server itself refuses a bare commit."""
        session.connection()
        return ServerWatch(session)

    def quick_check(self, session: Session) -> None:
        """Refuse a server that is too old, or keeps other letters."""
        ask = session.connection().exec_driver_sql
        version = int(ask("SHOW server_version_num").scalar_one()) // 10000
        if version < LEAST_VERSION:
            raise UserError(N_("The server is PostgreSQL {version}; {least} or newer is needed. Nothing was changed."),
                            exit_code=EXIT_SYSTEM, version=version, least=LEAST_VERSION)  # fmt: skip
        if ask("SHOW server_encoding").scalar_one() != "UTF8":
            raise UserError(N_("The database of the server must keep its texts in UTF-8. Nothing was changed."),
                            exit_code=EXIT_SYSTEM)  # fmt: skip

    def full_check(self, session: Session) -> list[str]:
        """Constraints that the server does not hold; pages and indexes are checked by pg_amcheck there."""
        rows = session.connection().exec_driver_sql(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace "
            "WHERE nspname = current_schema() AND NOT convalidated"
        )
        return [f"{row[0]}: {row[1]} is not valid" for row in rows]

    def settings(self, session: Session) -> dict[str, str]:
        """How the server is set, as it says itself."""
        ask = session.connection().exec_driver_sql
        names = ("server_version", "server_encoding", "fsync", "synchronous_commit", "full_page_writes",
                 "data_checksums", "ssl", "wal_level", "archive_mode")  # fmt: skip
        return {name: str(ask(f"SHOW {name}").scalar()) for name in names}

    def settle(self) -> None:
        """Nothing lies beside the database: the server keeps it whole."""

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def release(self) -> None:
        """Let another program open it."""
        _let_go(self._address)
        instance.release(self._path)


def engine_of(address: str) -> Engine:
    """An engine for `address`; UserError where the driver is not installed."""
    url = make_url(address)
    try:
        engine = create_engine(
            url, hide_parameters=True, pool_size=4, max_overflow=8, pool_pre_ping=True, connect_args=_arguments(url)
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise UserError(
            N_("The driver of PostgreSQL is not installed on this computer. Nothing was changed."),
            next_step=N_("Install the package psycopg, then do it again."), exit_code=EXIT_SYSTEM,
        ) from error  # fmt: skip
    event.listen(engine, "begin", _begin)
    return engine


def make_schema(address: str) -> None:
    """Room for a new centre; UserError where one stands there."""
    engine = engine_of(address)
    try:
        with plain_errors(), engine.execution_options(mab_write=True).begin() as connection:
            ask = connection.exec_driver_sql
            if ask("SELECT to_regnamespace(%(name)s)", {"name": SCHEMA}).scalar():
                raise UserError(N_("There is a database already. Nothing was changed."), next_step=N_("Log in to it."))
            ask(f"CREATE SCHEMA {SCHEMA}")
    finally:
        engine.dispose()


def drop_schema(address: str) -> None:
    """Take away what a first start that failed has made."""
    engine = engine_of(address)
    with plain_errors(), engine.execution_options(mab_write=True).begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    engine.dispose()


def _arguments(url: URL) -> dict[str, Any]:
    """How a connection is made: our schema first, and over a network only with a server that proves its name."""
    host = str(url.query.get("host", "") or url.host or "")
    arguments: dict[str, Any] = {
        "options": f"-c search_path={SCHEMA} -c TimeZone=UTC -c default_transaction_isolation=read\\ committed",
        "application_name": "mab ntc", "connect_timeout": 10,
    }  # fmt: skip
    if not host.startswith("/") and host not in _LOCAL_HOSTS and "sslmode" not in url.query:
        arguments |= {"sslmode": "verify-full"}
        if "sslrootcert" not in url.query:
            arguments |= {"sslrootcert": "system"}
    return arguments


def _begin(connection: Any) -> None:
    if not connection.get_execution_options().get("mab_write", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return
    # Each statement sees what was committed before it; nobody else commits while we hold the lock.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_BUSY_MS}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCKS}, {_WRITING})")


def _hold(address: str, engine: Engine) -> None:
    """The lock of the server for this process: another one, on whichever computer, is refused."""
    with _guard:
        connection, count = _held.get(address, (None, 0))
        if connection is None:
            with plain_errors():
                connection = engine.connect()
                connection.detach()  # not the pool's any more: it stays open as long as the program
                free = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCKS}, {_OPEN})").scalar_one()
                connection.rollback()
            if not free:
                connection.close()
                engine.dispose()
                raise UserError(
                    N_("The database {name} is open in another window or by another program. Nothing was changed."),
                    next_step=N_("Go on working there, or close it and open the database again."),
                    exit_code=EXIT_SYSTEM, name=make_url(address).database or "",
                )  # fmt: skip
        _held[address] = (connection, count + 1)


def _let_go(address: str) -> None:
    with _guard:
        connection, count = _held.get(address, (None, 0))
        if count > 1:
            _held[address] = (connection, count - 1)
        elif connection is not None:
            del _held[address]
            connection.close()


def _wrong_address() -> UserError:
    return UserError(
        N_("The address of a database server is written postgresql+psycopg://PERSON@HOST/DATABASE."),
        exit_code=EXIT_USAGE,
    )
