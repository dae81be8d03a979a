"""Notices a drive that is put in or pulled out, without a button."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

_MOUNTS = "/proc/self/mountinfo"
_LOOK_EVERY = 2000  # milliseconds, where the system does not tell
_SETTLE = 300  # a drive with several parts is mounted in several steps


class DriveWatch(QObject):
    """`changed` comes soon after the mounted drives have changed, while it is switched on.

    Linux tells by the mount table (poll(2) on /proc/self/mountinfo); elsewhere one looks every two seconds.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self.changed)
        self._handle = os.open(_MOUNTS, os.O_RDONLY) if sys.platform == "linux" else -1
        self._look: QTimer | None = None
        self._notifier: QSocketNotifier | None = None
        if self._handle >= 0:
            self._notifier = QSocketNotifier(self._handle, QSocketNotifier.Type.Exception, self)
            self._notifier.setEnabled(False)
            self._notifier.activated.connect(self._told)
            handle, notifier = self._handle, self._notifier

            def let_go() -> None:
                notifier.setEnabled(False)
                os.close(handle)

            self.destroyed.connect(let_go)
        else:
            self._look = QTimer(self)
            self._look.setInterval(_LOOK_EVERY)
            self._look.timeout.connect(self.changed)

    def watch(self, on: bool) -> None:
        """Switch on and off: only a visible list of drives needs it."""
        if self._notifier is not None:
            self._notifier.setEnabled(on)
        if self._look is not None and on != self._look.isActive():
            self._look.start() if on else self._look.stop()

    def _told(self) -> None:
        self._settle.start()
