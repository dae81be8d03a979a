"""A network university for tests: the programmer's PC and two operators' PCs that the centre knows, and a drive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mab_desktop.domain.organisation import Role
from mab_desktop.domain.student import STUDENT
from mab_desktop.exchange import trust
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.services import centre_trust, specialties, transfer, trusting
from mab_desktop.services.context import Context
from mab_desktop.ui.screens import type_text
from tests.conftest import MakeContext
from tests.services import authority

CODE, BASE = "027", "013"
ENTER, CTRL = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier


@dataclass
class NetworkStage:
    """The university's workplaces, already in the centre's trust list; `drive` is the folder between them."""

    centre: Context
    programmer: Context
    operators: tuple[Context, Context]
    base: Context
    drive: Path

    def carry(self, sender: Context, kind: str, receiver: Context) -> transfer.Accepted:
        """Export at one PC, load at the other, without anybody looking."""
        exported = transfer.export(sender, kind, receiver.organisation, self.drive)
        return transfer.load(receiver, list(exported.paths))


def make_stage(make_context: MakeContext, folder: Path) -> NetworkStage:
    """The workplaces with keys and trust list; two specialties take part."""
    drive = folder / "drive"
    drive.mkdir()
    centre, base = make_context(Role.NTC), make_context(Role.BASE_UNI, BASE)
    programmer = make_context(Role.NETWORK_UNI, CODE, name="programmer")
    operators = [make_context(Role.NETWORK_UNI, CODE, "operator", login) for login in ("op1", "op2")]
    main = [at_device(ctx, ctx.organisation) for ctx in (programmer, base)]
    others = [at_device(ctx, f"nu{CODE}-{ctx.actor.login}") for ctx in operators]
    authority.make_authority(centre)
    for ctx in (*main, *others):
        keys = give_keys(ctx)
        centre_trust.enrol(centre, keys.public, keys.public.fingerprint)
    newest = trust.verify_list(authority.issue(centre))
    for ctx in (*main, *others):
        with ctx.store.write(ctx.actor) as tx:
            trusting.adopt_in(ctx, tx, newest)
    specialties.choose_specialties(main[0], ["050102", "050703"])
    return NetworkStage(centre, main[0], (others[0], others[1]), main[1], drive)


def give_keys(ctx: Context) -> DeviceKeys:
    """The keys that a workplace has from its first start."""
    keys = DeviceKeys.generate(ctx.organisation, ctx.actor.device, ctx.role.value, ctx.entropy)
    with ctx.store.write(ctx.actor) as tx:
        trusting.put_device_keys(ctx, tx, keys)
        tx.note("workplace-created", ctx.actor.device)
    return keys


def at_device(ctx: Context, device: str) -> Context:
    """The same workplace under the name of a device."""
    return replace(ctx, actor=replace(ctx.actor, organisation=ctx.organisation, device=device))


def student(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A complete record; `number` makes its own numbers."""
    values: dict[str, Any] = {
        "surname": "Қайратұлы", "first_name": "Өркен", "patronymic": "Серікұлы", "birth_date": date(1991, 5, 14),
        "citizenship": "398", "nationality": "005", "sex": "1", "specialty": "050102", "course": "2",
        "study_language": "1", "study_form": "1", "payment": "3", "to_code": f"{20000000 + number}",
        "certificate": f"{30000000 + number}", "grant_certificate": None, "identity_document": f"{100000000 + number}",
        "admission_year": 2009, "record_book": f"09-{number:04d}", "foreign_language": "1",
    }  # fmt: skip
    return values | changes


def keys_of(name: str, value: Any) -> str:
    """What a person types for a value."""
    if value is None:
        return ""
    return value.strftime("%d%m%Y") if isinstance(value, date) else str(value)


def focused() -> QWidget:
    """Where the keys go."""
    found = QApplication.focusWidget()
    assert found is not None
    return found


def type_record(qtbot: QtBot, form: Any, values: Mapping[str, Any], *, only_empty: bool = False) -> int:
    """Type a record by keyboard alone, from the first field on; the number of keys pressed.

    A field whose positions are full passes the focus on by itself; Enter is pressed only where that did not happen.
    With `only_empty` fields that hold a value (carried over) are left alone: Enter passes over them, as it does over
    what need not be typed.
    """
    pressed = 0
    for name in STUDENT.names:
        line, words = form.rows[name].line, keys_of(name, values[name])
        if not words or (only_empty and not form.rows[name].editor.is_empty()):
            continue
        for _once_and_again in range(3):  # the first Enter in a field that was reached by itself stays there
            if focused() is not line:
                qtbot.keyClick(focused(), ENTER)
                pressed += 1
        assert focused() is line, f"{name} has not the focus"
        type_text(line, words)
        pressed += len(words)
    return pressed
