"""The tables of docs/release-notes.md, out of what lies in results: `python -m installers.notes` prints them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from installers.description import HERE, Role, read

RESULTS = HERE / "results"
# An installer of each kind: Debian without and with the wheel's OpenCV, Windows.
SHOWN = {"deb-network-uni": "`mab-network-uni` .deb", "deb-base-uni": "`mab-base-uni` .deb",
         "windows-audit-fund": "MAB-Hall-Fund setup"}  # fmt: skip


def result(name: str) -> Any:
    """What was measured and kept under a name."""
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def sizes_and_start() -> list[str]:
    """A line for each application: sizes beside their limits, and how quickly it starts."""
    head = ("application", "`.deb` MB", "at most", "setup MB", "at most", "start-up: processor, all")
    return _table(head, [_of(role) for role in read().roles.values()])


def _of(role: Role) -> Sequence[str]:
    deb, setup = (result(f"{system}-{role.key}")["size_mb"] for system in ("deb", "windows"))
    began = result(f"start-up-{role.key}")
    title = role.title["en"].removeprefix("MAB: ").capitalize()
    return (title, f"{deb:.1f}", str(role.limit["deb"]), f"{setup:.1f}", str(role.limit["windows"]),
            f"{began['processor_ratio']:.2f}, {began['ratio']:.2f}")  # fmt: skip


def parts() -> list[str]:
    """What takes the room: MB in the installer and, in brackets, on the disk."""
    found = [result(name)["parts"] for name in SHOWN]
    rows = [
        (part, *(f"{one[part]['packed']:.1f} ({one[part]['disk']:.0f})" if part in one else "–" for one in found))
        for part in _largest_first([{name: facts["packed"] for name, facts in one.items()} for one in found])
    ]
    return _table(("part", *SHOWN.values()), rows)


def left_out() -> list[str]:
    """What stayed at home and why: MB on the disk."""
    found = [result(name)["left_out_mb"] for name in SHOWN]
    rows = [(why, *(f"{one[why]:.0f}" if why in one else "–" for one in found))
            for why in _largest_first(found)]  # fmt: skip
    return _table(("", *SHOWN.values()), rows)


def _largest_first(found: Sequence[Mapping[str, float]]) -> list[str]:
    names = dict.fromkeys(name for one in found for name in one)
    return sorted(names, key=lambda name: -max(one.get(name, 0.0) for one in found))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, *rows)]


if __name__ == "__main__":
    for table in (sizes_and_start(), parts(), left_out()):
        print(table[0], "|" + "---|" * (table[0].count("|") - 1), *table[1:], "", sep="\n")
