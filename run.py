"""Set the project up and run it: `python3 run.py [rehearse|test|style|check|mab ...]`.

  python3 run.py             play the rehearsal season, then open the launcher
  python3 run.py test ...    the tests (more words go to pytest)
  python3 run.py style       style and types: ruff, mypy
  python3 run.py check       what CI runs: style, types, tests
  python3 run.py mab ...     the command line: mab --help tells its commands

Needs nothing but the standard library of Python 3.11 or newer. The first call makes a virtual environment in
`.venv` from the hash-pinned lock file; later calls start at once.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
SCRIPTS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = SCRIPTS / ("python.exe" if WINDOWS else "python")
STAMP = VENV / "set-up.sha256"

# What Qt, the code reader and the printer link to, by Debian package and a library that shows it is there.
SYSTEM_LIBRARIES = {
    "libegl1": "EGL",
    "libgl1": "GL",
    "libglib2.0-0": "glib-2.0",
    "libdbus-1-3": "dbus-1",
    "libfontconfig1": "fontconfig",
    "libfreetype6": "freetype",
    "libx11-6": "X11",
    "libxkbcommon0": "xkbcommon",
    "libcups2": "cups",
    "libzbar0": "zbar",
    "libx11-xcb1": "X11-xcb",
    "libxkbcommon-x11-0": "xkbcommon-x11",
    "libxcb-cursor0": "xcb-cursor",
    "libxcb-icccm4": "xcb-icccm",
    "libxcb-image0": "xcb-image",
    "libxcb-keysyms1": "xcb-keysyms",
    "libxcb-randr0": "xcb-randr",
    "libxcb-render-util0": "xcb-render-util",
    "libxcb-shape0": "xcb-shape",
    "libxcb-shm0": "xcb-shm",
    "libxcb-sync1": "xcb-sync",
    "libxcb-util1": "xcb-util",
    "libxcb-xfixes0": "xcb-xfixes",
    "libxcb-xkb1": "xcb-xkb",
}
# What only the tests start, by Debian package and a program that shows it is there. Scanning with a real scanner on
# Linux needs the first two as well; the rehearsal needs none.
TEST_PROGRAMS = {
    "sane-utils": "scanimage",
    "sane-airscan": "airscan-discover",
    "cups": "cupsd",
    "cups-client": "lpadmin",
    "cups-filters": "driverless",
    "cups-ipp-utils": "ippeveprinter",
    "avahi-daemon": "avahi-daemon",
    "dbus": "dbus-daemon",
    "age": "age",
    "unzip": "unzip",
    "openssl": "openssl",
    "postgresql": "pg_ctlcluster",
}


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, flush=True)


def stop(text: str) -> None:
    """End with a plain sentence and exit code 1."""
    sys.exit(text)


def is_debian() -> bool:
    """True where apt-get is the way to system packages."""
    return not WINDOWS and shutil.which("apt-get") is not None


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages when we are root; True when it worked."""
    if not is_debian() or os.geteuid() != 0:
        return False
    say(f"Installing system packages: {' '.join(packages)}")
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=500"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*apt, "update", "-qq"], check=False, env=quiet)
    return subprocess.run([*apt, "install", "-y", "-qq", *packages], check=False, env=quiet).returncode == 0


def missing_packages(*, fresh: bool, tests: bool) -> list[str]:
    """Debian packages of which a library, Python's venv or a program of the tests is not there."""
    if WINDOWS or sys.platform == "darwin":
        return []
    missing = [package for package, name in SYSTEM_LIBRARIES.items() if fresh and not ctypes.util.find_library(name)]
    if fresh and importlib.util.find_spec("ensurepip") is None:
        missing.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    # Servers such as cupsd lie where only root looks.
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    return missing + [pack for pack, name in TEST_PROGRAMS.items() if tests and not shutil.which(name, path=path)]


def ensure_system(*, fresh: bool, tests: bool) -> None:
    """Bring in everything of the system that is missing, or say the one line that does."""
    missing = missing_packages(fresh=fresh, tests=tests)
    if not missing or apt_install(missing):
        return
    if is_debian():
        stop("Parts of the system are missing. Run this line, then start again:\n"
             f"  sudo apt-get update && sudo apt-get install -y {' '.join(missing)}")
    stop("Parts of the system are missing. Install what these packages of Debian hold, then start again:\n"
         f"  {' '.join(missing)}")


