"""Buttons that show a key which the window itself serves (Ctrl+S, F3, ...): two shortcuts on one key would be none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mab_desktop.ui.page import Action, ActionButton, Page
from mab_desktop.ui.shell import PAGE_KEYS

_SERVED = frozenset(key for key, _words, _name in PAGE_KEYS)


class KeysShown(Page):
    """A page whose heading buttons name the window's keys in their tooltips and leave them to the window."""

    def add_actions(self, actions: Sequence[Action]) -> list[ActionButton]:
        """Put buttons at the right of the heading; only keys of their own become shortcuts."""
        plain = [replace(action, shortcut="") if action.shortcut in _SERVED else action for action in actions]
        added = super().add_actions(plain)
        for button, action in zip(added, actions, strict=True):
            button.action = action
            button.renew()
        return added
