"""The end of a season at the ministry programmer's: the report, the final data with images, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.ntc import report as report_command
from mab_desktop.services import (
    centre_final,
    documents_results,
    final_images,
    representative_report,
    transfer,
    transfer_view,
)
from mab_desktop.services.context import Context
from tests.conftest import MakeContext
from tests.forms import printed_page
from tests.services.carrier_stand import FillingDrive
from tests.services.land import Land, refused, sent
from tests.services.test_images import Envelope

TASKS = len(representative_report.TASKS)


def representative(ctx: Context) -> Context:
    return ctx.as_person("rep", "Өкіл Өкілов", "representative")


def words(**said: str) -> list[str]:
    return [said.get(f"t{n}", "") for n in range(1, TASKS + 1)]


def test_only_the_representative_writes_her_report_and_it_is_printed(make_context: MakeContext) -> None:
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    with pytest.raises(UserError):
        representative_report.save(ctx, words(t1="Программист жазды"))
    with pytest.raises(Refused, match="at most 4000"):
        representative_report.save(representative(ctx), words(t2="ә" * 4001))
    with pytest.raises(Refused):
        representative_report.save(representative(ctx), words(t3="бағыты \u202eөзгерген"))
    assert representative_report.report(ctx).written == 0
    typed = words(t1="  Бәрі   тәртіппен.\n\n\nЕскерту жоқ. ", t9="Жоқ")
    saved = representative_report.save(representative(ctx), typed)
    assert (saved.texts[0], saved.written, saved.by) == ("Бәрі тәртіппен.\nЕскерту жоқ.", 2, "Өкіл Өкілов")
    assert representative_report.report(ctx) == saved
    assert len(representative_report.known(ctx)) == TASKS
    text = "\n".join(printed_page.texts(documents_results.print_report(ctx).pdf))
    assert all(part in text for part in ("Бәрі тәртіппен.", "Ескерту жоқ.", "Өкіл Өкілов"))


def test_a_report_written_anew_is_no_duplicate_of_the_one_before(make_context: MakeContext) -> None:
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    representative_report.save(representative(ctx), words(t1="Тәртіппен өтті."))
    assert documents_results.print_report(ctx).number == 1
    assert documents_results.print_report(ctx).number == 2  # the same words once more
    ctx.clock.set(ctx.clock.now() + timedelta(minutes=5))  # type: ignore[attr-defined]
    representative_report.save(representative(ctx), words(t1="Тәртіппен өтті, бір ескерту бар."))
    again = documents_results.print_report(ctx)
    assert (again.number, "ДУБЛИКАТ" in "".join(printed_page.texts(again.pdf))) == (1, False)


def test_the_final_data_goes_out_once_more_comes_in_once_and_is_confirmed(
    land: Land, capsys: pytest.CaptureFixture[str]
) -> None:
    """A drive too small, the same file twice, a newer report: each told, nothing lost, receipts on the way back."""
    envelope = Envelope(land)
    envelope.seal(4)  # one image is lost here
    ministry, centre = envelope.ctx, land.ctx("ntc")
    representative_report.save(representative(ministry), words(t1="Технология сақталды.", t8="Апелляция өтті."))
    with refused("drive-full"):
        transfer.export(ministry, "final-data", "ntc", FillingDrive(land.drive, 1000))
    assert list(land.drive.glob("*final-data*.mab")) == []
    assert sent(ministry) == [("final-data", 1, "built")]

    moved = transfer_view.put(ministry, transfer_view.make(ministry, "final-data", ["ntc"]), land.drive)
    (first,) = land.drive.glob("*final-data*.mab")  # the same file under the same number, not a second one beside it
    assert moved[0].path.endswith(first.name)
    assert sent(ministry) == [("final-data", 1, "written")]

    taken = transfer_view.take(centre, transfer_view.look(centre, first))
    assert "Representative's report, paragraphs: 2" in taken.words
    assert [line.page for line in final_images.image_lines(centre, "013") if line.lost] == [4]
    again = transfer_view.look(centre, first)
    assert again.known_since
    (receipt,) = land.drive.glob("*-receipt-ntc-mp013-*.mab")
    transfer_view.take(ministry, transfer_view.look(ministry, receipt))
    assert sent(ministry) == [("final-data", 1, "receipted")]

    representative_report.save(representative(ministry), words(t1="Технология сақталды. Түзетілді."))
    second = transfer.export(ministry, "final-data", "ntc", land.drive)
    transfer_view.take(centre, transfer_view.look(centre, second.paths[0]))
    (found,) = centre_final.representative_reports(centre)
    assert [text for _task, text in found.tasks if text] == ["Технология сақталды. Түзетілді."]
    assert len(final_images.image_lines(centre, "013")) == 6

    told: list[str] = []
    desk: Any = SimpleNamespace(ctx=centre, word=lambda text: text, say=_say(told))
    assert report_command.run(desk, SimpleNamespace(base="")) == 0  # type: ignore[arg-type]
    assert told[0].startswith("Representative's report of 013: Өкіл Өкілов")
    assert "   Технология сақталды. Түзетілді." in told
    assert capsys.readouterr().out == ""


def _say(told: list[str]) -> Callable[..., None]:
    return lambda text, **params: told.append(text.format(**params) if params else text)
