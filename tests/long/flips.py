"""Every fault of tests/exchange/faults.py on one carrier of every kind: every bit, every truncation, every sector.

    python -m tests.long.flips [--kinds answer-key ...] [--processes 2] [--out tests/long/results/flips.json] [--anew]

Each fault is judged by the reader that a workplace uses, with the centre's trust list. The results are kept after each
kind, so a run that was broken off goes on where it stood. Exit code 1 when a changed file was accepted, or when
something else than a refusal came out.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from mab_desktop import __version__
from mab_desktop.exchange import envelope, intake, kinds, trust
from tests.exchange.conftest import World
from tests.exchange.every_kind import SET_WITH_IMAGES, one_of_every_kind
from tests.exchange.faults import ACCEPTED, FAMILIES, judge

OUT = Path(__file__).parent / "results" / "flips.json"
CHUNK = 4000
SAME, UNCAUGHT = "same bytes", "UNCAUGHT"

Task = tuple[int, str, int, int]
_parts: list[bytes] = []
_trust: list[trust.TrustStore] = []


def _begin(parts: list[bytes], trust_data: bytes) -> None:
    _parts[:] = parts
    _trust[:] = [trust.verify_list(trust_data)]
    # Both are functions of their bytes alone, and most faults leave these bytes as they were.
    envelope.verify, intake.parse = lru_cache(8)(envelope.verify), lru_cache(8)(intake.parse)


def _judge_some(task: Task) -> tuple[str, Counter[str], list[str]]:
    """Faults `first` to `last` of one family on one part: how often each verdict came, and what must not have."""
    part, family, first, last = task
    data, found, wrong = _parts[part], Counter[str](), list[str]()
    for i in range(first, last):
        changed = FAMILIES[family].make(data, i)
        verdict = SAME if changed == data else _verdict(changed)
        found[verdict] += 1
        if verdict == ACCEPTED or verdict.startswith(UNCAUGHT):
            wrong.append(f"part {part + 1}, {family} {i}: {verdict}")
    return family, found, wrong


def _verdict(changed: bytes) -> str:
    try:
        return judge(changed, _trust[0])
    except Exception as error:  # noqa: BLE001 - this is what the run looks for
        return f"{UNCAUGHT} {type(error).__name__}"


def _tasks(parts: list[bytes]) -> Iterator[Task]:
    for number, data in enumerate(parts):
        for family in FAMILIES.values():
            count = family.count(data)
            for first in range(0, count, CHUNK):
                yield number, family.name, first, min(first + CHUNK, count)


def run_kind(parts: list[bytes], trust_data: bytes, processes: int) -> dict[str, Any]:
    """All faults on the parts of one set."""
    started = time.perf_counter()
    families: dict[str, Counter[str]] = {name: Counter() for name in FAMILIES}
    wrong: list[str] = []
    with multiprocessing.Pool(processes, _begin, (parts, trust_data)) as pool:
        for family, found, bad in pool.imap_unordered(_judge_some, _tasks(parts)):
            families[family].update(found)
            wrong += bad
    codes = sum(families.values(), Counter[str]())
    same = codes.pop(SAME, 0)
    tried = sum(codes.values())
    return {
        "bytes": [len(data) for data in parts], "tried": tried, "refused": tried - len(wrong), "same": same,
        "families": {name: sum(found.values()) - found[SAME] for name, found in families.items()},
        "codes": dict(sorted(codes.items())), "wrong": wrong[:50], "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def main() -> int:
    """Run what is missing, write after each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = (*kinds.KINDS, SET_WITH_IMAGES)
    parser.add_argument("--kinds", nargs="+", choices=names, default=names, metavar="KIND")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--anew", action="store_true", help="do kinds again that the results hold")
    args = parser.parse_args()
    done: dict[str, Any] = {}
    if args.out.exists() and not args.anew:
        done = json.loads(args.out.read_text("utf-8"))["kinds"]
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        sent = one_of_every_kind(world)
        for name in (name for name in args.kinds if name not in done):
            done[name] = run_kind([path.read_bytes() for path in sent[name].paths], world.trust.data, args.processes)
            _save(args.out, {name: done[name] for name in names if name in done})
            print(f"{name}: {done[name]['refused']} of {done[name]['tried']} refused "
                  f"in {done[name]['seconds']} s", flush=True)  # fmt: skip
    return 1 if any(result["wrong"] for result in done.values()) else 0


def _save(out: Path, done: dict[str, Any]) -> None:
    results = list(done.values())
    tried, refused = (sum(result[key] for result in results) for key in ("tried", "refused"))
    families = sum((Counter(result["families"]) for result in results), Counter[str]())
    codes = sum((Counter(result["codes"]) for result in results), Counter[str]())
    whole = {
        "about": {"program": __version__, "python": platform.python_version(), "machine": platform.machine()},
        "totals": {"kinds": len(done), "tried": tried, "refused": refused, "accepted or uncaught": tried - refused,
                   "seconds": round(sum(result["seconds"] for result in results), 1),
                   "families": dict(families), "codes": dict(sorted(codes.items()))},
        "kinds": done,
    }  # fmt: skip
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
