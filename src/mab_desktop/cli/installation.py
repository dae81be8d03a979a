"""`mab verify --self` and `mab installation`: the installed files against their signed list, and who installed them."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK, UserError
from mab_desktop.i18n import N_, translate

NAMED = 20  # files named in each list; the rest is counted
WHOLE = N_("All {n} files are as they were signed.")
NOT_SIGNED = N_("The list of the files is not signed rightly.")
TRIAL = N_("It was signed with a trial key: fit for tests, not for work.")
CHANGED, MISSING, ADDED = N_("Changed: {name}"), N_("Missing: {name}"), N_("Not of the program: {name}")
MORE = N_("… and {n} more")
DIFFERS = N_("The installed program is not as it was made. Install it anew; the data stay as they are.")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command that shows or adds to the installation record."""
    record = commands.add_parser("installation", help=N_("who installed which build here, and its groups"))
    record.add_argument("--note", action="store_true",
                        help=N_("write down that this build was installed now (installers)"))  # fmt: skip
    record.add_argument("--by", default="", help=N_("with --note: who installed it"))
    record.add_argument("--record", type=Path, help=N_("the record's file (default: that of this computer)"))
    record.add_argument("--json", action="store_true", help=N_("the record as JSON"))


def verify_self(key: str, lang: str, *, as_json: bool) -> int:
    """`mab verify --self`."""
    from mab_desktop.services import installation

    found = installation.check_self(key)
    if as_json:
        print(json.dumps(installation.as_json(found), ensure_ascii=False, indent=1))
        return EXIT_OK if found.whole else EXIT_DIFFERENCE
    listed = found.release
    print(f"MAB {listed.version} {listed.role} {listed.commit[:12]} {listed.built}")
    print(" ".join(listed.groups))
    for words, names in ((CHANGED, found.changed), (MISSING, found.missing), (ADDED, found.added)):
        for name in names[:NAMED]:
            print(translate(lang, words).format(name=name))
        if len(names) > NAMED:
            print(translate(lang, MORE).format(n=len(names) - NAMED))
    if not found.signed_by:
        print(translate(lang, NOT_SIGNED))
    else:
        print(translate(lang, N_("Signed with the key {key}.")).format(key=found.signed_by))
    if found.trial:
        print(translate(lang, TRIAL))
    print(translate(lang, WHOLE).format(n=len(listed.files)) if found.whole else translate(lang, DIFFERS))
    return EXIT_OK if found.whole else EXIT_DIFFERENCE


def record(args: argparse.Namespace, _rest: list[str]) -> int:
    """`mab installation`."""
    from mab_desktop.services import installation

    listed = installation.release()
    if listed is None:
        raise UserError(N_("This program was not installed: it has no signed list of its files."))
    path = args.record or installation.record_path(installation.top(), listed.role)
    if args.note:
        installation.note_installation(
            path, listed, at=SystemClock().now(), by=args.by or _person(), computer=platform.node()
        )  # fmt: skip
    lines = installation.installations(path)
    if args.json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=1))
        return EXIT_OK
    print(f"MAB {listed.version} {listed.role} {listed.commit[:12]} {listed.built}")
    print(" ".join(listed.groups))
    for line in lines:
        print(f"{line.at}  {line.version}  {line.by}  {line.computer}  {line.groups}")
    return EXIT_OK


def _person() -> str:
    """Who sits there: behind sudo and pkexec the one who asked for the rights."""
    if name := os.environ.get("SUDO_USER"):
        return name
    if number := os.environ.get("PKEXEC_UID"):
        import pwd

        return pwd.getpwuid(int(number)).pw_name
    return getpass.getuser()
