"""Stored moments as people read them."""

from __future__ import annotations


def moment_words(at: str) -> str:
    """`2011-05-16T09:30:00+06:00` as 16.05.2011 09:30; "" stays empty."""
    return f"{at[8:10]}.{at[5:7]}.{at[:4]} {at[11:16]}" if len(at) >= 16 else at
