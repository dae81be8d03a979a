"""The installation record of this computer, as it is printed and signed."""

from __future__ import annotations

from datetime import datetime

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import ROLE_LABELS
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.forms import installation_record
from mab_desktop.i18n import N_
from mab_desktop.services import installation
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.imprint import head, imprint


def print_installation(ctx: Context, progress: Progress = Silent()) -> Document:
    """Compare every file with the signed list, and say on paper what stands here and who put it there."""
    found = installation.check_self(progress=progress)
    listed, folder = found.release, installation.top()
    lines = installation.installations(installation.record_path(folder, listed.role))
    if not lines:
        raise UserError(
            N_("Nobody has written down the installation on this computer."),
            next_step=N_("Run the installer again; the data stay as they are."),
        )
    with ctx.store.read() as session:
        top = head(ctx, session)
    parts = [(name, files, -(-size // 1024), digest) for name, files, size, digest in installation.parts(listed)]
    history = [
        (f"{datetime.fromisoformat(line.at):%d.%m.%Y %H:%M}", line.version, line.before or "–", line.by)
        for line in lines
    ]  # fmt: skip

    def draw(printing: Printing) -> bytes:
        record = installation_record.InstallationRecord(
            top, imprint(printing), ROLE_LABELS[ctx.role], lines[-1].version, lines[-1].computer, str(folder),
            found.signed_by or "–", listed.groups, len(listed.files), found.whole, parts, history, lines[-1].by,
        )  # fmt: skip
        return installation_record.draw(record, lang=printing.lang)

    return print_document(ctx, "installation", listed.groups[0], draw)
