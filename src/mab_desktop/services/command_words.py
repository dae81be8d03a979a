"""The command line in the person's language: headings, help and refusals of argparse, which speaks English only.

Texts are marked where the commands define them (`HELP`, `ABOUT`, `help=N_(…)`); `speak` translates a whole parser at
once.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from functools import partial
from typing import Any, NoReturn

from mab_desktop.domain.errors import EXIT_USAGE
from mab_desktop.domain.file_names import readable
from mab_desktop.i18n import LANGS, N_, translate

_BETWEEN = "\x1e"  # no text holds it
_TITLES = {
    "positional arguments": N_("what to name"),
    "options": N_("options"),
    "show this help message and exit": N_("show this help"),
}
# What argparse says of wrong use, each with our words for it.
_REFUSALS = (
    (r"the following arguments are required: (?P<names>.+)", N_("This is missing: {names}.")),
    (r"one of the arguments (?P<names>.+) is required", N_("One of these is missing: {names}.")),
    (r"unrecognized arguments: (?P<names>.+)", N_("This is not understood: {names}.")),
    (r"argument (?P<name>\S+): invalid choice: '?(?P<value>.*?)'? \(choose from (?P<choices>.+)\)",
     N_("{name}: there is no {value}. Possible are: {choices}.")),
    (r"argument (?P<name>\S+): invalid \S+ value: '?(?P<value>.*?)'?",
     N_("{name}: {value} is not of the form that is asked for.")),
    (r"argument (?P<name>\S+): no text", N_("{name}: what was typed is no text in UTF-8.")),
    (r"argument (?P<name>\S+): not allowed with argument (?P<other>\S+)", N_("{name} does not go with {other}.")),
    (r"argument (?P<name>\S+): expected .*", N_("{name}: the value is missing.")),
    (r"ambiguous option: (?P<name>\S+) could match (?P<choices>.+)", N_("{name} may be one of these: {choices}.")),
)  # fmt: skip


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help whose paragraphs are filled and whose examples stay as they are."""

    def __init__(self, prog: str, *, lang: str) -> None:
        super().__init__(prog, max_help_position=30)
        self._lang = lang

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """The first lines, "usage: …"."""
        super().add_usage(usage, actions, groups, translate(self._lang, N_("usage: ")) if prefix is None else prefix)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        parts = text.split("\n\n")
        return "\n\n".join(
            part if "\n" in part else argparse.HelpFormatter._fill_text(self, part, width, indent) for part in parts
        )


class Parser(argparse.ArgumentParser):
    """A parser that refuses wrong use in one language."""

    lang = "en"

    def error(self, message: str) -> NoReturn:
        """Usage, what is wrong, where to read more; nothing was done."""
        self.print_usage(sys.stderr)
        more = translate(self.lang, N_("Nothing was done. All about it: {command}")).format(
            command=f"{self.prog} --help"
        )
        self.exit(EXIT_USAGE, f"{refusal(message, self.lang)} {more}\n")

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """A word as its argument takes it. One that is kept as text must be text: a terminal may write another
        encoding. What may be the name of a file too says so by a `type`."""
        kept = action.type is None and not isinstance(action, argparse._SubParsersAction)  # that hands all on
        if kept and readable(arg_string) != arg_string:
            raise argparse.ArgumentError(action, "no text")
        return super()._get_value(action, arg_string)


def refusal(message: str, lang: str) -> str:
    """What argparse says of wrong use, in a language."""
    for pattern, words in _REFUSALS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return translate(lang, words).format(**found.groupdict())
    return message


def add_lang(parser: argparse.ArgumentParser, default: str = argparse.SUPPRESS) -> None:
    """The language: understood before a command and after it."""
    parser.add_argument("--lang", choices=LANGS, default=default,
                        help=N_("language of messages and papers (default: kk)"))  # fmt: skip


def texts(parts: Iterable[str]) -> str:
    """Several texts as argparse keeps them: in one, until `speak` takes them apart."""
    return _BETWEEN.join(parts)


def speak(parser: argparse.ArgumentParser, lang: str) -> None:
    """Put all of a parser, with the commands below it, into a language."""
    assert isinstance(parser, Parser)
    parser.lang = lang
    parser.formatter_class = partial(Formatter, lang=lang)
    parser.description = "\n\n".join(translate(lang, text) for text in (parser.description or "").split(_BETWEEN))
    if parser.epilog:
        examples = parser.epilog.split(_BETWEEN)
        head = translate(lang, N_("examples:") if len(examples) > 1 else N_("example:"))
        parser.epilog = "\n".join([head, *(f"  {line}" for one in examples for line in one.splitlines())])
    for group in parser._action_groups:
        group.title = translate(lang, _TITLES.get(group.title or "", group.title or ""))
    for action in parser._actions:
        action.help = translate(lang, _TITLES.get(action.help or "", action.help or ""))
        if isinstance(action, argparse._SubParsersAction):
            for shown in action._choices_actions:
                shown.help = translate(lang, shown.help or "")
            for below in dict.fromkeys(action.choices.values()):
                speak(below, lang)
