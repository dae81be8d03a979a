"""Where people sign: role, a line for the hand, the name, the date, and «М.О.» where a seal is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, fitted, put, put_lines, wrap
from mab_desktop.forms.page import BODY, HAIRLINE, Sheet
from mab_desktop.i18n import N_

NETWORK_COORDINATOR = N_("Network-university coordinator")
NETWORK_PROGRAMMER = N_("Network-university programmer")
NETWORK_HEAD = N_("Head of the network university")
BASE_COORDINATOR = N_("Base-university coordinator")
BASE_PROGRAMMER = N_("Base-university programmer")
REPRESENTATIVE = N_("Ministry representative")
MINISTRY_PROGRAMMER = N_("Ministry programmer")
COMMISSION_CHAIR = N_("Chair of the state commission")
COMMISSION_SECRETARY = N_("Secretary of the state commission")
COMMISSION_MEMBER = N_("Member of the state commission")
APPEAL_CHAIR = N_("Chair of the appeal commission")
APPEAL_MEMBER = N_("Member of the appeal commission")
DUTY_OFFICER = N_("Hall duty officer")
STUDENT = N_("Student")

_DATE_LINE = "«____» ______________ 20___"
_COLUMNS = (0.0, 0.33, 0.53, 0.76)
_MIDDLES = ((0.335, 0.525), (0.545, 0.755), (0.765, 1.0))
_ROW = 23.0


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the role (a message id), the name if it is known, whether a seal goes on it."""

    role: str
    name: str = ""
    seal: bool = False


def signatures(sheet: Sheet, signers: Sequence[Signer]) -> None:
    """Draw a line for each signer; the block stays on one page if a page can hold it."""
    if not signers:
        return
    sheet.need(signatures_height(sheet, signers))
    sheet.gap(9)
    _heads(sheet)
    for signer in signers:
        height = _height(sheet, signer)
        sheet.need(height)
        _line(sheet, signer, height)


def signatures_height(sheet: Sheet, signers: Sequence[Signer]) -> float:
    """The height `signatures` takes, in points."""
    return 9 + 13 + sum(_height(sheet, signer) for signer in signers) if signers else 0.0


def approval(sheet: Sheet, signer: Signer) -> None:
    """Draw the block «БЕКІТЕМІН» at the right: the approving role, signature, name, date, seal (p.46)."""
    sheet.need(74)
    x, words = sheet.left + (sheet.right - sheet.left) * 0.56, sheet.words
    room = sheet.right - x
    y = put_lines(sheet.canvas, x, sheet.y, (words.both(N_("I approve")).upper(),), 10, BOLD)
    y = put_lines(sheet.canvas, x, y, wrap(words.both(signer.role), room, REGULAR, BODY), BODY)
    sheet.canvas.setLineWidth(HAIRLINE)
    sheet.canvas.line(x, y - 14, x + room * 0.4, y - 14)
    put_lines(sheet.canvas, x + room * 0.42, y - 4, wrap(signer.name, room * 0.58, REGULAR, BODY), BODY)
    put(sheet.canvas, x, y - 30, _DATE_LINE, BODY)
    put(sheet.canvas, sheet.right, y - 30, words(N_("Place of seal")) if signer.seal else "", BODY, REGULAR, "right")
    sheet.y = y - 40


def _heads(sheet: Sheet) -> None:
    span, y = sheet.right - sheet.left, sheet.y
    for (start, end), msgid in zip(_MIDDLES, (N_("Signature"), N_("Full name"), N_("Date")), strict=True):
        middle = sheet.left + span * (start + end) / 2
        put_lines(sheet.canvas, middle, y, (sheet.words.both(msgid),), SMALLEST, REGULAR, "center")
    sheet.gap(13)


def _role_lines(sheet: Sheet, role: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    room = (sheet.right - sheet.left) * (_COLUMNS[1] - 0.01)
    below = sheet.words.below(role)
    return wrap(sheet.words(role), room, REGULAR, BODY), wrap(below, room, REGULAR, SMALLEST) if below else ()


def _name(sheet: Sheet, name: str) -> tuple[float, tuple[str, ...]]:
    return fitted(name, (sheet.right - sheet.left) * 0.21, REGULAR, BODY) if name else (BODY, ())


def _height(sheet: Sheet, signer: Signer) -> float:
    role, below = _role_lines(sheet, signer.role)
    size, name = _name(sheet, signer.name)
    texts = max((len(role) * BODY + len(below) * SMALLEST) * LEADING, len(name) * size * LEADING)
    return max(_ROW, texts + 6) + (12 if signer.seal else 0)


def _line(sheet: Sheet, signer: Signer, height: float) -> None:
    canvas, span, top = sheet.canvas, sheet.right - sheet.left, sheet.y
    role, below = _role_lines(sheet, signer.role)
    y = put_lines(canvas, sheet.left, top, role, BODY)
    put_lines(canvas, sheet.left, y, below, SMALLEST)
    base = top - height + 4 + (12 if signer.seal else 0)
    canvas.setLineWidth(HAIRLINE)
    (sign, sign_end), (name_from, name_to), (_, _) = _MIDDLES
    canvas.line(sheet.left + span * sign, base, sheet.left + span * sign_end, base)
    canvas.line(sheet.left + span * name_from, base, sheet.left + span * name_to, base)
    size, lines = _name(sheet, signer.name)
    middle = sheet.left + span * (name_from + name_to) / 2
    put_lines(canvas, middle, base + 2 + len(lines) * size * LEADING, lines, size, REGULAR, "center")
    put(canvas, sheet.right, base + 1, _DATE_LINE, BODY, REGULAR, "right")
    if signer.seal:
        put(canvas, sheet.left + span * sign, base - 11, sheet.words.both(N_("Place of seal")), BODY, BOLD)
    sheet.y = top - height
