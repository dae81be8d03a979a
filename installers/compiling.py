"""Compile Python's files below a folder: sources of the libraries go, ours stay beside what was compiled of them.

What is compiled never looks at its source again (PEP 552), so dates and rights of the installed files do not matter.
"""

from __future__ import annotations

import importlib.util
import py_compile
import sys
from fnmatch import fnmatchcase
from pathlib import Path

UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


def main(root: Path, keep_sources: str, sourceless: tuple[str, ...]) -> None:
    """Compile each file in the order of names."""
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        alone = name.startswith(sourceless) and not fnmatchcase(name, keep_sources)
        target = path.with_suffix(".pyc") if alone else Path(importlib.util.cache_from_source(str(path)))
        target.parent.mkdir(exist_ok=True)
        py_compile.compile(str(path), str(target), dfile=name, doraise=True, invalidation_mode=UNCHECKED)
        target.chmod(0o644)
        if alone:
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], tuple(sys.argv[3:]))
