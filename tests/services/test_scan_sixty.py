"""A hall of sixty sheets goes twice through the simulated driverless scanner, mishaps included, and balances (p.38)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mab_desktop.rehearsal.escl_scanner import EsclScanner
from mab_desktop.rehearsal.paper import PaperSheet
from mab_desktop.rehearsal.paper_feeder import Mishaps
from mab_desktop.scanning.source import Fault, ScannerFault
from mab_desktop.services import envelopes, identification, scanners
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import SessionView, State
from mab_desktop.services.scan_suspicions import Suspect
from mab_desktop.services.scanners import ScannerProfile
from mab_desktop.services.staging import left_overs
from tests.conftest import MakeContext
from tests.services.envelope_stand import Sheets, open_hall, open_shift
from tests.services.exam_room import Room, filled, make_room

STUDENTS, UNUSED = 57, 3
LONGER = 360.0  # mm: a window longer than the sheet shows the tail of a second one


def through(room: Room, scan_pass: int, profile: ScannerProfile) -> tuple[ScanSession, list[Fault]]:
    """A run to the end of the stack; after each fault the person goes on. Gives the run and the faults."""
    session = ScanSession.begin(room.ctx, 1, "101", scan_pass)
    session.scan(scanners.open_source(profile, session.new_folder()))
    faults = []
    while session.wait() is State.FAULT:
        error = session.view().error
        assert isinstance(error, ScannerFault)
        faults.append(error.fault)
        session.go_on()
    assert session.wait() is State.ENDED
    return session, faults


def serials(view: SessionView) -> list[str]:
    return [page.serial for page in view.pages]


@pytest.mark.heavy
def test_sixty_sheets_twice_with_jams_a_cut_line_and_two_sheets_at_once(
    make_context: MakeContext, tmp_path: Path
) -> None:
    room = open_shift(make_room(make_context, tmp_path / "scans", {"101": STUDENTS}))
    sheets: Sheets = open_hall(room, unused=UNUSED)
    paper = [PaperSheet(filled(*sheet), 200.0) for sheet in sheets]
    all_serials = [serial for serial, _ in sheets]

    mishaps = Mishaps(jam=frozenset({20}), double=frozenset({30}), cut=frozenset({41}), cover=frozenset({50}))
    with EsclScanner(paper, mishaps) as scanner:
        profile = scanners.suggested(scanners.ask_scanner(scanner.address))
        session, faults = through(room, 1, profile)
        assert faults == [Fault.JAM, Fault.CONNECTION, Fault.COVER_OPEN]
        view = session.view()
        assert (view.counts.expected, view.counts.fed, view.counts.read, view.counts.refused) == (60, 59, 59, 0)
        (fewer,) = view.suspicions  # the window of A4 shows nothing of the second sheet: the serials tell
        assert fewer.kind is Suspect.FEWER
        assert dict(fewer.params)["serials"] == all_serials[31]
        scanner.feeder.lay_in(paper[31:32])
        before = next(page.key for page in view.pages if page.serial == all_serials[30])
        session.scan(scanners.open_source(profile, session.new_folder()), behind=before)
        assert session.wait() is State.ENDED
        assert session.view().suspicions == ()
        assert serials(session.view()) == all_serials
        assert session.save().pages == 60

    with EsclScanner(paper, Mishaps(double=frozenset({10}), two_noticed=frozenset({45}))) as scanner:
        scanner.feeder.seed = 2  # the sheets lie otherwise this time
        profile = scanners.suggested(scanners.ask_scanner(scanner.address))
        session, faults = through(room, 2, scanners.with_settings(profile, height=LONGER))
        assert faults == [Fault.DOUBLE_FEED]
        view = session.view()
        kinds = {suspicion.kind: suspicion for suspicion in view.suspicions}
        assert set(kinds) == {Suspect.LONGER, Suspect.NOT_AGAIN}
        assert all_serials[11] in kinds[Suspect.NOT_AGAIN].message("en")
        (longer,) = kinds[Suspect.LONGER].pages
        assert view.pages[10].key == longer
        scanner.feeder.lay_in(paper[10:12])
        session.scan(scanners.open_source(profile, session.new_folder()), instead=longer)
        assert session.wait() is State.ENDED
        assert session.view().suspicions == ()
        assert session.save().pages == 60

    line = envelopes.balance(room.ctx, 1, "101")
    assert (line.balance.read1, line.balance.read2, line.balance.used1) == (60, 60, STUDENTS)
    found = envelopes.comparison(room.ctx, 1, "101")
    assert (found.only_first, found.only_second, found.twice, found.refused, found.nameless) == ((), (), (), (), ())
    assert found.merged
    result = identification.hall_view(room.ctx, 1, "101").result
    assert len(result.matches) == STUDENTS
    assert line.balanced
    assert left_overs(room.ctx) == []
