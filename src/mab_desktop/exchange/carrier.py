"""Carrier files: make one, look at one, verify one, take one in. The door to this package's larger half."""

from __future__ import annotations

from mab_desktop.exchange.build import Built, build
from mab_desktop.exchange.intake import (
    Copy,
    Opened,
    Verdict,
    check_addressed,
    check_set,
    copy_in,
    open_carrier,
    peek,
    read_trust,
    verify,
)
from mab_desktop.exchange.manifest import Ack, Checkpoint, Manifest
from mab_desktop.exchange.payload import Attachment, AttachmentInfo, RecordRefused

__all__ = [
    "Ack",
    "Attachment",
    "AttachmentInfo",
    "Built",
    "Checkpoint",
    "Copy",
    "Manifest",
    "Opened",
    "RecordRefused",
    "Verdict",
    "build",
    "check_addressed",
    "check_set",
    "copy_in",
    "open_carrier",
    "peek",
    "read_trust",
    "verify",
]
