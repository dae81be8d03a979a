"""Who signs at the centre: two people for a trust list or an answer key, two holders of root keys for a new root.

Passwords are typed unseen; a script gives them as MAB_NTC_SIGN_<LOGIN>_PASSWORD and MAB_NTC_ROOT_<N>_PASSWORD.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc.papers import write_paper
from mab_desktop.services import centre_roots, centre_trust, persons, trusting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mab_desktop.ntc.desk import Desk

NOT_YET = N_("It comes into force when two people sign the trust list: mab ntc trust issue")


def add_signers(parser: argparse.ArgumentParser) -> None:
    """The people who sign."""
    parser.add_argument("--sign", action="append", default=[], metavar="LOGIN",
                        help=N_("a person of the centre who signs; give it twice"))  # fmt: skip


def add_roots(parser: argparse.ArgumentParser) -> None:
    """The files of root keys."""
    parser.add_argument("--root", action="append", default=[], type=Path, metavar="FILE",
                        help=N_("root-N.key on a holder's drive; give it twice"))  # fmt: skip


def add_root_places(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Where new root keys and the sheets with their passwords go."""
    parser.add_argument("--roots", nargs="+", type=Path, required=required, default=[], metavar="FOLDER",
                        help=N_("drives of the holders of new root keys, one each"))  # fmt: skip
    parser.add_argument("--sheets", type=Path, metavar="FOLDER",
                        help=N_("print the holders' sheets with the passwords here instead of "
                                "showing them"))  # fmt: skip


def add_counts(parser: argparse.ArgumentParser) -> None:
    """Why a key is withdrawn, and up to which numbers its files count."""
    parser.add_argument("--ground", default="", help=N_("why, as it stands in the act"))
    parser.add_argument("--last", action="append", default=[], metavar="KIND:RECIPIENT:N",
                        help=N_("last file that counts of a stream that passes the centre by, such as "
                                "statistics:bu013:3; of the others the files count that were loaded here"))  # fmt: skip
    parser.add_argument("--pdf", type=Path, help=N_("print the act into this file"))


def signing(desk: Desk, logins: Sequence[str] = ()) -> list[Any]:
    """The keys of those named, or of the first two who may sign, each opened with his own password."""
    names = list(logins) or _usual(desk)
    people = {line.login: line.name for line in persons.persons(desk.ctx)}
    given = {}
    for login in names:
        login = trusting.same_login(login)
        given[login] = _sign_password(desk, login, N_("Password for signing of {person}: "), people.get(login, login))
    return persons.signing_keys(desk.ctx, given, listed=False)


def new_sign_password(desk: Desk, login: str, name: str) -> str:
    """A new password for signing, typed twice unseen by its owner."""
    first = _sign_password(desk, login, N_("New password for signing of {person}: "), name)
    if first != _sign_password(desk, login, N_("The same once more, {person}: "), name):
        raise UserError(N_("The two passwords differ. Type them again."), exit_code=EXIT_USAGE)
    return first


def sign_password(desk: Desk, login: str, name: str) -> str:
    """A password for signing."""
    return _sign_password(desk, login, N_("Password for signing of {person}: "), name)


def opened_roots(desk: Desk, files: Sequence[Path]) -> list[Any]:
    """The root keys in `files`, each opened with its holder's password."""
    found = []
    for path in files:
        trusting.require_file(path)
        data = path.read_bytes()
        number = centre_roots.holder_of(data)
        found.append(centre_roots.open_root(
            desk.ctx, data, desk.secret(f"ROOT_{number}", N_("Password of root key {n}: "), n=number)
        ))  # fmt: skip
    return found


class Keeper:
    """Gives new root keys to their holders: the key on a drive, its password on paper or on the screen.

    It is called before the authority counts, so that no root is ever in force whose passwords nobody got: cut off
    before, nothing is made; cut off after, everybody has what he needs.
    """

    def __init__(self, desk: Desk, args: argparse.Namespace) -> None:
        self._desk, self._args = desk, args
        self._sheets: list[Any] = []

    def __call__(self, files: Sequence[Any]) -> None:
        """Write the keys to the holders' drives, then give the passwords."""
        folders = self._args.roots
        if len(folders) not in (1, len(files)) and files:
            raise UserError(N_("Name {n} folders for the new root keys: --roots, a drive each."), n=len(files),
                            exit_code=EXIT_USAGE)  # fmt: skip
        for path in centre_roots.write_files(files, folders * len(files) if len(folders) == 1 else folders):
            self._desk.say(N_("Written: {name}"), name=str(path))
        for file in files:
            self._give(file)

    def note(self) -> None:
        """Write the printed sheets into the log, when the root is in force."""
        from mab_desktop.services.documents import record_printing

        for made in self._sheets:
            record_printing(self._desk.ctx, made)

    def _give(self, file: Any) -> None:
        if not self._args.sheets:
            self._desk.say(N_("Password of root key {n}, for its holder alone: {password}"), n=file.header.holder,
                           password=file.password)  # fmt: skip
            return
        from mab_desktop.services.documents import previewing
        from mab_desktop.services.documents_keys import print_root_key

        self._args.sheets.mkdir(parents=True, exist_ok=True)
        with previewing():
            made = print_root_key(self._desk.ctx, file)
        write_paper(self._args.sheets / made.file_name, made)
        self._sheets.append(made)
        self._desk.say(N_("Printed into {name}: for its holder alone."), name=str(self._args.sheets / made.file_name))


def counts(desk: Desk, name: str, texts: Sequence[str]) -> list[centre_trust.LastCount]:
    """`KIND:RECIPIENT:N` or `KIND:RECIPIENT:EPOCH:N` as the last files that count."""
    found = []
    for text in texts:
        match = re.fullmatch(r"([a-z-]+):([a-z0-9]+):(?:(\d+):)?(\d+)", text)
        if match is None:
            raise UserError(N_("{value} is not of the form KIND:RECIPIENT:N."), value=text, exit_code=EXIT_USAGE)
        kind, recipient, epoch, number = match.groups()
        found.append(centre_trust.last_count(desk.ctx, name, kind, recipient, int(number), int(epoch or 1)))
    return found


def issue(desk: Desk, logins: Sequence[str] = ()) -> None:
    """Show what the next trust list says anew, have two people sign it."""
    if not centre_trust.is_due(desk.ctx):
        desk.say(N_("Nothing has changed; the trust list in force stays."))
        return
    desk.lines(centre_trust.changes(desk.ctx))
    centre_trust.issue_trust(desk.ctx, signing(desk, logins))
    desk.say(N_("Trust list number {n} is in force. It goes along with every file; news that cannot wait: "
                "mab ntc export trust all FOLDER"), n=centre_roots.list_number(desk.ctx))  # fmt: skip


def issue_if_asked(desk: Desk, args: argparse.Namespace) -> None:
    """Sign at once where signers were named, else say what is still to be done."""
    if args.sign:
        issue(desk, args.sign)
    else:
        desk.say(NOT_YET)


def _usual(desk: Desk) -> list[str]:
    state = centre_roots.root_state(desk.ctx)
    found = [line.login for line in persons.persons(desk.ctx) if line.person in state.list_signers]
    return found[: state.list_threshold]


def _sign_password(desk: Desk, login: str, prompt: str, name: str) -> str:
    return desk.secret("SIGN_" + re.sub(r"\W", "_", login).upper(), prompt, person=name)
