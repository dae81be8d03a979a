"""The words of the operating system that people may meet are known to the catalogs."""

from __future__ import annotations

import errno
import os

import pytest

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.system_words import SYSTEM_WORDS

MET = ("ENOENT", "EACCES", "EPERM", "ENOSPC", "EIO", "EROFS", "EISDIR", "ENOTDIR", "EEXIST", "ENODEV", "EBUSY",
       "ENAMETOOLONG", "EDQUOT", "EMFILE", "ECONNREFUSED", "ENOTEMPTY", "ENOTCONN", "ENOMEDIUM")  # fmt: skip


def test_what_linux_says_is_marked() -> None:
    assert {os.strerror(getattr(errno, name)) for name in MET} == set(SYSTEM_WORDS)


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_a_refusal_holds_no_english(lang: str) -> None:
    shown = {UserError("{reason}", reason=words).message(lang) for words in SYSTEM_WORDS}
    assert shown & set(SYSTEM_WORDS) == set()
    assert len(shown) == len(SYSTEM_WORDS)
