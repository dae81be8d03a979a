"""`mab bench carrier`: a student database and a heap of scans through carriers, beside bare library calls."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_, translate

MOST_STUDENTS, MOST_MIB = 50_000, 16_384


def add_arguments(bench: argparse.ArgumentParser) -> None:
    """How much."""
    bench.add_argument("--students", type=int, default=20_000,
                       help=N_("carrier: records in the database (default: 20000)"))  # fmt: skip
    bench.add_argument("--mib", type=int, default=1024, help=N_("carrier: MiB of scans, 0 for none (default: 1024)"))


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """The numbers; UserError for sizes out of bounds."""
    if not 1 <= args.students <= MOST_STUDENTS or not 0 <= args.mib <= MOST_MIB or args.rounds < 1:
        raise UserError(
            N_("--students must be from 1 to {students}, --mib from 0 to {mib}, --rounds at least 1."),
            exit_code=EXIT_USAGE, students=MOST_STUDENTS, mib=MOST_MIB,
        )  # fmt: skip
    from mab_desktop.rehearsal.bench_stage import bench_places
    from mab_desktop.services import bench_carrier as bench
    from mab_desktop.services.bench import about_machine
    from mab_desktop.services.progress import ConsoleProgress

    progress = ConsoleProgress(args.lang)
    result: dict[str, Any] = {"about": {**about_machine(), "load": _load()}, "seed": args.seed}
    costs, log_ins = [], []
    for number in range(args.rounds):
        with tempfile.TemporaryDirectory() as folder, bench_places(
            Path(folder), args.students, f"{args.seed}-{number}", args.lang
        ) as places:
            costs.append(
                bench.measure_records(places.base, places.centre, "base-students", places.drive, progress)
            )
            log_ins.append(bench.measure_log_in(places.base, places.password))
            if args.mib and number == args.rounds - 1:
                scans = Path(folder, "scans")
                scans.mkdir()
                cost = bench.measure_scans(places.ministry, places.centre, args.mib, scans, progress)
                result["scans"] = cost.as_json()
    result["records"], result["log_in"] = bench.middle(costs), bench.middle_log_in(log_ins)
    progress.end()
    _show(result, args.lang)
    return result


def _load() -> float | None:
    """How many programs wanted the processors before the measuring; None where the system does not tell."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def _show(result: dict[str, Any], lang: str) -> None:
    """The numbers in words."""

    def say(text: str, **values: Any) -> None:
        print(translate(lang, text).format(**values))

    records = result["records"]
    say(N_("{rows} students, carrier of {size} bytes; export and import take {ratio} times as long as the same rows by "
           "library calls (of the processor: {processor_ratio})"), size=records["carrier_bytes"], **{
               name: records[name] for name in ("rows", "ratio", "processor_ratio")})  # fmt: skip
    for name in ("seconds", "library_seconds"):
        print("   " + "  ".join(f"{what} {seconds:.2f} s" for what, seconds in records[name].items()))
    say(N_("Log-in to the workplace of these students: {seconds:.2f} s (of the processor: {processor_seconds:.2f}); "
           "Argon2id alone: {argon2id_seconds:.2f} s"), **result["log_in"])  # fmt: skip
    if "scans" in result:
        say(N_("{mib} MiB of scans in {parts} files: made at {build_speed:.0%} and opened at {open_speed:.0%} of "
               "pyrage's own speed; memory at most {peak_mib} MiB, {grown_mib} MiB more than before"),
            **result["scans"])  # fmt: skip
