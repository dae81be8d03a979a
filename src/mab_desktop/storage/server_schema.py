"""What the tables need on a PostgreSQL server that SQLite gives of itself.

The migrations are the same ones. Their triggers are written for SQLite in one fixed form, "BEFORE verb ON table ...
RAISE(ABORT, words)", and are said here in the server's language. Afterwards every table is watched (see `watch`), and
every text sorts by its bytes, as in SQLite: `sort_name` then gives the Kazakh order on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

_REFUSING = re.compile(
    r"\s*CREATE TRIGGER (?P<name>\w+) BEFORE (?P<verb>UPDATE|DELETE|INSERT)(?P<of> OF .+?)? ON (?P<table>\w+)"
    r"(?: WHEN (?P<when>.+?))? BEGIN SELECT RAISE\(ABORT, '(?P<words>[^']*)'\); END;?\s*",
    re.DOTALL,
)
_COLUMNS = re.compile(r"\s*(CREATE TABLE|ALTER TABLE \S+ ADD COLUMN) ")
_TEXT = re.compile(r"\b(VARCHAR(?:\(\d+\))?|TEXT)(?![\w(])")
_NUMBER = re.compile(r"\b(INTEGER|SERIAL)\b")
# Each table writes its name down once in a transaction; a setting that ends with the transaction keeps it to once.
_MADE = (
"""CREATE UNLOGGED TABLE IF NOT EXISTS mab_watch (xact bigint NOT NULL, name text COLLATE "C" NOT NULL,
PRIMARY KEY (xact, name))""",
"""CREATE OR REPLACE FUNCTION mab_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO mab_watch VALUES (pg_current_xact_id()::text::bigint, TG_TABLE_NAME) ON CONFLICT DO NOTHING;
  PERFORM set_config('mab.seen_' || TG_TABLE_NAME, 'yes', true);
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$""",
"""CREATE OR REPLACE FUNCTION mab_noted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM mab_watch WHERE xact = NEW.xact AND name = 'audit') THEN
    RAISE EXCEPTION 'changed without a log entry: %%', NEW.name USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  DELETE FROM mab_watch WHERE xact < NEW.xact;
  RETURN NULL;
END $$""",
"""CREATE OR REPLACE FUNCTION mab_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  RAISE EXCEPTION '%%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$""",
)  # fmt: skip
_CHECKED = """
CREATE CONSTRAINT TRIGGER mab_noted AFTER INSERT ON mab_watch DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.name NOT IN ('audit', 'draft')) EXECUTE FUNCTION mab_noted()
"""
_OWN = ("mab_watch", "alembic_version")


def refusing(statement: str) -> str:
    """A trigger that refuses a change, in the server's language; any other statement as it is."""
    found = _REFUSING.fullmatch(statement)
    if found is None:
        return statement
    when = f" WHEN ({found['when']})" if found["when"] else ""
    return (f"CREATE TRIGGER {found['name']} BEFORE {found['verb']}{found['of'] or ''} ON {found['table']} "
            f"FOR EACH ROW{when} EXECUTE FUNCTION mab_refuse('{found['words']}')")  # fmt: skip


def as_in_a_file(statement: str) -> str:
    """New columns as SQLite has them: text of any length in the order of its bytes, numbers of 64 bits."""
    if not _COLUMNS.match(statement):
        return statement
    return _NUMBER.sub(r"BIG\1", _TEXT.sub('TEXT COLLATE "C"', statement)).replace("BIGINTEGER", "BIGINT")


@contextmanager
def migrating(connection: Connection) -> Iterator[None]:
    """Run migrations inside; the watch rests meanwhile, and watches every table afterwards."""
    ask = connection.exec_driver_sql
    for statement in _MADE:
        ask(statement)
    if not ask("SELECT 1 FROM pg_trigger WHERE tgname = 'mab_noted'").scalar():
        ask(_CHECKED)
    ask("ALTER TABLE mab_watch DISABLE TRIGGER mab_noted")
    event.listen(connection, "before_cursor_execute", _translated, retval=True)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", _translated)
    ask("DELETE FROM mab_watch")
    _watch_all(connection)
    ask("ALTER TABLE mab_watch ENABLE TRIGGER mab_noted")


def _translated(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    return as_in_a_file(refusing(statement)), parameters


def _watch_all(connection: Connection) -> None:
    """A watch for every table that has none yet."""
    ask = connection.exec_driver_sql
    tables = ask(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT EXISTS "
        "(SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'mab_changed') ORDER BY 1"
    ).scalars()
    for table in [name for name in tables if name not in _OWN]:
        unseen = f"coalesce(current_setting('mab.seen_{table}', true), '') = ''"
        ask(f'CREATE TRIGGER mab_changed BEFORE INSERT OR UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW WHEN ({unseen}) EXECUTE FUNCTION mab_changed()")  # fmt: skip
        ask(f'CREATE TRIGGER mab_emptied BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION mab_changed()')
