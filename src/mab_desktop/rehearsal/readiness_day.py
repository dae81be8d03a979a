"""Before the first shift: the workplace is checked with simulated paper, scanner, drive and reserve PC, and signed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mab_desktop.rehearsal import paper, scanner, slips
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.stage import Stage
from mab_desktop.services import documents_day, equipment, readiness, reserve, reserve_check, trial_pack
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, pdf_parts

WHITE = 246


def get_ready(stage: Stage, representative: str) -> None:
    """Every check, then the report that programmer and representative sign together."""
    mp, name = slips.programmer(stage), f"mp{stage.plan.base}"
    folder = stage.out / "readiness"
    with stage.counting("paper"):
        test_page = _scanned(stage, "test-page", equipment.print_fit_sheet(mp), folder)
        pack = _scanned(stage, "pack", trial_pack.print_pack(mp), folder)
        white = _white_sheet(stage, folder)
    equipment.run_check(mp, equipment.FIT, test_page[0])
    equipment.run_check(mp, equipment.GLASS, white)
    readiness.check_pc(mp, stage.progress)
    readiness.read_pack(mp, pack, stage.progress)
    readiness.check_drive(mp, stage.drive, stage.progress)
    _reserve(stage, mp, folder / "reserve-drive")
    readiness.sign(mp, representative, stage.password(name))
    stage.keep("05-eve", documents_day.print_readiness(mp), documents_day.print_corrections(mp))


def _reserve(stage: Stage, mp: Context, drive: Path) -> None:
    """A set goes to the reserve PC, which reads it and answers."""
    drive.mkdir(parents=True, exist_ok=True)
    reserve.write_set(mp, drive, stage.progress)
    reserve_check.look(drive, stage.out / "workplaces", stage.clock, stage.progress)
    readiness.check_reserve(mp, drive, stage.progress)


def _scanned(stage: Stage, name: str, document: Document, folder: Path) -> list[Path]:
    """Pages printed on the exam's printer and fed through its scanner, both in order."""
    pdf = b"".join(pdf_parts(document.pdf))
    rng = stream(stage.plan.seed, "readiness", name)
    model, paths = scanner.draw_scanner(rng, "clean"), []
    (folder / name).mkdir(parents=True, exist_ok=True)
    for number, sheet in enumerate(paper.print_pages(pdf, rng, paper.Printer()), 1):
        paths.append(folder / name / f"{number:03d}.{model.format}")
        paths[-1].write_bytes(scanner.encode(scanner.scan(sheet, model, rng, turned=False), model))
    return paths


def _white_sheet(stage: Stage, folder: Path) -> Path:
    rng = stream(stage.plan.seed, "readiness", "white")
    model = scanner.draw_scanner(rng, "clean")
    path = folder / f"white.{model.format}"
    empty = paper.PaperSheet(np.full((2339, 1654), WHITE, np.uint8), 200)
    path.write_bytes(scanner.encode(scanner.scan(empty, model, rng, turned=False), model))
    return path
