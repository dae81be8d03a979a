"""`mab read`: what stands on scanned answer sheets, and on any other form with bubbles."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mab_desktop.cli.sheet import add_profile, chosen_profile
from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_USAGE, UserError
from mab_desktop.i18n import N_, translate
from mab_desktop.services.command_words import texts

if TYPE_CHECKING:
    from mab_desktop.services.readings import Form, PageRead

MANY = 10  # pages from which progress is shown


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command."""
    read = commands.add_parser(
        "read", help=N_("read scanned answer sheets"),
        description=N_("Read JPEG, PNG, TIFF, PDF, BMP, WebP, GIF and JPEG 2000 of 150 to 400 dpi. "
                       "Exit code 1: a page was refused."),
        epilog=texts(("mab read scans --json seen.json", "mab read form.png --geometry form.json --registered")),
    )  # fmt: skip
    read.add_argument("files", nargs="*", type=Path, metavar="FILE|FOLDER",
                      help=N_("scans, or folders of them"))  # fmt: skip
    read.add_argument("--json", type=Path, help=N_("write what was seen here (default: standard output)"))
    add_profile(read)
    other = read.add_argument_group(N_("other forms"))
    other.add_argument("--geometry", type=Path, help=N_("page and bubbles in mm, as mab sheet --geometry writes them"))
    other.add_argument("--registered", action="store_true",
                       help=N_("pages are straight and in scale: bubbles lie where they should to 0.5 mm"))  # fmt: skip
    other.add_argument("--blank", type=Path,
                       help=N_("with --registered: a picture of the empty form in the same frame"))  # fmt: skip
    how = read.add_argument_group(N_("how"))
    how.add_argument("--pictures", type=Path, metavar="FOLDER",
                     help=N_("a PNG of each refused or doubtful page that shows why"))  # fmt: skip
    how.add_argument("--pictures-of", choices=("asked", "all"), default="asked",
                     help=N_("asked (default) or all pages"))  # fmt: skip
    how.add_argument("--threads", type=int, default=0, help=N_("pages read at a time (default: one per processor)"))
    how.add_argument("--rule", action="append", default=[], metavar="NAME=NUMBER",
                     help=N_("change a rule of the reader"))  # fmt: skip
    how.add_argument("--scores", action="store_true", help=N_("write the scores too: all that decisions need"))
    how.add_argument("--again", type=Path, metavar="JSON",
                     help=N_("take decisions again from the scores of this file, without images"))  # fmt: skip


def read_sheets(args: argparse.Namespace, _rest: list[str]) -> int:
    """`mab read`."""
    from mab_desktop.services.readings import form_of

    if bool(args.files) == bool(args.again):
        raise UserError(N_("Name the files to read, or one file of scores with --again."), exit_code=EXIT_USAGE)
    if args.again and args.pictures:
        raise UserError(N_("Pictures need the images: --again has none."), exit_code=EXIT_USAGE)
    form = form_of(chosen_profile(args), args.geometry, registered=args.registered, blank=args.blank)
    seen = _again(args, form) if args.again else _read(args, form)
    text = json.dumps(seen, ensure_ascii=False, indent=1)
    if args.json:
        args.json.write_text(text, encoding="utf-8", errors="backslashreplace")  # names that are no UTF-8: \udcff
    else:
        print(text)
    return EXIT_OK if all(sheet["ok"] for sheet in seen["sheets"]) else EXIT_DIFFERENCE


def _again(args: argparse.Namespace, form: Form) -> dict[str, Any]:
    from mab_desktop.services.stored_scores import decide_stored

    return decide_stored(args.again, form, args.rule)


def _read(args: argparse.Namespace, form: Form) -> dict[str, Any]:
    from mab_desktop.domain.progress import Silent
    from mab_desktop.services.progress import ConsoleProgress
    from mab_desktop.services.readings import Wishes, pages_of, read_pages, rules_of
    from mab_desktop.services.stored_scores import about_scores

    if args.threads < 0:
        raise UserError(N_("--threads must be a number from 0."), exit_code=EXIT_USAGE)
    wishes = Wishes(args.threads, rules_of(args.rule), args.pictures, args.pictures_of == "all", args.lang)
    pages = pages_of(args.files)
    console = ConsoleProgress(args.lang) if len(pages) > MANY else None
    sheets, refused = [], []
    for page in read_pages(pages, form, wishes, console or Silent()):
        sheets.append(page.as_json(scores=args.scores))
        if not page.reading.ok:
            refused.append(page)
    if console:
        console.end()
    for page in refused:
        _tell(page, args.lang)
    return {**(about_scores(form) if args.scores else {}), "sheets": sheets}


def _tell(page: PageRead, lang: str) -> None:
    """Why a page was refused, in words."""
    where = translate(lang, N_("{file}, page {page}")).format(file=page.reading.file, page=page.reading.page)
    why = " ".join(problem.message(lang) for problem in page.reading.problems if problem.refuses)
    print(f"{where}: {why}", file=sys.stderr)
