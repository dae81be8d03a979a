"""The inside of the virtual printer, started by `ippeveprinter` for each job: `press.py FOLDER FILE`.

Keeps the PDF and the attributes of the job (IPP_... of the environment) in FOLDER/arrived, counts sides out on stderr
as `ippeveprinter` wants to hear it, and jams where FOLDER/order.json says so until somebody writes into FOLDER/cleared.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pypdfium2


def say(words: str) -> None:
    """Tell the printer around this press."""
    print(words, file=sys.stderr, flush=True)


def main(folder: Path, document: Path) -> None:
    """Print one job."""
    data = document.read_bytes()
    order = json.loads((folder / "order.json").read_text("utf-8"))
    with pypdfium2.PdfDocument(data) as pdf:
        sides = len(pdf) * int(os.environ.get("IPP_COPIES", "1"))
    name = f"{len(list((folder / 'arrived').glob('*.json'))):04d}"
    (folder / "arrived" / f"{name}.pdf").write_bytes(data)
    attributes = {key[4:]: value for key, value in os.environ.items() if key.startswith("IPP_")}
    jam = min(order["jam_after"], sides)
    if jam:
        say(f"ATTR: job-impressions-completed={jam}")
        say("STATE: +media-jam-error")
    (folder / "arrived" / f"{name}.json").write_text(json.dumps(attributes), encoding="utf-8")
    if jam:
        (folder / "cleared").read_text("utf-8")  # waits at the pipe
        say("STATE: -media-jam-error")
    say(f"ATTR: job-impressions-completed={sides}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
