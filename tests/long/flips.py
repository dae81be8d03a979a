"""Every fault of tests/exchange/faults.py on one carrier of every kind: every bit, every truncation, every sector.

    python -m tests.long.flips [--kinds answer-key ...] [--processes 2] [--out tests/long/results/flips.json] [--anew]
    python -m tests.long.flips --share 0.05 --seed 7 [--kinds ...] [--processes 2]

Each fault is judged by the reader that a workplace uses, with the centre's trust list. The results are kept after each
kind, so a run that was broken off goes on where it stood. Exit code 1 when a changed file was accepted, or when
something else than a refusal came out. With --share that part of all faults is drawn by the seed and tried on carriers
made anew; it is written down beside the whole run, with its commit, for a program that has changed since.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from mab_desktop import __version__
from mab_desktop.exchange import envelope, intake, kinds, trust
from tests.exchange.conftest import World
from tests.exchange.every_kind import SET_WITH_IMAGES, one_of_every_kind
from tests.exchange.faults import ACCEPTED, FAMILIES, judge
from tests.long.runner import commit

OUT = Path(__file__).parent / "results" / "flips.json"
CHUNK = 4000
SAME, UNCAUGHT = "same bytes", "UNCAUGHT"

Task = tuple[int, str, Sequence[int]]  # number of the part, family, numbers of the faults
_parts: list[bytes] = []
_trust: list[trust.TrustStore] = []


def _begin(parts: list[bytes], trust_data: bytes) -> None:
    _parts[:] = parts
    _trust[:] = [trust.verify_list(trust_data)]
    # Both are functions of their bytes alone, and most faults leave these bytes as they were.
    envelope.verify, intake.parse = lru_cache(8)(envelope.verify), lru_cache(8)(intake.parse)


def _judge_some(task: Task) -> tuple[str, Counter[str], list[str]]:
    """Faults of one family on one part: how often each verdict came, and what must not have."""
    part, family, numbers = task
    data, found, wrong = _parts[part], Counter[str](), list[str]()
    for i in numbers:
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


def _tasks(parts: list[bytes], share: float, chance: random.Random) -> Iterator[Task]:
    for number, data in enumerate(parts):
        for family in FAMILIES.values():
            count = family.count(data)
            numbers: Sequence[int] = range(count)
            if share < 1:
                numbers = chance.sample(numbers, math.ceil(count * share))
            for first in range(0, len(numbers), CHUNK):
                yield number, family.name, numbers[first : first + CHUNK]


def run_kind(
    parts: list[bytes], trust_data: bytes, processes: int, share: float, chance: random.Random
) -> dict[str, Any]:
    """All faults on the parts of one set, or a share of them."""
    started = time.perf_counter()
    families: dict[str, Counter[str]] = {name: Counter() for name in FAMILIES}
    wrong: list[str] = []
    with multiprocessing.Pool(processes, _begin, (parts, trust_data)) as pool:
        for family, found, bad in pool.imap_unordered(_judge_some, _tasks(parts, share, chance)):
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
    parser.add_argument("--share", type=float, default=1.0, help="try this part of all faults, beside the whole run")
    parser.add_argument("--seed", default="", help="which ones (needed with --share)")
    args = parser.parse_args()
    if args.share < 1:
        return _run_share(args)
    done: dict[str, Any] = {}
    if args.out.exists() and not args.anew:
        done = json.loads(args.out.read_text("utf-8"))["kinds"]
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        sent = one_of_every_kind(world)
        for name in (name for name in args.kinds if name not in done):
            parts = [path.read_bytes() for path in sent[name].paths]
            done[name] = run_kind(parts, world.trust.data, args.processes, 1, random.Random())
            _save(args.out, {name: done[name] for name in names if name in done})
            print(f"{name}: {done[name]['refused']} of {done[name]['tried']} refused "
                  f"in {done[name]['seconds']} s", flush=True)  # fmt: skip
    return 1 if any(result["wrong"] for result in done.values()) else 0


def _run_share(args: argparse.Namespace) -> int:
    """Try a share of the faults of each kind and add what came of it to the results."""
    chance, began = random.Random(args.seed), time.perf_counter()
    tried, refused, wrong = 0, 0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        sent = one_of_every_kind(world)
        for name in args.kinds:
            parts = [path.read_bytes() for path in sent[name].paths]
            found = run_kind(parts, world.trust.data, args.processes, args.share, chance)
            tried, refused = tried + found["tried"], refused + found["refused"]
            wrong += [f"{name}, {fault}" for fault in found["wrong"]]
            print(f"{name}: {found['refused']} of {found['tried']} refused in {found['seconds']} s", flush=True)
    whole = json.loads(args.out.read_text("utf-8")) if args.out.exists() else {}
    whole.setdefault("shares", []).append({
        "commit": commit(), "seed": args.seed, "share": args.share, "kinds": len(args.kinds), "tried": tried,
        "refused": refused, "wrong": wrong[:50], "seconds": round(time.perf_counter() - began, 1),
    })  # fmt: skip
    _write(args.out, whole)
    return 1 if wrong else 0


def _save(out: Path, done: dict[str, Any]) -> None:
    results = list(done.values())
    tried, refused = (sum(result[key] for result in results) for key in ("tried", "refused"))
    families = sum((Counter(result["families"]) for result in results), Counter[str]())
    codes = sum((Counter(result["codes"]) for result in results), Counter[str]())
    whole = {
        "about": {"program": __version__, "commit": commit(), "python": platform.python_version(),
                  "machine": platform.machine()},
        "totals": {"kinds": len(done), "tried": tried, "refused": refused, "accepted or uncaught": tried - refused,
                   "seconds": round(sum(result["seconds"] for result in results), 1),
                   "families": dict(families), "codes": dict(sorted(codes.items()))},
        "kinds": done,
    }  # fmt: skip
    if out.exists():
        whole["shares"] = json.loads(out.read_text("utf-8")).get("shares", [])
    _write(out, whole)


def _write(out: Path, whole: dict[str, Any]) -> None:
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
