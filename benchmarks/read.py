"""Pages a second and core of the reader, by stage, against bare `cv2.imread` of the same files in the same run.

    python benchmarks/read.py [--pages 60] [--threads 1 2] [--json FILE] [--images FOLDER]

Without a folder it prints sheets, fills their bubbles and saves them as gray JPEG of 200 dots per inch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pypdfium2

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import SheetLayout, layout
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.omr.read import read_files

DPI = 200


def make_pages(folder: Path, sheet: SheetLayout, count: int, seed: int = 1) -> list[Path]:
    """Filled sheets with grain, turned by up to two degrees, as JPEG files."""
    rng = np.random.default_rng(seed)
    document = pypdfium2.PdfDocument(draw_sheets(sheet, [SheetPrint(f"{n:08d}") for n in range(count)]))
    scale = DPI / 25.4
    paths = []
    for n in range(count):
        bitmap = document[n].render(scale=DPI / 72, grayscale=True)
        gray = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
        for members in sheet.groups().values():
            bubble = sheet.bubbles[int(rng.choice(members))]
            centre = (round(bubble.x * scale), round(bubble.y * scale))
            cv2.circle(gray, centre, round(bubble.rx * scale * 0.9), 60, -1, cv2.LINE_AA)
        turn = cv2.getRotationMatrix2D((gray.shape[1] / 2, gray.shape[0] / 2), float(rng.uniform(-2, 2)), 1.0)
        gray = cv2.warpAffine(gray, turn, gray.shape[::-1], borderValue=255)
        noisy = np.clip(gray * 0.88 + 15 + rng.normal(0, 3, gray.shape), 0, 255).astype(np.uint8)
        paths.append(folder / f"{n:04d}.jpg")
        cv2.imwrite(str(paths[-1]), noisy, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return paths


def bare(paths: list[Path], threads: int) -> float:
    """Seconds that decoding alone takes."""
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda path: cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).shape, paths))
    return time.perf_counter() - started


def measure(paths: list[Path], sheet: SheetLayout, threads: int) -> dict[str, object]:
    """One run: rate, ratio to bare decoding, milliseconds by stage, what was refused."""
    decode = bare(paths, threads)
    started, used = time.perf_counter(), time.process_time()
    readings = list(read_files(paths, sheet, threads=threads))
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    decode = (decode + bare(paths, threads)) / 2
    stages = {name: statistics.median(r.stages.get(name, 0.0) for r in readings) for name in readings[0].stages}
    return {
        "threads": threads,
        "pages": len(readings),
        "pages_per_second": round(len(readings) / wall, 1),
        "pages_per_cpu_second": round(len(readings) / cpu, 1),
        "imread_pages_per_second": round(len(paths) / decode, 1),
        "times_bare_imread": round(wall / decode, 2),
        "ms_by_stage": {name: round(value, 2) for name, value in stages.items()},
        "refused": sum(not r.ok for r in readings),
    }


def main() -> None:
    """Run the benchmark and print one line of JSON per number of threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--images", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    sheet = layout(default_profile())
    with tempfile.TemporaryDirectory() as folder:
        paths = sorted(options.images.iterdir()) if options.images else make_pages(Path(folder), sheet, options.pages)
        list(read_files(paths[:3], sheet, threads=1))
        results = [measure(paths, sheet, threads) for threads in options.threads]
    for result in results:
        print(json.dumps(result))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
