"""The reports of the ministry representatives, which came with the final data (p.7, p.47)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_OK
from mab_desktop.i18n import N_
from mab_desktop.services import centre_final
from mab_desktop.services.carrier_words import shown_moment

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "report", N_("the representatives' reports that have come")
ABOUT = (
    N_("The reports of the ministry representatives, which came with the final data (p.7, p.47)."),
)
EXAMPLES = (
    "mab ntc report",
    "mab ntc report --base 013",
)
_TASK, _WORDS = "{n}. {task}", "   {words}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose."""
    parser.add_argument("--base", default="", help=N_("only of this base university"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Show them task by task."""
    found = centre_final.representative_reports(desk.ctx, args.base)
    for report in found:
        desk.say(N_("Representative's report of {base}: {name}, {at}"), base=report.base, name=report.by,
                 at=shown_moment(report.at))  # fmt: skip
        for number, (task, text) in enumerate(report.tasks, 1):
            desk.say(_TASK, n=number, task=desk.word(task))
            desk.say(_WORDS, words=text.replace("\n", "\n   ") or "–")
    if not found:
        desk.say(N_("No representative's report has come yet."))
    return EXIT_OK
