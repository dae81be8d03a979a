"""Two builds of one commit: `python -m installers.compare ONE.json OTHER.json … --out FILE.json`, in pairs.

The JSON that lies beside each installer holds the SHA-256 of the installer and of its list of files; the list holds
that of every file. The signature is the same as long as the key is: with another key only the signed stamp differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def compared(one: Path, other: Path) -> dict[str, Any]:
    """Whether two builds have the same list of files and are the same installer, byte for byte."""
    first, second = (json.loads(path.read_text("utf-8")) for path in (one, other))
    return {
        "file": first["file"], "files": sum(part["files"] for part in first["parts"].values()),
        "same_list": first["list_sha256"] == second["list_sha256"],
        "same_installer": first["sha256"] == second["sha256"], "list_sha256": first["list_sha256"],
    }  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Every pair; 1 when one differs."""
    parser = argparse.ArgumentParser(prog="python -m installers.compare", description=__doc__)
    parser.add_argument("builds", type=Path, nargs="+")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args(argv)
    told = [compared(*pair) for pair in zip(args.builds[::2], args.builds[1::2], strict=True)]
    text = json.dumps(told, indent=1)
    print(text)
    if args.out:
        args.out.write_text(text + "\n", encoding="utf-8")
    return 0 if all(one["same_list"] and one["same_installer"] for one in told) else 1


if __name__ == "__main__":
    sys.exit(main())
