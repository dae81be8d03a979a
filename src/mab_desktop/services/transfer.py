"""Carriers out and in: the one door to everything that leaves or enters a workplace.

Out: `build` (or `export`), `write`, `write_again`, `receipts.give`. In: `examine`, `accept` (or `load`, or
`take_all` for everything new on a drive). The parts: `sending`, `taking`, `batch`, `receipts`, `waiting_room`,
`forks`, `fork_decisions`.
"""

from __future__ import annotations

import json
from pathlib import Path

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import carrier
from mab_desktop.exchange import drive as drive_files
from mab_desktop.exchange import trust as trust_rules
from mab_desktop.i18n import N_, translate
from mab_desktop.services import trusting
from mab_desktop.services.batch import Planned, Taken, plan, take_all
from mab_desktop.services.carriers import (
    BUILT,
    RECEIPTED,
    WRITTEN,
    as_drive,
    handler_for,
    handlers,
    list_carriers,
    mode,
    my_keys,
    organisation_name,
)
from mab_desktop.services.sending import Exported, Made, Offer, build, export, offers, write, write_again
from mab_desktop.services.taking import Accepted, Incoming, accept, examine, load

__all__ = [
    "BUILT", "RECEIPTED", "WRITTEN", "Accepted", "Exported", "Incoming", "Made", "Offer", "Planned", "Taken", "accept",
    "as_drive", "build", "examine", "export", "handler_for", "handlers", "list_carriers", "load", "mode", "my_keys",
    "offers", "organisation_name", "plan", "take_all", "verify", "write", "write_again",
]  # fmt: skip


def verify(path: Path, trust_path: Path | None, lang: str) -> tuple[list[str], int]:
    """The lines that `mab verify` prints, and its exit code: manifest, then the verdict.

    Without a trust list of one's own the carrier is only checked against the list it brings, and says so. UserError
    where a file is not there.
    """
    trusting.require_file(path)
    try:
        store = trust_rules.verify_list(trusting.trust_list_in(trust_path or path))
        with drive_files.drive_errors():
            verdict = carrier.verify(path, store)
    except CarrierRefused as error:
        return [translate(lang, N_("REFUSED")) + f" [{error.code}]", error.message(lang)], error.exit_code
    manifest = verdict.manifest.fields()
    lines = [json.dumps(manifest, ensure_ascii=False, indent=1)]
    signed = translate(lang, N_("Whole and rightly signed by {sender}."))
    lines.append(signed.format(sender=verdict.manifest.sender.org))
    if trust_path is None:
        lines.append(translate(lang, N_("Checked against the trust list inside the file; its root is {groups}."))
                     .format(groups=store.fingerprint))  # fmt: skip
    return lines, 0