def lock_digest() -> str:
    """Digest of everything that decides what stands in the environment."""
    parts = [ROOT / "requirements-dev.lock", ROOT / "pyproject.toml"]
    text = b"".join(p.read_bytes() for p in parts) + str(ROOT).encode() + sys.version.encode()
    return hashlib.sha256(text).hexdigest()


def is_set_up() -> bool:
    """True when the virtual environment fits the lock file."""
    return STAMP.exists() and STAMP.read_text() == lock_digest() and PYTHON.exists()


def make_environment() -> None:
    """Make the virtual environment."""
    say("Making the virtual environment (first start only) ...")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode:
        stop(f"{VENV} could not be made, as said above. You must be able to write into {ROOT}, with 2 GB free; "
             "put that right, then start again.")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    locked = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / "requirements-dev.lock")]
    for wanted in (locked, ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        if subprocess.run([*pip, *wanted], check=False).returncode:
            stop("The packages could not be installed, as said above. The first start fetches them from the package "
                 "index: connect this computer to the network, then start again.")
    point_to_source()
    STAMP.write_text(lock_digest())


def point_to_source() -> None:
    """Spell the way to the source in ASCII: before Python 3.13, Windows reads it in a code page without ә and қ."""
    for file in [] if str(ROOT).isascii() else VENV.rglob("*mab_desktop*.pth"):
        file.write_text(f"import sys; sys.path.append({ascii(str(ROOT / 'src'))})\n", encoding="ascii")


def has_screen() -> bool:
    """True where a window can be opened."""
    return WINDOWS or sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(*args: str, **env: str) -> int:
    """Run the environment's Python on `args`; its exit code."""
    return subprocess.run([str(PYTHON), *args], cwd=ROOT, check=False, env={**os.environ, **env}).returncode


def played(season: Path) -> bool:
    """True when a season lies there that this version of the program has played to its end."""
    try:
        summary = json.loads((season / "summary.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    version = f'__version__ = "{summary.get("program")}"'
    return version in (ROOT / "src" / "mab_desktop" / "__init__.py").read_text(encoding="utf-8")


def main_job() -> int:
    """Play the rehearsal season, then open the launcher when there is a screen.

    A season that was played to its end stays: somebody may have worked on it by hand since. One that was cut off, or
    that another version played, is played anew.
    """
    out = ROOT / "rehearsal"
    if played(out):
        say(f"The season in {out} is played; its ledger: {out / 'ledger.json'}, its prints: {out / 'prints'}.")
        say("To play it anew: python3 run.py rehearse --anew")
        code = 0
    else:
        code = run("-m", "mab_desktop.cli", "rehearse", "--anew", "--out", str(out))
    if code == 0 and has_screen():
        return run("-m", "mab_desktop.cli", "launcher", "--season", str(out))
    if code == 0:
        say("There is no screen here, so the launcher stays closed. On a PC with a screen: python3 run.py launcher")
    return code


def test(args: list[str]) -> int:
    """Run the whole test suite."""
    return run("-m", "pytest", "-n", "2", *args, QT_QPA_PLATFORM="offscreen")


def style() -> int:
    """Style and types of everything in the repository."""
    steps = [
        ("style", ["-m", "ruff", "check", "src", "tests", "run.py", "benchmarks", "installers"]),
        ("types", ["-m", "mypy"]),
    ]
    for name, args in steps:
        say(f"== {name}")
        code = run(*args)
        if code:
            return code
    return 0


def check() -> int:
    """Exactly what CI runs: style, types, then the tests, the borders between layers among them."""
    return style() or test([])


def main(args: list[str]) -> int:
    """Dispatch one of the commands of this file."""
    if sys.version_info < (3, 11):
        stop("Python 3.11 or newer is needed.")
    if args and args[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    fresh = not is_set_up()
    ensure_system(fresh=fresh, tests=args[:1] in (["test"], ["check"]))
    if fresh:
        make_environment()
    if not args:
        return main_job()
    command, rest = args[0], args[1:]
    if command == "test":
        return test(rest)
    if command == "style":
        return style()
    if command == "check":
        return check()
    return run("-m", "mab_desktop.cli", *(rest if command == "mab" else args))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
