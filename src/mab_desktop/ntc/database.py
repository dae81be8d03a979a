"""Where the centre's tables lie."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.services import centre_server, workplace

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "database", N_("where the tables lie; move and check them")
ABOUT = (
    N_("Where the centre's tables lie: in its encrypted file, or on a PostgreSQL server; move them, check them."),
    N_("A new centre is put on a server by `init --database ADDRESS`; this moves one that stands. The address never "
       "holds a password: PGPASSFILE, a service file, or the socket's peer gives it. See docs/centre.md."),
)
EXAMPLES = (
    "mab ntc database",
    "mab ntc database check",
    'mab ntc database to-server "postgresql+psycopg://ntc@/mab?host=/run/postgresql"',
    "mab ntc database to-file",
)
ACTS = ("show", "check", "to-server", "to-file")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    parser.add_argument("act", nargs="?", choices=ACTS, default="show")
    parser.add_argument("address", nargs="?", default="", help=N_("postgresql+psycopg://PERSON@HOST/DATABASE"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Show, check or move."""
    if args.act == "check":
        found = centre_server.check(desk.ctx)
        for line in found:
            print("  " + line)
        if not found:
            desk.say(N_("The log and the tables are whole."))
        return EXIT_DIFFERENCE if found else 0
    if args.act == "to-server":
        if not args.address:
            raise UserError(N_("Say where to: mab ntc database to-server ADDRESS."), exit_code=EXIT_USAGE)
        centre_server.to_server(desk.ctx, workplace.checked_address(args.address), desk.progress)
        desk.say(N_("The tables lie on the server now; the file is kept as {name}."),
                 name=desk.database.with_suffix(centre_server.MOVED).name)  # fmt: skip
        return 0
    if args.act == "to-file":
        centre_server.to_file(desk.ctx, desk.progress)
        desk.say(N_("The tables lie in the file {name} now."), name=desk.database.name)
        return 0
    found_where = centre_server.where(desk.ctx)
    desk.say(N_("The tables lie in: {where}"), where=found_where.address or str(desk.database))
    desk.say(N_("Newest line of the log: {n}, {head}."), n=found_where.log_n, head=found_where.log_head[:12])
    desk.table((N_("Setting"), N_("Value")), list(found_where.settings.items()))
    return 0
