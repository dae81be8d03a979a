"""The drive wizard's callables over the services; language and person are those of the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import _
from mab_desktop.services import transfer_view
from mab_desktop.ui.confirm_password import ask_for_password
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.transfer import (
    Drive,
    Exportable,
    Known,
    Recipient,
    Signer,
    TransferActions,
    TransferItem,
    TransferPreview,
    TransferResult,
)
from mab_desktop.ui.transfer_wizard import Mode, TransferPage

FINAL_KINDS = ("final-data",)  # what goes out only with the person's password


@dataclass(frozen=True, slots=True)
class Closer:
    """How an application shows some kinds of files in place of sentences.

    `look` runs in the task that opened the file and gives what makes the card, or None; `taken` hears that the file was
    taken, in the same task.
    """

    look: Callable[[transfer_view.CarrierLook], Callable[[], QWidget] | None] = lambda _seen: None
    taken: Callable[[transfer_view.CarrierLook], None] = lambda _seen: None


def transfer_page(app: AppContext, mode: Mode = "both", closer: Closer = Closer()) -> TransferPage:
    """The drive wizard with every kind of file that this workplace may take and write."""
    return TransferPage(app, transfer_actions(app, closer), mode)


def transfer_actions(app: AppContext, closer: Closer = Closer()) -> TransferActions:
    """See the module."""
    taking = _Taking(app, closer)

    def make(kind: str, recipients: Sequence[str], passwords: Mapping[str, str], progress: Progress) -> Any:
        return transfer_view.make(app.ctx, kind, recipients, passwords, progress)

    def write(made: Any, drive: Drive, progress: Progress) -> list[TransferResult]:
        moved = transfer_view.put(app.ctx, made, Path(drive.path), progress)
        return [TransferResult(one.path, one.lines, one.warnings, one.recipient) for one in moved]

    return TransferActions(
        lambda: [_drive(drive) for drive in transfer_view.drives()],
        lambda drive: [_item(file) for file in transfer_view.carrier_files(app.ctx, Path(drive.path))],
        taking.preview, taking.accept, taking.accept_new,
        lambda: [_exportable(offer) for offer in transfer_view.offered(app.ctx)],
        make, write, lambda drive: transfer_view.let_go(app.ctx, Path(drive.path)),
        lambda kind: kind not in FINAL_KINDS or ask_for_password(
            app, app.shell, _("Write the final data?"),
            _("They end the season for the testing centre (p.37). Your password shows that it is you who sends them."),
            _("Write the final data"), cannot_undo=False,
        ),
        lambda digest: transfer_view.made_before(app.ctx, digest),
    )  # fmt: skip


class _Taking:
    """Keeps the carrier that was looked at last: the quarantine holds one."""

    def __init__(self, app: AppContext, closer: Closer) -> None:
        self._app, self._closer = app, closer
        self._seen: dict[str, transfer_view.CarrierLook] = {}

    def preview(self, path: str, progress: Progress) -> TransferPreview:
        self._seen.clear()
        found = transfer_view.look(self._app.ctx, Path(path), progress)
        self._seen[path] = found
        since = found.known_since
        title = _("What accepting it did") if since else _("What accepting does")
        changes = ((title, "\n".join(found.changes)),) if found.changes else ()
        warnings = found.warnings
        if since:
            again = _("This file was accepted on {moment}. Accepting it again changes nothing and gives the receipt "
                      "anew.")  # fmt: skip
            warnings = (again.format(moment=since),)
        card = None if since else self._closer.look(found)
        return TransferPreview(_item(found.file), (*found.lines, *changes), warnings=warnings, card=card)

    def accept(self, shown: TransferPreview, progress: Progress) -> TransferResult:
        path = shown.item.path
        found = self._seen.pop(path, None) or transfer_view.look(self._app.ctx, Path(path), progress)
        taken = _result(transfer_view.take(self._app.ctx, found, progress))
        self._closer.taken(found)
        return taken

    def accept_new(self, drive: Drive, progress: Progress) -> TransferResult:
        self._seen.clear()
        return _result(transfer_view.take_new(self._app.ctx, Path(drive.path), progress))


def _result(moved: transfer_view.Moved) -> TransferResult:
    done = ((_("Done"), "\n".join(moved.words)),) if moved.words else ()
    return TransferResult("", (*done, *moved.lines), moved.warnings)


def _drive(found: transfer_view.DriveView) -> Drive:
    return Drive(
        str(found.folder), found.name, found.free, found.total, found.writable, removable=found.removable
    )


def _item(file: transfer_view.CarrierFile) -> TransferItem:
    known = Known(file.verdict.value)
    return TransferItem(
        file.name, file.title, file.sender, file.recipient, file.made, file.size, known, file.note, file.number
    )


def _exportable(offer: transfer_view.OfferView) -> Exportable:
    recipients = tuple(Recipient(*recipient) for recipient in offer.recipients if not recipient[2] or offer.obstacle)
    closed = [f"{title}: {why}" for _key, title, why in offer.recipients if why]
    description = "\n".join(closed) if closed and not offer.obstacle else ""
    return Exportable(
        offer.kind, offer.title, recipients, description, offer.paragraph, offer.obstacle, offer.signatures,
        tuple(Signer(*signer) for signer in offer.signers),
    )  # fmt: skip
