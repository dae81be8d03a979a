"""A worker that does to its process what evil files do: run by the tests as `python -m tests.bounded.odd_worker`."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from mab_desktop.bounded.child import Desk, Distant, WorkRefused, serve


def work(request: dict[str, Any], file: Distant, desk: Desk) -> dict[str, Any]:
    """One kind of mischief, or honest work."""
    return {**_WORKS[request["do"]](file, desk, request)}


def _sum(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    return {"sum": sum(file.read_whole())}


def _pieces(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    for at in request["at"]:
        file.seek(at)
        desk.part(file.read(5))
    return {}


def _asset(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    return {"size": desk.put(desk.asset("tool"))}


def _die(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    os.abort()


def _hang(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    while True:
        pass


def _wait(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """Get nothing of the processor for so long, as on a machine that has other work."""
    time.sleep(request["wait"])
    return {"waited": True}


def _hoard(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    hoard = []
    while True:
        hoard.append(bytearray(16 << 20))


def _stumble(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    return {"never": list[int]()[1]}


def _refuse(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    raise WorkRefused("too-large", {"detail": "9 m"})


def _write(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    try:
        with open(request["path"], "w", encoding="ascii") as out:  # noqa: PTH123
            out.write("plain")
    except OSError as error:
        return {"error": error.errno}
    return {"error": 0}


def _lie(file: Distant, desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    data = json.dumps(request["lie"]).encode()
    desk._out.write(len(data).to_bytes(4, "big") + data)
    desk._out.flush()
    return _hang(file, desk, request)


_WORKS = {
    "sum": _sum, "pieces": _pieces, "asset": _asset, "die": _die, "hang": _hang, "hoard": _hoard, "stumble": _stumble,
    "wait": _wait, "refuse": _refuse, "write": _write, "lie": _lie,
}  # fmt: skip

if __name__ == "__main__":
    serve(work)
