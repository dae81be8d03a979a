"""How long an installed program needs until its log-in window has been painted, against the source tree.

    python -m installers.start_up INSTALLED_FOLDER ROLE --out FILE.json

Both are started in turn, warm, on the offscreen platform with an empty home; the medians are compared: of the seconds
that pass, and of the processor's, which other work on the computer disturbs less.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from installers.description import SOURCE, read

MOST = 1.2
PROBE = """
import sys, time
from importlib import import_module
from pathlib import Path
from PySide6.QtWidgets import QApplication
began = float(sys.argv[3])
application = QApplication(["mab"])
from mab_desktop.ui.workplace_app import build_workplace
app = import_module(f"mab_desktop.{sys.argv[1]}.app").APP
shell = build_workplace(app, Path(sys.argv[2]) / "mab.db")
shell.show()
application.processEvents()
print(time.time() - began, time.process_time())
"""


def once(python: Sequence[str], package: str, home: Path) -> tuple[float, float]:
    """Seconds from before the process to the painted window, and those of the processor in it."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    probe = home / "probe.py"
    probe.write_text(PROBE, encoding="utf-8")
    told = subprocess.run([*python, str(probe), package, str(home), repr(time.time())], env=env, check=True, text=True,
                          capture_output=True, cwd=home)  # fmt: skip
    passed, worked = told.stdout.split()
    return float(passed), float(worked)


def medians(found: Mapping[str, Sequence[tuple[float, float]]], place: int) -> dict[str, float]:
    """Of every way the median of one of its two kinds of seconds."""
    return {name: round(statistics.median(times[place] for times in runs), 3) for name, runs in found.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Both medians; 1 when the installed program is slower than 1.2 times the source tree."""
    parser = argparse.ArgumentParser(prog="python -m installers.start_up", description=__doc__)
    parser.add_argument("installed", type=Path)
    parser.add_argument("role")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args(argv)
    package = read().roles[args.role].package
    ways = {"source": [str(SOURCE / ".venv/bin/python")], "installed": [str(args.installed / "bin/mab-python")]}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as home:
        for number in range(args.times + 1):  # the first time of each fills the system's cache
            for name, python in ways.items():
                seconds = once(python, package, Path(home))
                if number:
                    found[name].append(seconds)
    passed, worked = medians(found, 0), medians(found, 1)
    told = {
        "role": args.role, "commit": commit(args.installed), "times": args.times, "load": round(os.getloadavg()[0], 1),
        "median_seconds": passed, "ratio": round(passed["installed"] / passed["source"], 3),
        "median_processor_seconds": worked, "processor_ratio": round(worked["installed"] / worked["source"], 3),
    }  # fmt: skip
    print(json.dumps(told, indent=1))
    if args.out:
        args.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return int(max(told["ratio"], told["processor_ratio"]) > MOST)


def commit(installed: Path) -> str:
    """The commit that an installed folder was built from."""
    return str(json.loads((installed / "release.json").read_text("utf-8"))["commit"][:7])


if __name__ == "__main__":
    sys.exit(main())
