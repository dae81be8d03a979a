"""`mab verify`: what a carrier or a signed report says of itself, and whether it is whole and rightly signed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mab_desktop.cli import installation
from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command."""
    verify = commands.add_parser("verify", help=N_("what a carrier says of itself, and the verdict on it"),
                                 description=N_("Exit codes: 0 whole and rightly signed, 1 installed files "
                                                "differ, 3 no such file, 4 refused; the refusal's code stands in "
                                                "brackets.")
                                 )  # fmt: skip
    verify.add_argument("carrier", type=Path, nargs="*", metavar="CARRIER",
                        help=N_("a file, or all parts of a set; or signed reports of readiness (readiness-…)"))
    verify.add_argument("--trust", type=Path, metavar="LIST",
                        help=N_("a trust list, or a carrier that brings one (default: the carrier's own)"))  # fmt: skip
    verify.add_argument("--self", dest="own", action="store_true",
                        help=N_("check the installed program against the signed list of its files"))  # fmt: skip
    verify.add_argument("--key", default="", metavar="HEX",
                        help=N_("with --self: the public key that must have signed"))  # fmt: skip
    verify.add_argument("--json", action="store_true", help=N_("verdict and lists of contents as one JSON object"))


def verify(args: argparse.Namespace, _rest: list[str]) -> int:
    """`mab verify`."""
    from mab_desktop.services import readiness_signature
    from mab_desktop.services.verification import as_json, as_lines, verify_set

    if args.own == bool(args.carrier):
        raise UserError(N_("Say which files are looked at: those of a carrier, or --self."), exit_code=EXIT_USAGE)
    if args.own:
        return installation.verify_self(args.key, args.lang, as_json=args.json)
    if any(readiness_signature.is_statement(path) for path in args.carrier):
        return _verify_reports(args)
    found = verify_set(args.carrier, args.trust)
    if args.json:
        print(json.dumps(as_json(found, args.lang), ensure_ascii=False, indent=1))
    else:
        print("\n".join(as_lines(found, args.lang)))
    return found.exit_code


def _verify_reports(args: argparse.Namespace) -> int:
    """Signed reports of readiness, one after the other; the worst of their exit codes."""
    from mab_desktop.services import readiness_signature as signed

    checked = [signed.check_file(path, args.trust) for path in args.carrier]
    if args.json:
        print(json.dumps([signed.as_json(one, args.lang) for one in checked], ensure_ascii=False, indent=1))
    else:
        print("\n\n".join("\n".join(signed.as_lines(one, args.lang)) for one in checked))
    return max(one.exit_code for one in checked)
