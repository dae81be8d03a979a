"""`mab bench read`: pages a second and core, stage by stage, beside bare decoding of the same files.

`mab bench carrier` (`bench_carrier`): what carriers cost beside library calls.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mab_desktop.cli import bench_carrier
from mab_desktop.cli.sheet import add_profile, chosen_profile
from mab_desktop.domain.errors import EXIT_OK, EXIT_USAGE, UserError
from mab_desktop.i18n import N_, translate

if TYPE_CHECKING:
    from mab_desktop.rehearsal.sample_scans import SampleScan
    from mab_desktop.services.bench import ReadingSpeed

KINDS = ("clean", "ordinary", "hard")
MOST_PAGES = 5_000


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command."""
    bench = commands.add_parser("bench", help=N_("measure the reader or the carriers"))
    bench.add_argument("what", choices=("read", "carrier"),
                       help=N_("read: decode, locate, code, sample and decide apart, and bare cv2.imread of the same "
                       "files in the same run; carrier: 20,000 students exported and imported against JSON, AES and "
                       "SQLite by library calls, and scans against pyrage alone"))  # fmt: skip
    bench.add_argument("--pages", type=int, default=60, help=N_("simulated scans of 200 dpi to read (default: 60)"))
    bench.add_argument("--kind", choices=KINDS, default="ordinary",
                       help=N_("of what people and machines (default: ordinary)"))  # fmt: skip
    bench.add_argument("--seed", default="1", help=N_("the same seed gives the same scans"))
    bench.add_argument("--images", type=Path, metavar="FOLDER", help=N_("read these scans instead"))
    bench.add_argument("--keep", type=Path, metavar="FOLDER", help=N_("keep the simulated scans here"))
    bench.add_argument("--threads", type=int, nargs="+", default=[1, 2], help=N_("numbers of threads (default: 1 2)"))
    bench.add_argument("--rounds", type=int, default=3, help=N_("how often; the median counts (default: 3)"))
    bench.add_argument("--json", type=Path, help=N_("write the numbers here too"))
    add_profile(bench)
    bench_carrier.add_arguments(bench)


def bench(args: argparse.Namespace, _rest: list[str]) -> int:
    """`mab bench`."""
    if args.what == "carrier":
        return _kept(args, bench_carrier.measure(args))
    if min(args.threads) < 1 or args.rounds < 1 or not 1 <= args.pages <= MOST_PAGES:
        raise UserError(
            N_("--threads and --rounds must be at least 1, --pages from 1 to {most}."), exit_code=EXIT_USAGE,
            most=MOST_PAGES,
        )  # fmt: skip
    if args.images:
        result = _measure(args, [args.images], None)
    elif args.keep:
        result = _measure_made(args, args.keep)
    else:
        with tempfile.TemporaryDirectory() as folder:
            result = _measure_made(args, Path(folder))
    return _kept(args, result)


def _kept(args: argparse.Namespace, result: dict[str, Any]) -> int:
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return EXIT_OK


def _measure_made(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure on scans made for it."""
    from mab_desktop.rehearsal.sample_scans import make_scans
    from mab_desktop.services.progress import ConsoleProgress

    progress = ConsoleProgress(args.lang)
    progress.stage(N_("Making simulated scans"), args.pages)
    made = []
    for scan in make_scans(folder, args.kind, args.pages, seed=args.seed, profile=chosen_profile(args)):
        made.append(scan)
        progress.step()
    progress.end()
    return _measure(args, [scan.path for scan in made], made)


def _measure(args: argparse.Namespace, paths: Sequence[Path], made: Sequence[SampleScan] | None) -> dict[str, Any]:
    from mab_desktop.services import bench as measuring
    from mab_desktop.services.progress import ConsoleProgress
    from mab_desktop.services.readings import form_of

    progress = ConsoleProgress(args.lang)
    form = form_of(chosen_profile(args))
    speeds, readings = measuring.measure_reading(paths, form, args.threads, args.rounds, progress)
    progress.end()
    files = {Path(reading.file) for reading in readings}
    result: dict[str, Any] = {
        "about": measuring.about_machine(), "kind": args.kind if made else "images", "seed": args.seed if made else "",
        "pages": len(readings), "bubbles": len(form.bubbles),
        "mean_kilobytes": round(sum(file.stat().st_size for file in files) / len(files) / 1000, 1),
        "runs": [speed.as_json() for speed in speeds],
        "refused": Counter(problem.code for r in readings for problem in r.problems if problem.refuses),
        "asked_share": round(measuring.asked_share(readings), 6),
    }  # fmt: skip
    if made:
        result["wrong"] = _wrong(made, readings)
    _show(result, speeds, args.lang)
    return result


def _wrong(made: Sequence[SampleScan], readings: Sequence[Any]) -> int:
    """Groups read as sure that say something else than the paper."""
    from mab_desktop.rehearsal.judging import Verdict, judge_sheet

    return sum(
        verdict is Verdict.WRONG
        for scan, reading in zip(made, readings, strict=True)
        for _, verdict in judge_sheet(scan.truth, reading.fields)
    )


def _show(result: dict[str, Any], speeds: Sequence[ReadingSpeed], lang: str) -> None:
    """The numbers in words and columns."""

    def say(text: str, **values: Any) -> None:
        print(translate(lang, text).format(**values))

    about = result["about"]
    say(N_("{processor}, {cores} cores, OpenCV {opencv}, reader {reader}"), **about)
    say(N_("{pages} pages of {size} kB, {bubbles} bubbles each; refused {refused}, asked {asked:.3%}"),
        pages=result["pages"], size=result["mean_kilobytes"], bubbles=result["bubbles"],
        refused=sum(result["refused"].values()), asked=result["asked_share"])  # fmt: skip
    if "wrong" in result:
        say(N_("Silently wrong: {wrong}"), wrong=result["wrong"])
    for run in result["runs"]:
        say(N_("Threads: {threads}. Pages a second: {pages_per_second}, a second and core: "
               "{pages_per_second_and_core}; bare imread: {imread_pages_per_second}; time against bare imread: "
               "{times_bare_imread}, of the processor {processor_times_bare_imread}"), **run)  # fmt: skip
        say(N_("   imread without flags, in colour: {colour_imread_pages_per_second} pages a second; time against it: "
               "{times_colour_imread}, of the processor {processor_times_colour_imread}"), **run)  # fmt: skip
        print("   " + "  ".join(f"{name} {ms:.2f} ms" for name, ms in run["ms_by_stage"].items()))
    one = next((speed for speed in speeds if speed.threads == 1), None)
    for speed in speeds:
        if one and speed.threads > 1:
            say(N_("{threads} threads against one: {times:.2f} times as fast"), threads=speed.threads,
                times=one.wall_seconds / speed.wall_seconds)  # fmt: skip
