"""What a database says about its disk or its server, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy.exc import DatabaseError

from mab_desktop.domain.errors import UserError
from mab_desktop.storage import database_file, server_words


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn errors that are not ours into a UserError; all others go on as they are."""
    try:
        yield
    except (DatabaseError, sqlite.DatabaseError) as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: Exception) -> UserError | None:
    cause = getattr(error, "orig", None) or error
    if type(cause).__module__.startswith("psycopg"):
        return server_words.told(cause)
    return database_file.told(str(error))
