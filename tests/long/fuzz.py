"""Fuzzing with atheris (libFuzzer): every entry point of tests/exchange/entry_points.py, guided by coverage.

    python -m tests.long.fuzz TARGET|all [--seconds 300] [--out tests/long/results/fuzz.json]

Needs `pip install -r requirements-long.lock` (Linux). Seeds are made anew by each run from real carriers; what the
fuzzer learns is kept in --corpus (a folder outside the repository) where one is given. Each call adds its executions to
the results. A finding is anything but a refusal in words, more than 1 GiB of memory, or 20 seconds for one input; exit
code 1 then, and the input stands in the results in base 64.
"""

from __future__ import annotations

import argparse
import base64
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.long.runner import commit

OUT = Path(__file__).parent / "results" / "fuzz.json"
MEMORY, PATIENCE, LONGEST = 1024, 20, 64 << 10
TARGETS = (
    "reader", "signed-manifest", "manifest", "trust-list", "signed-trust-list", "records", "piece", "cipher-text",
    "sealed-key", "sealed-seed", "key-ring", "reset-request", "reset-answer", "table",
)  # fmt: skip
WORDS = (
    "null", "true", "false", "-1", "0", "1.0", "1e9", "9007199254740992", "[]", "{}", '""', '"*"', "\\\\ud800", "age1",
    "mab-carrier-1", "mab-trust-2", "snapshot", "append", "PK\\x03\\x04", "PK\\x01\\x02", "-> X25519",
)  # fmt: skip


def fuzz(target: str, options: list[str]) -> None:
    """In a process of its own: libFuzzer ends it."""
    import atheris

    read_by = ["mab_desktop.exchange", "mab_desktop.domain", "mab_desktop.services.table_worker", "json", "zipfile"]
    with atheris.instrument_imports(include=read_by):
        from tests.exchange import entry_points
    point = entry_points.ENTRY_POINTS[target]
    atheris.Setup([sys.argv[0], *options], lambda data: None if point.run(data) else None,
                  custom_mutator=_mutator(atheris) if target == "reader" else None)  # fmt: skip
    atheris.Fuzz()


def _mutator(atheris: Any) -> Any:
    """One entry of a carrier changed and the container made right around it, so that the fuzzer comes further in."""
    import random
    import zipfile
    from io import BytesIO

    from tests.exchange.entry_points import packed

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
                index = chance.randrange(len(entries))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, RuntimeError):
            return bytes(atheris.Mutate(data, max_size))
        name, content = entries[index]
        room = max_size - len(data)
        if room < 1 or chance.random() < 0.3 or not all(name.isascii() for name, _ in entries):
            return bytes(atheris.Mutate(data, max_size))
        entries[index] = (name, bytes(atheris.Mutate(content, len(content) + room)))
        return packed(entries)[:max_size]

    return mutate


def write_seeds(target: str, folder: Path) -> None:
    """In a process of its own too, so that nothing of the program is loaded uninstrumented."""
    from tests.exchange.entry_points import ENTRY_POINTS

    for number, seed in enumerate(ENTRY_POINTS[target].seeds()):
        (folder / f"seed-{number}").write_bytes(seed)


def run(target: str, seconds: int, corpus: Path | None) -> dict[str, Any]:
    """Fuzz one target so long; what came of it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        seeds, learnt = folder / "seeds", corpus / target if corpus else folder / "learnt"
        found = folder / "found"
        for place in (seeds, learnt, found):
            place.mkdir(parents=True, exist_ok=True)
        (folder / "words").write_text("".join('"{}"\n'.format(word.replace('"', '\\"')) for word in WORDS), "utf-8")
        _child("--seeds", target, str(seeds))
        started = time.perf_counter()
        said = _child(
            "--child", target, str(learnt), str(seeds), f"-max_total_time={seconds}", f"-rss_limit_mb={MEMORY}",
            f"-timeout={PATIENCE}", f"-max_len={LONGEST}", f"-dict={folder / 'words'}", "-print_final_stats=1",
            f"-artifact_prefix={found}/",
        )  # fmt: skip
        if "number_of_executed_units" not in said and not any(found.iterdir()):
            raise RuntimeError(said[-4000:])
        return {
            "executions": _number(said, r"number_of_executed_units:\s*(\d+)"),
            "seconds": round(time.perf_counter() - started), "peak_mb": _number(said, r"peak_rss_mb:\s*(\d+)"),
            "coverage": _number(said, r".*cov: (\d+)"), "corpus": len(list(learnt.iterdir())),
            "findings": [_finding(path, said) for path in sorted(found.iterdir())],
        }  # fmt: skip


def _child(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "tests.long.fuzz", *arguments], capture_output=True, text=True,
                          errors="replace", check=False)  # fmt: skip
    if arguments[0] == "--seeds" and done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stderr + done.stdout


def _number(said: str, pattern: str) -> int:
    found = re.findall(pattern, said)
    return int(found[-1]) if found else 0


def _finding(path: Path, said: str) -> dict[str, str]:
    trace = re.search(r"=== Uncaught Python exception: ===\n(.*?)\n==", said, re.DOTALL)
    what = trace[1][-1500:] if trace else said[-1500:]
    return {"kind": path.name.partition("-")[0], "what": what, "input": base64.b64encode(path.read_bytes()).decode()}


def _add(out: Path, target: str, result: dict[str, Any]) -> None:
    """Executions and seconds over all runs, and at which commits; memory, coverage and corpus of the widest."""
    whole: dict[str, Any] = json.loads(out.read_text("utf-8")) if out.exists() else {"targets": {}}
    before = whole["targets"].get(target, {"executions": 0, "seconds": 0, "peak_mb": 0, "coverage": 0, "corpus": 0})
    commits = dict(before.get("executions_by_commit", {}))
    commits[commit()] = commits.get(commit(), 0) + result["executions"]
    result["executions_by_commit"] = commits
    for name in ("executions", "seconds"):
        result[name] += before[name]
    for name in ("peak_mb", "coverage", "corpus"):
        result[name] = max(result[name], before[name])
    whole["about"] = {"atheris": version("atheris"), "python": platform.python_version(),
                      "machine": platform.machine()}  # fmt: skip
    whole["targets"] = dict(sorted({**whole["targets"], target: result}.items()))
    whole["executions"] = sum(target["executions"] for target in whole["targets"].values())
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main() -> int:
    """Fuzz one target after the other."""
    if sys.argv[1:2] == ["--child"]:
        fuzz(sys.argv[2], sys.argv[3:])
        return 0
    if sys.argv[1:2] == ["--seeds"]:
        write_seeds(sys.argv[2], Path(sys.argv[3]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=(*TARGETS, "all"))
    parser.add_argument("--seconds", type=int, default=300, help="for each target (default: 300)")
    parser.add_argument("--corpus", type=Path, help="keep what was learnt in this folder")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    findings = 0
    for target in TARGETS if args.target == "all" else (args.target,):
        result = run(target, args.seconds, args.corpus)
        print(f"{target}: {result['executions']} executions in {result['seconds']} s, {result['peak_mb']} MB, "
              f"{len(result['findings'])} findings", flush=True)  # fmt: skip
        findings += len(result["findings"])
        _add(args.out, target, result)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
