"""The centre's papers: its fingerprint, and the secret sheets with passwords (p.30, p.39)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from mab_desktop.domain.organisation import NTC_CODE, ROLE_LABELS, Role
from mab_desktop.forms import fingerprint_sheet, national_summary, secret_sheet
from mab_desktop.forms.page import CENTRE
from mab_desktop.forms.signature import COMMISSION_CHAIR, REPRESENTATIVE, Signer
from mab_desktop.i18n import N_, translate
from mab_desktop.services import centre_secrets, centre_summary, trusting
from mab_desktop.services.centre_secrets import CENTRE as RELEASE
from mab_desktop.services.centre_secrets import CHAIR, CHAIR_DEPUTY, MINISTRY, MINISTRY_DEPUTY, SEATING
from mab_desktop.services.centre_summary import CUT_LABELS, Cut, SummaryLine
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.imprint import head, imprint
from mab_desktop.storage.tables.students import Shift

CENTRE_PROGRAMMER = N_("Programmer of the testing centre")
MINISTRY_STAND_IN = N_("Stand-in of the ministry representative")
DEPUTY_CHAIR = N_("Deputy chair of the state commission")
TITLES = {
    SEATING: N_("Password of the seating, to be told by telephone"),
    MINISTRY: N_("Password of the answer key: ministry representative"),
    CHAIR: N_("Password of the answer key: chair of the state commission"),
    MINISTRY_DEPUTY: N_("Password of the answer key: stand-in of the ministry representative"),
    CHAIR_DEPUTY: N_("Password of the answer key: deputy chair of the state commission"),
    RELEASE: N_("Release code of the answer key, to be told by telephone"),
}
_FIRST = {
    Cut.BASE: N_("Base university"), Cut.UNIVERSITY: N_("Network university"),
    Cut.DIRECTION: N_("Direction of training"), Cut.LANGUAGE: N_("Language of the test"), Cut.SUBJECT: N_("Subject"),
}  # fmt: skip
_AFTER_MARKS = N_("The key is opened only after the identification of the shift is finished, in the presence of both "
                  "holders; each types his own password.")  # fmt: skip
_TO_NOBODY = N_("Do not tell it to anybody, the holder of the other password included.")
INSTRUCTIONS = {
    SEATING: (
        N_("Tell it to the ministry programmer by telephone on the eve of the exam, after he has read out the twelve "
           "characters of the frozen list; write the characters down here: ______ ______ ______"),
        N_("The seats are drawn once only; the password opens nothing else."),
    ),
    MINISTRY: (_AFTER_MARKS, N_("After five wrong tries the program makes you wait; after fifteen it shuts the key.")),
    CHAIR: (_AFTER_MARKS, _TO_NOBODY),
    MINISTRY_DEPUTY: (_AFTER_MARKS, _TO_NOBODY),
    CHAIR_DEPUTY: (_AFTER_MARKS, _TO_NOBODY),
    RELEASE: (
        N_("Tell it only after the ministry representative has confirmed that the identification is finished (p.39); "
           "write down the code of the closed marks that he tells: ______ ______ ______"),
        N_("The key opens only together with the passwords of both holders."),
    ),
}  # fmt: skip


def print_fingerprint(ctx: Context) -> Document:
    """The 8 groups of the centre's root that every workplace types at its first start."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        store = trusting.trust_store(session)
        device = trusting.device_keys(session).device
        top = head(ctx, session)
    groups, number = tuple(store.fingerprint.split()), len(store.roots)
    words = translate(ctx.lang, CENTRE)

    def draw(printing: Printing) -> bytes:
        sheet = fingerprint_sheet.FingerprintSheet(
            top, imprint(printing), words, ROLE_LABELS[Role.NTC], device, date.fromisoformat(store.list.issued),
            date.fromisoformat(store.roots[-1].expires), groups, CENTRE_PROGRAMMER, ctx.actor.name,
        )  # fmt: skip
        return fingerprint_sheet.draw(sheet, lang=printing.lang)

    # Another root is another paper, not a second copy of the old one, which is collected.
    return print_document(ctx, "fingerprint", NTC_CODE if number == 1 else f"{NTC_CODE}-{number}", draw)


def print_summary(ctx: Context, found: centre_summary.Summary) -> Document:
    """The national summary: every cut in a table of its own, signed at the centre."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        top = head(ctx, session)
    parts = tuple(
        national_summary.SummaryPart(
            CUT_LABELS[cut], _FIRST[cut], tuple(_row(line) for line in lines), summed=cut is not Cut.SUBJECT
        )
        for cut, lines in found.cuts.items()
    )

    def draw(printing: Printing) -> bytes:
        data = national_summary.NationalSummary(
            top, imprint(printing), parts, _row(found.whole), found.bases, found.missing, ctx.actor.name
        )
        return national_summary.draw(data, lang=printing.lang)

    return print_document(ctx, "national-summary", NTC_CODE, draw)


def _row(line: SummaryLine) -> national_summary.SummaryRow:
    return national_summary.SummaryRow(line.name, *centre_summary.values(line))


def print_secret(ctx: Context, base: str, shift: int, purpose: str) -> Document:
    """A password on paper for its holder's envelope: of the seating, of a holder of the answer key, of its release."""
    require(ctx, Role.NTC)
    secret = centre_secrets.secret_sheet(ctx, base, shift, purpose)
    with ctx.store.read() as session:
        day = session.scalar(select(Shift.exam_date).where(Shift.number == shift))
        top = head(ctx, session, base=base, shift=shift, day=day)
    signers = {
        SEATING: (Signer(CENTRE_PROGRAMMER, ctx.actor.name),),
        MINISTRY: (Signer(CENTRE_PROGRAMMER, ctx.actor.name), Signer(REPRESENTATIVE)),
        CHAIR: (Signer(CENTRE_PROGRAMMER, ctx.actor.name), Signer(COMMISSION_CHAIR)),
        MINISTRY_DEPUTY: (Signer(CENTRE_PROGRAMMER, ctx.actor.name), Signer(MINISTRY_STAND_IN)),
        CHAIR_DEPUTY: (Signer(CENTRE_PROGRAMMER, ctx.actor.name), Signer(DEPUTY_CHAIR)),
        RELEASE: (Signer(CENTRE_PROGRAMMER, ctx.actor.name),),
    }[purpose]

    def draw(printing: Printing) -> bytes:
        sheet = secret_sheet.SecretSheet(
            top, imprint(printing), TITLES[purpose], tuple(secret.password.split("-")), INSTRUCTIONS[purpose],
            ((N_("Commitment"), secret.commitment[:16]),), signers,
        )  # fmt: skip
        return secret_sheet.draw(sheet, lang=printing.lang)

    return print_document(ctx, f"secret-{purpose}", f"{base}-{shift}", draw)
