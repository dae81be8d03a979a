"""Processor time of a whole rehearsal season, against the work that no season can avoid.

    python benchmarks/season.py [--students 600] [--json F]

Baseline of the same run: drawing every printed answer sheet once (pdfium, 200 dpi), decoding every scanned image once
(`cv2.imread`). The goal is a whole season of 600 students in less than 300 seconds of processor time.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import cv2
import pypdfium2

from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.play import rehearse

GOAL_SECONDS = 300


def bare_work(season: Path) -> tuple[float, int]:
    """Processor seconds of the baseline, and how many images it decoded."""
    start, images = time.process_time(), 0
    for sheets in sorted((season / "paper").rglob("answer-sheets.pdf")):
        document = pypdfium2.PdfDocument(sheets)
        for page in document:
            page.render(scale=200 / 72, grayscale=True)
        document.close()
    for scan in sorted((season / "scans").rglob("*.jpg")):
        cv2.imread(str(scan), cv2.IMREAD_GRAYSCALE)
        images += 1
    return time.process_time() - start, images


def main() -> None:
    """Play, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=600)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "season"
        start = time.process_time()
        code = rehearse("all", out, seed=args.seed, students=args.students, universities=3, shifts=3, scans=None,
                        lang="en", progress=Silent())  # fmt: skip
        whole = time.process_time() - start
        bare, images = bare_work(out)
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    result = {
        "students": args.students, "seed": args.seed, "exit_code": code, "images": images,
        "processor_seconds": round(whole, 1), "goal_seconds": GOAL_SECONDS, "baseline_seconds": round(bare, 1),
        "times_baseline": round(whole / bare, 2), "parts": summary["processor_seconds"],
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
