"""What a sealed seed or key is bound to: campaign, mode, base university and shift, spelt alike on both sides."""

from __future__ import annotations

from typing import Any


def shift_name(base_university: str, shift: int) -> str:
    """How a sealed key names its shift: `013-2`."""
    return f"{base_university}-{shift}"


def seed_header(campaign: str, mode: str, base_university: str, shift: int) -> dict[str, Any]:
    """What a sealed seating seed is for."""
    return {"campaign": campaign, "mode": mode, "purpose": "seating", "shift": shift_name(base_university, shift)}
