"""Why a carrier, a trust list, a key or a drive is refused: one code, one plain sentence, one next step each."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.i18n import N_


class Reason(NamedTuple):
    """What happened, and what is safe and to be done next."""

    text: str
    next_step: str


COPY_AGAIN = N_("Nothing here was changed. Have the file written to the drive once more and try again.")
ASK_SENDER = N_("Nothing here was changed. Ask the sender to make the file anew.")
CALL_CENTRE = N_("Nothing here was changed. Keep the file and call the testing centre.")
NEWER_PROGRAM = N_("Nothing here was changed. Install the newest program and try again.")
NEWER_TRUST = N_("Nothing here was changed. Load the newest trust list from the testing centre, then this file.")
RIGHT_FILE = N_("Nothing here was changed. Look for the file made for this workplace.")
NOT_NEEDED = N_("Nothing here was changed and nothing has to be done.")
BRING_REST = N_("Nothing here was changed. Bring the missing files and load them together.")
OTHER_DRIVE = N_("Nothing on the drive was overwritten, your data is safe. Use another drive.")
SAVE_AGAIN = N_("Your data is safe. Try again, best with another drive.")

REASONS: dict[str, Reason] = {
    # the file itself
    "container-foreign": Reason(N_("This is not a carrier file of this system."), RIGHT_FILE),
    "container-cut": Reason(N_("The file ends too early: it was not copied whole."), COPY_AGAIN),
    "container-damaged": Reason(N_("The file is damaged."), COPY_AGAIN),
    "container-tail": Reason(N_("Something was added at the end of the file."), COPY_AGAIN),
    "container-names": Reason(N_("The file holds other parts than its list of contents says."), ASK_SENDER),
    "container-too-large": Reason(N_("The file, or a part of it, is larger than allowed."), ASK_SENDER),
    "json-not-canonical": Reason(N_("A text inside the file is not written as it must be ({what})."), ASK_SENDER),
    # signatures
    "envelope-malformed": Reason(N_("The signed part of the file cannot be read."), ASK_SENDER),
    "signature-bad": Reason(N_("Bad signature: the file was changed after it was signed."), CALL_CENTRE),
    "signature-missing": Reason(N_("The file is not signed by as many keys as it must be."), ASK_SENDER),
    "persons-missing": Reason(
        N_("This kind of file must be signed by two people of the sender; that was not done."), ASK_SENDER
    ),
    "manifest-malformed": Reason(N_("The list of contents of the file is wrong ({what})."), ASK_SENDER),
    "manifest-newer": Reason(N_("The file was made by a newer program."), NEWER_PROGRAM),
    "kind-unknown": Reason(N_("This program does not know this kind of file."), NEWER_PROGRAM),
    # trust
    "trust-malformed": Reason(N_("The trust list is wrong ({what})."), CALL_CENTRE),
    "trust-signatures": Reason(
        N_("The trust list is not signed by enough of the testing centre's keys."), CALL_CENTRE
    ),
    "trust-root": Reason(
        N_("The testing centre's keys were changed in a way that the earlier keys do not confirm."), CALL_CENTRE
    ),
    "trust-centre": Reason(
        N_("The file is of another testing centre: its first keys are not those that this workplace began with."),
        N_("Nothing here was changed. Take the file of your own centre; if it should be from there, call it."),
    ),
    "trust-older": Reason(N_("The trust list in this file is older than the one in force here."), NOT_NEEDED),
    "trust-fork": Reason(N_("There are two different trust lists with one number."), CALL_CENTRE),
    "trust-expired": Reason(
        N_("The trust list expired on {date}; the date of this computer is {today}."),
        N_("Nothing here was changed. If the date of the computer is wrong, put it right; else load the newest file of "
           "the testing centre."),
    ),
    "trust-fingerprint-old": Reason(
        N_("The check groups that were typed are those of an earlier root of the testing centre."),
        N_("Nothing here was changed. Ask the testing centre for its newest sheet with the fingerprint."),
    ),
    "trust-fingerprint": Reason(
        N_("The check groups of the trust list are not those that were typed."), CALL_CENTRE
    ),
    "own-key-withdrawn": Reason(
        N_(
            "The testing centre has withdrawn the key of this computer ({device}): what it makes is refused everywhere."
        ),
        N_("Nothing was made, your data is safe. Call the testing centre; then make new keys under “People and PC”."),
    ),
    # sender
    "sender-unknown": Reason(N_("The sender's workplace is not in the trust list."), NEWER_TRUST),
    "sender-revoked": Reason(N_("The sender's key was withdrawn before this file was made."), CALL_CENTRE),
    "sender-role": Reason(N_("This kind of file may not come from such a sender."), CALL_CENTRE),
    "sender-kind": Reason(N_("This organisation may not send this kind of file."), CALL_CENTRE),
    "sender-recipient": Reason(N_("This organisation may not send files to this recipient."), CALL_CENTRE),
    # recipient
    "recipient-other": Reason(N_("The file is for another organisation: {recipient}."), RIGHT_FILE),
    "recipient-role": Reason(N_("The file is for another program of the same organisation."), RIGHT_FILE),
    "recipient-device": Reason(
        N_("The file was made before this computer was known to the sender, so it cannot be opened here."), ASK_SENDER
    ),
    "recipient-none": Reason(
        N_("The trust list names no workplace of {recipient} that could open this kind of file."), NEWER_TRUST
    ),
    "own-carrier": Reason(N_("The file was made on this very computer."), NOT_NEEDED),
    "campaign-other": Reason(N_("The file is of another campaign: {campaign}."), RIGHT_FILE),
    "mode-other": Reason(N_("Training data and real data do not mix: the file is of the other sort."), RIGHT_FILE),
    # a set of parts
    "set-incomplete": Reason(N_("Parts of the set are missing: {missing}."), BRING_REST),
    "set-mixed": Reason(N_("The files are not parts of one set."), BRING_REST),
    # what is inside
    "payload-digest": Reason(N_("A part of the file is not what the sender signed."), COPY_AGAIN),
    "payload-locked": Reason(N_("A part of the file cannot be decrypted."), ASK_SENDER),
    "payload-header": Reason(
        N_("A part of the file was encrypted for something else than the sender signed."), CALL_CENTRE
    ),
    "record-malformed": Reason(N_("Record {line} cannot be read."), ASK_SENDER),
    "record-too-long": Reason(N_("Record {line} is longer than allowed."), ASK_SENDER),
    "record-type": Reason(N_("Record {line} is of a sort that this kind of file may not hold: {type}."), ASK_SENDER),
    "record-fields": Reason(N_("Record {line} ({type}) breaks a rule: {field}: {problem}"), ASK_SENDER),
    "records-conflict": Reason(
        N_("Records in the file contradict each other, or what was loaded here before."), CALL_CENTRE
    ),
    "counts-differ": Reason(N_("The file does not hold as many records as its list of contents says."), ASK_SENDER),
    "attachment-damaged": Reason(N_("An enclosed image is not whole: {name}."), ASK_SENDER),
    "attachment-unasked": Reason(N_("This kind of file may not enclose images."), ASK_SENDER),
    # order of files
    "stream-replay": Reason(N_("This is an older file ({seq}); number {last} is loaded already."), NOT_NEEDED),
    "stream-fork": Reason(
        N_("There are two different files with number {seq} from this sender. Nothing more is taken from it."),
        CALL_CENTRE,
    ),
    "stream-frozen": Reason(
        N_("Nothing is taken from this sender since two different files with one number came from it."), CALL_CENTRE
    ),
    "stream-gap": Reason(N_("Earlier files of this sender are missing: {missing}."), BRING_REST),
    "stream-gap-large": Reason(N_("Too many earlier files of this sender are missing."), CALL_CENTRE),
    "stream-epoch-older": Reason(
        N_("The file was made before the sender restored a backup; it no longer counts."), NOT_NEEDED
    ),
    "carrier-set-aside": Reason(
        N_("There were two files with number {seq}; the testing centre decided that this one does not count."),
        NOT_NEEDED,
    ),
    "stream-moved": Reason(
        N_("Another file of this sender was loaded meanwhile."),
        N_("Nothing of this file was loaded. Look at it once more and load it again."),
    ),
    "log-shorter": Reason(
        N_("The log of the sender has become shorter or different since his last file."), CALL_CENTRE
    ),
    "log-forked": Reason(
        N_("The sender keeps two logs: an earlier file of his knows the same line otherwise."), CALL_CENTRE
    ),
    # drives
    "drive-gone": Reason(N_("The drive was taken out or cannot be read."), SAVE_AGAIN),
    "drive-failed": Reason(N_("The drive reported an error: {reason}"), SAVE_AGAIN),
    "drive-full": Reason(N_("There is too little room on the drive: {needed} MB are needed."), OTHER_DRIVE),
    "drive-read-only": Reason(N_("The drive is write-protected."), OTHER_DRIVE),
    "drive-file-limit": Reason(N_("The drive cannot hold a file this large (FAT32)."), OTHER_DRIVE),
    "drive-system": Reason(N_("This is a disk of the computer itself, not a drive to carry."), OTHER_DRIVE),
    "drive-exists": Reason(N_("The drive already holds another file named {name}."), OTHER_DRIVE),
    "drive-differs": Reason(N_("What was read back from the drive is not what was written."), OTHER_DRIVE),
    # sealed things
    "sealed-malformed": Reason(N_("The sealed envelope is damaged."), CALL_CENTRE),
    "sealed-other": Reason(N_("The sealed envelope belongs to something else: another shift or campaign."), RIGHT_FILE),
    "sealed-commitment": Reason(
        N_("What was opened is not what the testing centre had announced beforehand."), CALL_CENTRE
    ),
    # a forgotten password
    "reset-malformed": Reason(N_("This is neither a request for a new password nor an answer to one."), RIGHT_FILE),
    "reset-not-asked": Reason(N_("No new password was asked for here."), RIGHT_FILE),
    "reset-other": Reason(N_("The answer belongs to another request for a new password."), RIGHT_FILE),
    "reset-signer": Reason(N_("The answer is not signed by the testing centre."), CALL_CENTRE),
    "reset-no-centre": Reason(
        N_("This database has no recovery key of the testing centre."),
        N_("Nothing here was changed. Two other people of this workplace can give a new password together."),
    ),
    "keyring-malformed": Reason(
        N_("The file with the locks of this database is damaged."),
        N_("The database itself is not touched. Restore the file from a backup, or call the testing centre."),
    ),
}


def refuse(code: str, **params: Any) -> CarrierRefused:
    """The refusal named `code`, to be raised."""
    reason = REASONS[code]
    return CarrierRefused(code, reason.text, next_step=reason.next_step, **params)


def place_of(error: Exception) -> str:
    """Which field a schema error is about, without the rule itself."""
    named = re.findall(r"`([^`]*)`", str(error))
    return plain(named[-1], "$") if named else "$"


def plain(text: str, instead: str = "?") -> str:
    """A name out of a strange file as it may be shown: nothing that moves a cursor or turns the reading order."""
    return text if re.fullmatch(r"[A-Za-z0-9_.$\[\]-]{1,80}", text) else instead
