"""The data of one build under another and back: run by the installed Python of either build.

    mab-python upgrade.py make|open|back FOLDER TRUST_FILE

`make` begins a workplace of a network university. `open` logs in with whatever build is installed and says which schema
the database has then and which copies lie beside it, or in which words it was refused. `back` takes the copy that was
written before the migration and puts it in the place of the database.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole, Role, Season
from mab_desktop.services import audit_log, restore, restore_sources, trusting, workplace

PASSWORD, LOGIN = "қара суда қалған балық", "programmer"  # of a room that is thrown away


def make(database: Path, trust: Path) -> dict[str, Any]:
    """A new workplace, as the first-run page makes it."""
    start = workplace.Start(Role.NETWORK_UNI, "027", Season(2011, "2011", official=False), LOGIN, "Бекова Ұлпан",
                            PersonRole.PROGRAMMER, "")  # fmt: skip
    groups = trusting.fingerprint_on(trust)
    ctx = workplace.create(database, start, PASSWORD, centre_file=trust, groups=groups, clock=SystemClock(), lang="kk")
    ctx.store.close()
    return opened(database)


def opened(database: Path) -> dict[str, Any]:
    """Log in: what the database is like then."""
    ctx = workplace.log_in(database, LOGIN, PASSWORD)
    with ctx.store.read() as session:
        schema = session.connection().exec_driver_sql("select version_num from alembic_version").scalar()
    lines = audit_log.require_whole(ctx).lines
    ctx.store.close()
    copies = [source.path.name for source in restore_sources.sources(database)]
    return {"schema": schema, "log_lines": lines, "copies": copies}


def back(database: Path) -> dict[str, Any]:
    """The copy from before the migration in the place of the database."""
    clock = SystemClock()
    database.rename(database.with_name("mab-newer.db"))  # an older program does not take over what it cannot read
    copy = restore_sources.sources(database)[-1].path  # the newest comes first, the only one of the older schema last
    found = restore.open_copy(database, copy, LOGIN, PASSWORD, clock)
    done = restore.restore(found, restore.witness("Ахметов Нұрлан, coordinator"), clock, reason="asked")
    return {"restored": done.copy, "kept": done.kept, **opened(database)}


def main(argv: Sequence[str]) -> int:
    """One of the acts; its outcome as a line of JSON."""
    act, database, trust = argv[0], Path(argv[1]) / "mab.db", Path(argv[2])
    listed = Path(sys.executable).parents[1] / "release.json"
    commit = json.loads(listed.read_text("utf-8"))["commit"][:7] if listed.exists() else "source"
    told: dict[str, Any] = {"act": act, "commit": commit}
    try:
        told |= make(database, trust) if act == "make" else back(database) if act == "back" else opened(database)
    except UserError as error:
        told["refused"] = error.message("en")
    print(json.dumps(told, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
