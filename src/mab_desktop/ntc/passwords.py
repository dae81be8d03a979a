"""Give out a password."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc.papers import write_paper
from mab_desktop.services import centre_secrets
from mab_desktop.services.carrier_words import shown_moment

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "passwords", N_("give out a password, or show who got which")
ABOUT = (
    N_("Give out a password: of a seating by telephone, or of a key on paper. Who got it is written down for good."),
    N_("Without --to the list of what was given out is shown; with --pdf the password is printed instead of shown. "
       "That of a seating is told only after the twelve characters of the frozen list were read out (--code): `mab "
       "ntc check-seating` and `mab ntc final` compare them with the draw."),
)
EXAMPLES = (
    "mab ntc passwords --base 013",
    'mab ntc passwords --base 013 --shift 1 --of seating --code ABCD-EFGH-JKLM --to "Б. Серік, by telephone"',
    'mab ntc passwords --base 013 --shift 1 --of chair --to "Т. Нұр" --pdf chair.pdf',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose password, to whom."""
    parser.add_argument("--base", required=True, help=N_("code of the base university"))
    parser.add_argument("--shift", type=int)
    parser.add_argument("--of", choices=centre_secrets.PURPOSES,
                        help=N_("seating, a holder's password of a key, or the centre's release code"))  # fmt: skip
    parser.add_argument("--to", default="", help=N_("who gets it, and how"))
    parser.add_argument("--code", default="", metavar="CODE",
                        help=N_("of a seating: the twelve characters of the frozen list, read out"))  # fmt: skip
    parser.add_argument("--again", action="store_true",
                        help=N_("the list was frozen anew, or taken down wrongly; both stay written down"))  # fmt: skip
    parser.add_argument("--pdf", type=Path, help=N_("print it into this file instead of showing it"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Give or list."""
    if not args.to:
        rows = [
            (line.shift, line.purpose, line.given_to, shown_moment(line.at), line.by)
            for line in centre_secrets.passwords_given(desk.ctx, args.base)
        ]
        desk.table((N_("Shift"), N_("Password"), N_("Given to"), N_("When"), N_("By")), rows)
        return 0
    if args.shift is None or args.of is None:
        raise UserError(N_("Say which password: --shift and --of."), exit_code=EXIT_USAGE)
    if args.of == centre_secrets.SEATING:
        password = centre_secrets.give_seating_password(
            desk.ctx, args.base, args.shift, args.to, args.code, again=args.again
        )
    else:
        password = centre_secrets.give_password(desk.ctx, args.base, args.shift, args.of, args.to)
    if args.pdf:
        from mab_desktop.services.documents_centre import print_secret

        write_paper(args.pdf, print_secret(desk.ctx, args.base, args.shift, args.of))
        desk.say(N_("Printed into {name}; it is written down that {to} gets it."), name=str(args.pdf), to=args.to)
    else:
        desk.say(N_("Read out: {words}"), words=centre_secrets.spelled(password))
        desk.say(N_("Password: {password}"), password=password)
    return 0
