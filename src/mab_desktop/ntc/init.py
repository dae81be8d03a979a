"""Make a new centre."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.i18n import N_
from mab_desktop.ntc.signing import Keeper, add_root_places, new_sign_password
from mab_desktop.services import centre_roots, persons, workplace

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "init", N_("make a new centre with its root keys")
ABOUT = (
    N_("Make a new centre: its database, the two people who sign for it, three root keys on three drives, the "
       "fingerprint."),
    N_("Each person chooses a password for signing of his own, unlike the one for logging in. Each root key is "
       "written to its holder's drive and nowhere else; its password goes on the holder's sheet. See docs/keys.md. "
       "The tables lie in an encrypted file, or with --database on a PostgreSQL server (docs/centre.md): its "
       "address holds no password."),
)
EXAMPLES = (
    'mab ntc init --year 2011 --official --signer registrar="А. Үсенов" --signer deputy="Б. Серік"\n'
    "    --roots /media/one /media/two /media/three --sheets sheets",
    'mab ntc init --year 2011 --roots drives --database "postgresql+psycopg://ntc@/mab?host=/run/postgresql"',
)
SIGNERS = ("registrar", "deputy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Year, mode, people, drives."""
    parser.add_argument("--year", type=int, required=True, help=N_("year of the MAB"))
    parser.add_argument("--official", action="store_true",
                        help=N_("real data; without it everything is marked as a test"))  # fmt: skip
    parser.add_argument("--name", default="", help=N_("full name of the person, as printed on papers"))
    parser.add_argument("--database", default="", metavar="ADDRESS",
                        help=N_("keep the tables on a server, see docs/centre.md"))  # fmt: skip
    parser.add_argument("--signer", action="append", default=[], metavar="LOGIN=NAME",
                        help=N_("who signs for the centre; two or more (default: registrar and deputy)"))  # fmt: skip
    add_root_places(parser, required=True)


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Make the centre and show its fingerprint."""
    people = {text.partition("=")[0]: text.partition("=")[2] for text in args.signer or SIGNERS}
    if len(people) < centre_roots.LIST_THRESHOLD or len(args.roots) not in (1, centre_roots.HOLDERS):
        raise UserError(
            N_("A centre needs two people who sign (--signer) and {n} drives for root keys (--roots)."),
            exit_code=EXIT_USAGE, n=centre_roots.HOLDERS,
        )  # fmt: skip
    season = Season.of(args.year, official=args.official)
    begun = workplace.is_made(desk.database)
    if begun:
        _require_cut_off(desk, season)
    address = workplace.checked_address(args.database) if args.database else ""
    given = {login: new_sign_password(desk, login, name or login) for login, name in people.items()}
    if not begun:
        start = workplace.Start(Role.NTC, "", season, desk.login, args.name or desk.login)
        desk.adopt(workplace.create(desk.database, start, desk.first_password(), lang=desk.lang, address=address))
    _found(desk, args, people, given)
    return 0


def _require_cut_off(desk: Desk, season: Season) -> None:
    """A centre that stands is made only further, where its making was cut off before its root keys."""
    if centre_roots.has_authority(desk.ctx):
        raise UserError(
            N_("There is a database already. Nothing was changed."), next_step=N_("How it stands: {command}"),
            command="mab ntc status",
        )  # fmt: skip
    if desk.ctx.season != season:
        raise UserError(
            N_("A centre of {year} was begun in {name} and not finished. Nothing was changed."),
            next_step=N_("Go on with it, or take another folder: {command}"),
            year=desk.ctx.season.year, name=str(desk.folder), command=_again(desk.ctx.season),
        )  # fmt: skip


def _again(season: Season) -> str:
    """The beginning of the command that goes on with a centre that was begun."""
    official = " --official" if season.official else ""
    return f"mab ntc init --year {season.year}{official} --roots …"


def _found(desk: Desk, args: argparse.Namespace, people: dict[str, str], given: dict[str, str]) -> None:
    """The people's keys, the root, the first trust list, the sheets."""
    for login, name in people.items():
        persons.make_person_key(desk.ctx, login, given[login], name or login)
    keep = Keeper(desk, args)
    groups = centre_roots.create_authority(desk.ctx, persons.signing_keys(desk.ctx, given), keep)
    keep.note()
    desk.say(N_("The centre is made in {folder}."), folder=str(desk.folder))
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=groups)
    desk.next("mab ntc trust write FOLDER --pdf FILE")
