"""What a run may leave in clear, whenever it was stopped: nothing."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from mab_desktop.exchange.passwords import show
from tests.canaries import lying_in_clear, spellings
from tests.services.exam_room import CHAIR, MINISTRY, SEAT_PASSWORD, SECRET, SUBJECTS, VARIANTS, key_of, password
from tests.services.land import PASSWORD
from tests.services.people import student

PAPER = "paper"  # what lies on the scanner


@cache
def _forms() -> dict[bytes, str]:
    person = student()
    secrets = [password(thirteen) for thirteen in (SEAT_PASSWORD, MINISTRY, CHAIR)]
    words = [
        person["surname"], person["patronymic"], PASSWORD, *secrets, *map(show, secrets),
        key_of(1).letters[VARIANTS[0], SUBJECTS[0]],
    ]  # fmt: skip
    return spellings(words, [SECRET])


def temporary_folder(folder: Path) -> Path:
    """Where a run in `folder` has its temporary files."""
    return folder.with_name(f"{folder.name}-temp")


def use_temporary_folder(folder: Path) -> None:
    """Let this process and those that it starts have no other."""
    made = temporary_folder(folder)
    made.mkdir(exist_ok=True)
    tempfile.tempdir = os.environ["TMPDIR"] = str(made)


def left_in_clear(folder: Path) -> str:
    """The files of a run that show a name, a password or a key, one to a line."""
    return "\n".join(lying_in_clear([folder, temporary_folder(folder)], _forms(), [PAPER]))
