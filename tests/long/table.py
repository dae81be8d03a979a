"""The counts of all long commands as a Markdown table: `python -m tests.long.table > tests/long/results/README.md`."""

from __future__ import annotations

import json
import sys

from tests.long.runner import RESULTS

HEAD = """# What was counted so far

Made by `python -m tests.long.table`. A failure stays in the file of its command, with its place.
"""


def main() -> int:
    print(HEAD)
    print("| what | scenario | method | runs | failures | places |\n|---|---|---|---:|---:|---:|")
    for path in sorted(RESULTS.glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        for method, found in data.get("methods", {}).items():
            failures = found.get("failures", found.get("lost", 0) + found.get("broken", 0))
            places = f"{found['places']:,} of {found['total']:,}" if "places" in found else ""
            runs = f"{found['runs']:,}"
            cells = (path.stem.partition("-")[0], data["scenario"], method, runs, f"{failures:,}", places)
            print(f"| {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
