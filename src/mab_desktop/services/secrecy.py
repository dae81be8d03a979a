"""A program that dies must not leave its memory, with the keys in it, on the disk."""

from __future__ import annotations

import sys


def keep_out_of_dumps() -> None:
    """From now on this process leaves no core file (Linux) and no crash dump by the error dialog (Windows)."""
    if sys.platform == "win32":
        import ctypes

        fail_critical_errors, no_fault_box = 0x1, 0x2
        ctypes.windll.kernel32.SetErrorMode(fail_critical_errors | no_fault_box)
    else:
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
