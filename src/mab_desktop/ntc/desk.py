"""The desk a command works at: the centre's open database, its progress, and lines of words for the person."""

from __future__ import annotations

import argparse
import getpass
import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_, translate
from mab_desktop.services import accounts, workplace
from mab_desktop.services.command_words import add_lang
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Line
from mab_desktop.services.progress import ConsoleProgress

PASSWORD_VARIABLE, FOLDER_VARIABLE = "MAB_NTC_PASSWORD", "MAB_NTC"
DATABASE = "mab.db"


def add_common(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Options of every command: which centre, and who works; `again` for those below, where they may stand too."""
    folder: Any = argparse.SUPPRESS if again else Path(os.environ.get(FOLDER_VARIABLE, "centre"))
    parser.add_argument("--centre", type=Path, default=folder, metavar="FOLDER",
                        help=N_("the centre's folder (default: $MAB_NTC or ./centre)"))  # fmt: skip
    parser.add_argument("--login", default=argparse.SUPPRESS if again else "centre", metavar="LOGIN",
                        help=N_("log in as this person (default: centre)"))  # fmt: skip
    add_lang(parser, argparse.SUPPRESS if again else "")


class Desk:
    """Opens the centre's database when a command first needs it, and closes it at the end."""

    def __init__(self, args: argparse.Namespace, lang: str) -> None:
        self.folder: Path = args.centre
        self.login: str = args.login
        self.command: str = args.command
        self.lang = lang
        self.progress = ConsoleProgress(lang)
        self._ctx: Context | None = None

    @property
    def database(self) -> Path:
        """The centre's database file."""
        return self.folder / DATABASE

    @property
    def ctx(self) -> Context:
        """The open workplace; asks for the password the first time."""
        if self._ctx is None:
            if not workplace.is_made(self.database):
                raise UserError(
                    N_("There is no centre in {name} yet."),
                    next_step=N_("Make it first: mab ntc init --help"), name=str(self.folder),
                )  # fmt: skip
            self._ctx = workplace.log_in(self.database, self.login, self.password(), lang=self.lang)
            if accounts.must_change(self._ctx) and self.command != "people":
                raise UserError(
                    N_("Somebody else knows this password. Nothing was done."),
                    next_step=N_("Choose your own first: mab ntc people password"),
                )
        return self._ctx

    def adopt(self, ctx: Context) -> None:
        """Work at a centre that was made just now."""
        self._ctx = ctx

    def password(self) -> str:
        """The password from the environment or typed unseen."""
        return self._typed(PASSWORD_VARIABLE, N_("Password: "))

    def once_more(self) -> str:
        """The same person's password again, before an act that matters."""
        return self._typed(PASSWORD_VARIABLE, N_("Your password once more: "))

    def first_password(self) -> str:
        """The password of whoever makes a new centre, typed twice unseen."""
        return self._twice(PASSWORD_VARIABLE)

    def new_password(self) -> str:
        """A new password, typed twice unseen."""
        return self._twice("MAB_NTC_NEW_PASSWORD")

    def _twice(self, variable: str) -> str:
        first = self._typed(variable, N_("New password: "))
        if first != self._typed(variable, N_("New password once more: ")):
            raise UserError(N_("The two passwords differ. Type them again."), exit_code=EXIT_USAGE)
        return first

    def secret(self, name: str, prompt: str, **params: Any) -> str:
        """Another secret, from the environment (MAB_NTC_NAME_PASSWORD) or typed unseen."""
        return self._typed(f"MAB_NTC_{name}_PASSWORD", prompt, **params)

    def _typed(self, variable: str, prompt: str, **params: Any) -> str:
        """A secret from the environment, or typed where nobody sees it; UserError where there is no terminal."""
        if given := os.environ.get(variable):
            return given
        self.progress.end()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)  # it would show what is typed
                return getpass.getpass(self.word(prompt, **params))
        except (EOFError, getpass.GetPassWarning) as error:
            raise UserError(
                N_("There is no terminal on which a password can be typed unseen. Nothing was done."),
                next_step=N_("A script gives it in the variable {variable}."), exit_code=EXIT_USAGE, variable=variable,
            ) from error  # fmt: skip

    def word(self, text: str, **params: Any) -> str:
        """A text in the person's language."""
        shown = translate(self.lang, text)
        return shown.format(**params) if params else shown

    def say(self, text: str, **params: Any) -> None:
        """A line of words on standard output."""
        self.progress.end()
        print(self.word(text, **params))

    def next(self, command: str) -> None:
        """What to type next; `command` is the same in every language."""
        self.say(N_("Next: {command}"), command=command)

    def lines(self, lines: Iterable[Line]) -> None:
        """Lines of a preview or summary, indented."""
        self.progress.end()
        for line in lines:
            print("  " + self.word(line.text, **{k: self._shown(v) for k, v in line.params.items()}))

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table of plain columns; heads are message ids, numbers lean to the right."""
        self.progress.end()
        texts = [[self.word(head) for head in heads], *[[self._cell(value) for value in row] for row in rows]]
        widths = [max(len(row[i]) for row in texts) for i in range(len(heads))]
        numeric = [all(row[i].replace("–", "0").lstrip("-").isdigit() for row in texts[1:]) for i in range(len(heads))]
        for row in texts:
            cells = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True)]
            print("  ".join(cells).rstrip())

    def close(self) -> None:
        """Let go of the database."""
        self.progress.end()
        if self._ctx is not None:
            self._ctx.store.close()

    def _cell(self, value: Any) -> str:
        return "–" if value is None or value == "" else str(value)

    def _shown(self, value: Any) -> Any:
        return translate(self.lang, value) if isinstance(value, str) else value
