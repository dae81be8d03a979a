"""The test pack of answer sheets: printed with every mark known, scanned, read and compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mab_desktop.domain import trial_pack as rules
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.readiness import Judged, judge_pack
from mab_desktop.domain.sheet import layout
from mab_desktop.domain.trial_pack import ReadSheet
from mab_desktop.forms.sheet_form import SheetPrint, draw_pack
from mab_desktop.i18n import N_
from mab_desktop.omr.files import read_files
from mab_desktop.omr.read import SheetReading
from mab_desktop.services import hall_sheets, scanners
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, print_document
from mab_desktop.services.images import short_lived
from mab_desktop.services.scanners import ScannerProfile

DOCUMENT = "trial-pack"


def print_pack(ctx: Context) -> Document:
    """The pack with its marks printed in, to be scanned like an envelope."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        profile = hall_sheets.exam_profile(session)
    pack = rules.trial_pack(profile, ctx.university)

    def draw(_printing: object) -> bytes:
        return draw_pack(layout(profile), [(SheetPrint(sheet.serial), sheet.marks) for sheet in pack])

    return print_document(ctx, DOCUMENT, "", draw, file_name=DOCUMENT)


def read(ctx: Context, paths: Sequence[Path], progress: Progress = Silent()) -> Judged:
    """Read the pack from image files or folders and compare it."""
    with ctx.store.read() as session:
        profile = hall_sheets.exam_profile(session)
    pages = [_page(reading) for reading in read_files(list(paths), layout(profile), progress)]
    return judge_pack(rules.compare(rules.trial_pack(profile, ctx.university), pages, profile))


def scan(ctx: Context, scanner: ScannerProfile, progress: Progress = Silent()) -> Judged:
    """Feed the pack through the scanner and compare it; the images are not kept."""
    with short_lived(ctx) as folder:
        progress.stage(N_("Scanning the test pack"))
        pages = [page.path for page in scanners.open_source(scanner, folder).pages(progress)]
        return read(ctx, pages, progress)



def _page(reading: SheetReading) -> ReadSheet:
    groups = {
        (field, column): (group.state.value, tuple(group.values))
        for field, columns in reading.fields.items()
        for column, group in columns.items()
    }
    return ReadSheet(reading.serial, reading.ok and bool(reading.serial), groups)
