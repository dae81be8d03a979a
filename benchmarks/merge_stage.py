"""A network university whose operators' portions lie on a drive as carrier files, for the benchmark of merging."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.stage import BASE, Plan, Stage, new_stage
from mab_desktop.services import centre_roots, centre_season, centre_trust, operators, transfer
from mab_desktop.services.context import Context

Put = Callable[[Context, Sequence[dict[str, Any]]], Any]


class PortionsOnADrive:
    """`programmer` has loaded nothing yet; `files` are the portions, one carrier for each operator's PC."""

    def __init__(self, out: Path, typed: Sequence[Sequence[dict[str, Any]]], code: str, put: Put) -> None:
        self.stage = _centre(out, code)
        self.programmer = self.stage.create(f"nu{code}", Role.NETWORK_UNI, code, "programmer", "Асан Үсенұлы",
                                            "programmer")  # fmt: skip
        self.stage.enrol(f"nu{code}")
        pcs = [f"nu{code}-{number}" for number in range(1, len(typed) + 1)]
        for number, pc in enumerate(pcs, 1):
            login, name = f"op{number}", f"Оператор {number}"
            operators.save_operator(self.programmer, {"login": login, "full_name": name, "workplace": pc})
            self.stage.create(pc, Role.NETWORK_UNI, code, login, name, "operator", login)
            self.stage.enrol(pc)
        centre_trust.issue_trust(self.stage.ctx("ntc"), self.stage.signers("ntc"))
        self.stage.hand_over("ntc", "reference", [f"nu{code}"], [f"nu{code}", *pcs])
        self.files = []
        for pc, portion in zip(pcs, typed, strict=True):
            put(self.stage.ctx(pc), portion)
            exported = transfer.export(self.stage.ctx(pc), "operator-portion", f"nu{code}", self.stage.drive)
            self.files.append(list(exported.paths))

    def load(self) -> int:
        """What the programmer's PC does with each file: copied, verified, decrypted, checked, previewed, merged."""
        for paths in self.files:
            transfer.accept(self.programmer, transfer.examine(self.programmer, paths), backup=False)
        return len(self.files)

    def close(self) -> None:
        """Let go of every database."""
        self.stage.close()


def _centre(out: Path, code: str) -> Stage:
    stage = new_stage(out, Plan("merge", 1, 1, 1), "kk", Silent())
    centre = stage.create("ntc", Role.NTC, "", "registrar", "Тіркеуші", "programmer")
    for login in ("registrar", "deputy"):
        stage.make_signer("ntc", login, login)
    stage.memory["fingerprint"] = centre_roots.create_authority(centre, stage.signers("ntc"), stage.keep_roots)
    stage.memory["centre_file"] = "mab-centre-trust.json"
    (stage.drive / stage.memory["centre_file"]).write_bytes(centre_trust.trust_bytes(centre))
    shifts = centre_season.planned_shifts(stage.clock.moment.date(), 1, "09:00")
    centre_season.set_up(centre, {BASE: [code]}, shifts)
    return stage
