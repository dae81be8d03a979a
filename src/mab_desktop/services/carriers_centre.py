"""The carriers that the centre and the base university send and take (F1-F3, F5-F12, F14-F16)."""

from __future__ import annotations

from mab_desktop.services.carriers_base_uni import BASE_HANDLERS
from mab_desktop.services.carriers_ntc import NTC_HANDLERS
from mab_desktop.services.handlers import Handler

HANDLERS: tuple[Handler, ...] = (*NTC_HANDLERS, *BASE_HANDLERS)
