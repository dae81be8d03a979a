"""A set of carriers with very many images, made and opened in bounded memory.

    python -m tests.long.large_set [--mebibytes 1024] [--image 400] [--part 256] [--folder DIR] [--out FILE]

Images are random bytes of --image KiB, so nothing about them is easy. Prints and keeps speed against pyrage on the same
files one by one (`encrypt_file` and `decrypt_file` neither hash, nor sign, nor read back), and the peak of memory.
The default suite runs it small (tests/exchange/test_large_set.py).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage

from tests.exchange.conftest import World

OUT = Path(__file__).parent / "results" / "large-set.json"


def run(folder: Path, mebibytes: int, image_kib: int, part_mib: int) -> dict[str, Any]:
    """Make and open the set in `folder`; the numbers."""
    world, count = World(folder), mebibytes * 1024 // image_kib
    images, plain = {}, folder / "images"
    plain.mkdir()
    for number in range(count):
        path = plain / f"{number:06d}.jpg"
        path.write_bytes(os.urandom(image_kib << 10))
        images[f"shift-1/{number:06d}.jpg"] = path
    found: dict[str, Any] = {"mebibytes": mebibytes, "images": count, "image_kib": image_kib, "part_mib": part_mib}

    def measured(name: str, act: Callable[[], Any]) -> Any:
        wall, work = time.perf_counter(), time.process_time()
        result = act()
        wall, work = time.perf_counter() - wall, time.process_time() - work
        found[name] = {"mb_per_second": round(mebibytes / wall, 1), "cpu_seconds": round(work, 2)}
        return result

    aged = folder / "aged"
    aged.mkdir()
    to = [pyrage.x25519.Recipient.from_str(world.ntc.public.age)]
    me = [pyrage.x25519.Identity.from_str(world.ntc.age_identity)]
    measured("pyrage encrypt_file", lambda: [
        pyrage.encrypt_file(str(path), str(aged / path.name), to) for path in images.values()
    ])  # fmt: skip
    before = _peak()
    built = measured("build", lambda: world.send_images(images, part_limit=part_mib << 20))
    opened = measured("open", lambda: world.open(built.paths, world.ntc))
    measured("read every image", lambda: [_same(images[info.name], data) for info, data in opened.each_attachment()])
    found |= {"parts": len(built.paths), "peak_mib": _peak(), "peak_mib_more_than_before": _peak() - before}
    measured("pyrage decrypt_file", lambda: [
        pyrage.decrypt_file(str(path), str(folder / "decrypted"), me) for path in sorted(aged.iterdir())
    ])  # fmt: skip
    return found


def _same(path: Path, data: bytes) -> None:
    if path.read_bytes() != data:
        raise AssertionError(path.name)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> int:
    """Run it and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--image", type=int, default=400, metavar="KiB")
    parser.add_argument("--part", type=int, default=256, metavar="MiB")
    parser.add_argument("--folder", type=Path, help="where to work (default: the system's folder for such things)")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        found = run(Path(folder), args.mebibytes, args.image, args.part)
    text = json.dumps(found, indent=1)
    print(text)
    args.out.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
