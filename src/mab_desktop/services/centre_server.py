"""The centre's tables from its file to a PostgreSQL server, and back (both hold the same tables and guards).

The log comes along whole and goes on. What lies beside the database stays in the folder: locks, images, acts that last.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from mab_desktop.domain.errors import EXIT_SYSTEM, OutOfOrder, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import durable
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require
from mab_desktop.storage import database_server, migrate, move
from mab_desktop.storage.store import Store

MOVED = ".moved"


@dataclass(frozen=True)
class Where:
    """Where the tables lie: "" for the file, else the address; the head of the log; how the database is set."""

    address: str
    log_n: int
    log_head: str
    settings: Mapping[str, str]


def where(ctx: Context) -> Where:
    """Where the centre's tables lie, and how that database says it is set."""
    require(ctx, Role.NTC)
    return Where(database_server.address_of(ctx.store.path), *ctx.store.log_head(), ctx.store.pragmas())


def check(ctx: Context) -> list[str]:
    """What does not fit: the chain of the log, and what the database itself finds wrong."""
    require(ctx, Role.NTC)
    broken = ctx.store.verify_log()
    return [*([f"log: {broken}"] if broken is not None else []), *ctx.store.full_check()]


def to_server(ctx: Context, address: str, progress: Progress = Silent()) -> None:
    """Copy every table to an empty database of a server and work there from now on.

    All or nothing: whatever fails, the file stays in force and no room is left on the server. The file is kept beside
    it under another name. The caller's context ends with this.
    """
    require(ctx, Role.NTC)
    if ctx.store.on_server:
        raise OutOfOrder(N_("The tables of this centre lie on a server already. Nothing was changed."))
    address = database_server.checked_address(address)
    path = ctx.store.path
    database_server.make_schema(address)
    try:
        engine = database_server.engine_of(address)
        move.to_server(ctx.store, engine, progress)
        engine.dispose()
        durable.write_file(database_server.server_file(path), address.encode())
    except BaseException:
        database_server.drop_schema(address)
        database_server.server_file(path).unlink(missing_ok=True)
        raise
    ctx.store.settle()
    ctx.store.close()
    durable.move(path, path.with_suffix(MOVED), replace=True)  # from here on the address counts
    _note(ctx, make_url(address).database or "")


def to_file(ctx: Context, progress: Progress = Silent()) -> None:
    """Copy every table into an encrypted file in the centre's folder and work there from now on."""
    require(ctx, Role.NTC)
    if not ctx.store.on_server:
        raise OutOfOrder(N_("The tables of this centre lie in its file already. Nothing was changed."))
    path = ctx.store.path
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        move.to_file(ctx.store, part, progress)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    ctx.store.close()
    durable.move(part, path)  # from here on the file counts
    server = database_server.server_file(path)
    durable.move(server, server.with_suffix(server.suffix + MOVED), replace=True)
    _note(ctx, path.name)


def _note(ctx: Context, to: str) -> None:
    """Open the tables at their new place, see that the log is whole there, and write down that they moved."""
    store = Store(ctx.store.path, ctx.store.key, ctx.clock)
    try:
        if migrate.current(store.engine) != migrate.head() or store.verify_log() is not None:
            raise UserError(N_("The tables did not come whole to {name}."), exit_code=EXIT_SYSTEM, name=to)
        with store.write(ctx.actor) as tx:
            tx.note("database-moved", to)
    finally:
        store.close()
