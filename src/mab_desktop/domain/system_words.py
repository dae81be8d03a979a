"""What the operating system says of a file that cannot be used, for the catalogs.

Python gives these words in English (`OSError.strerror`); as a parameter of a refusal they are translated where it is
shown. Windows speaks the person's language by itself.
"""

from __future__ import annotations

from mab_desktop.i18n import N_

SYSTEM_WORDS = (
    N_("No such file or directory"), N_("Permission denied"), N_("Operation not permitted"),
    N_("No space left on device"), N_("Input/output error"), N_("Read-only file system"), N_("Is a directory"),
    N_("Not a directory"), N_("File exists"), N_("No such device"), N_("Device or resource busy"),
    N_("File name too long"), N_("Disk quota exceeded"), N_("Too many open files"), N_("Connection refused"),
    N_("Directory not empty"), N_("Transport endpoint is not connected"), N_("No medium found"),
)  # fmt: skip
