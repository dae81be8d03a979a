"""How long an installed program needs until its log-in window has been painted, against the source tree.

    python -m installers.start_up INSTALLED_FOLDER ROLE --out FILE.json

Both are started in turn, warm, on the offscreen platform with an empty home; the medians are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from installers.description import SOURCE, read

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
print(time.time() - began)
"""


def once(python: Sequence[str], package: str, home: Path) -> float:
    """Seconds from before the process to the painted window."""
    import time

    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    probe = home / "probe.py"
    probe.write_text(PROBE, encoding="utf-8")
    told = subprocess.run([*python, str(probe), package, str(home), repr(time.time())], env=env, check=True, text=True,
                          capture_output=True, cwd=home)  # fmt: skip
    return float(told.stdout)


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
    found: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as home:
        for number in range(args.times + 1):  # the first time of each fills the system's cache
            for name, python in ways.items():
                seconds = once(python, package, Path(home))
                if number:
                    found[name].append(seconds)
    medians = {name: round(statistics.median(times), 3) for name, times in found.items()}
    told = {"role": args.role, "median_seconds": medians, "times": args.times, "load": os.getloadavg()[0],
            "ratio": round(medians["installed"] / medians["source"], 3)}  # fmt: skip
    print(json.dumps(told, indent=1))
    if args.out:
        args.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return int(told["ratio"] > 1.2)


if __name__ == "__main__":
    sys.exit(main())
