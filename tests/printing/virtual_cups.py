"""A CUPS of its own on the loopback with a virtual printer behind it, so that nothing of this computer is touched.

`ippeveprinter` (an IPP Everywhere printer by the makers of CUPS) stands for the device; it wants Avahi, and Avahi wants
a D-Bus, hence one of each, private (only root may start them; others use those of the system). What the printer
"prints" is done by `press.py`: it keeps the PDF that arrived with the attributes of the job, and lets sheets out as
told, with a jam where one is ordered. Every process ends with the fixture, and with the tests themselves if they die.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={folder}/bus.sock</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/></policy></busconfig>
"""
_AVAHI = """[server]
host-name=mab{port}
use-ipv6=no
allow-interfaces=lo
[publish]
publish-hinfo=no
publish-workstation=no
"""
_CUPSD = """LogLevel info
Listen {folder}/cups.sock
Listen 127.0.0.1:{port}
Browsing Off
WebInterface No
DefaultAuthType None
JobRetryInterval 1
ErrorPolicy retry-job
MaxLogSize 0
<Location />
Order allow,deny
Allow from 127.0.0.1
</Location>
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
_CUPS_FILES = """ServerRoot {folder}/root
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/tmp
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
DataDir /usr/share/cups
ServerBin /usr/lib/cups
DocumentRoot /usr/share/cups
User {user}
Group {group}
SystemGroup root
"""
ASK = "/usr/share/cups/ipptool/get-printer-attributes.test"
PRESS = Path(__file__).with_name("press.py")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Delivery:
    """What arrived at the printer: the PDF and the job's attributes as `ippeveprinter` tells them."""

    pdf: bytes
    attributes: dict[str, str]


@dataclass
class VirtualCups:
    """The processes, their folder, and a queue `emu` on the virtual printer."""

    folder: Path
    port: int = field(default_factory=free_port)
    printer_port: int = field(default_factory=free_port)
    _ends: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> VirtualCups:
        with ExitStack() as ends:
            self._ends = ends
            self._write()
            if os.geteuid() == 0:
                self._start_avahi()
            self._start(
                ["ippeveprinter", "-2", "-r", "off", "-v", "-p", str(self.printer_port), "-d", f"{self.folder}/device",
                 "-f", "application/pdf", "-c", str(self.folder / "press"), "-n", "localhost", "Emu"],
                ready=lambda line: "printer-uuid" in line,
            )  # fmt: skip
            conf = ["-c", f"{self.folder}/cupsd.conf", "-s", f"{self.folder}/cups-files.conf"]
            cupsd = self._start(["cupsd", "-f", *conf])
            self._wait_for(lambda: "scheduler is running" in self.command("lpstat", "-r"), cupsd)
            self.command("lpadmin", "-p", "emu", "-E", "-v", f"ipp://127.0.0.1:{self.printer_port}/ipp/print",
                         "-m", "everywhere", "-D", "Эмулятор")  # fmt: skip
            # CUPS asks the printer what it can do after it has said that the queue is there.
            self._wait_for(lambda: "two-sided-long-edge" in self.command("ipptool", "-tv", self.uri, ASK), cupsd)
            self._ends = ends.pop_all()
        return self

    def _start_avahi(self) -> None:
        self._start(["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork", "--nopidfile",
                     "--print-address"], ready=lambda line: "unix:" in line)  # fmt: skip
        avahi = f"mount -t tmpfs none /run; exec avahi-daemon -f {self.folder}/avahi.conf " \
                "--no-drop-root --no-chroot --no-rlimits --no-proc-title"  # fmt: skip
        self._start([*_apart(), "sh", "-c", avahi], ready=lambda line: "startup complete" in line)

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    @property
    def socket(self) -> str:
        """Where it listens."""
        return f"{self.folder}/cups.sock"

    @property
    def uri(self) -> str:
        """The queue for IPP tools."""
        return f"ipp://127.0.0.1:{self.port}/printers/emu"

    @property
    def _env(self) -> dict[str, str]:
        path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))  # servers lie where root looks
        found = {**os.environ, "PATH": path, "CUPS_SERVER": self.socket, "LC_ALL": "C.UTF-8"}
        if os.geteuid() == 0:
            found["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={self.folder}/bus.sock"
        return found

    def _write(self) -> None:
        user = "lp" if os.geteuid() == 0 else _name("-un")
        group = "lp" if os.geteuid() == 0 else _name("-gn")
        for name in ("root", "spool", "cache", "state", "tmp", "device", "arrived"):
            (self.folder / name).mkdir(parents=True)
        for name, text in (("bus.conf", _BUS), ("avahi.conf", _AVAHI), ("cupsd.conf", _CUPSD),
                           ("cups-files.conf", _CUPS_FILES)):  # fmt: skip
            words = text.format(folder=self.folder, port=self.port, user=user, group=group)
            (self.folder / name).write_text(words, encoding="utf-8")
        press = self.folder / "press"
        press.write_text(f"#!/bin/sh\nexec {sys.executable} {PRESS} {self.folder} \"$1\"\n", encoding="utf-8")
        press.chmod(0o755)
        self.order_press()

    def _start(self, command: Sequence[str], ready: Callable[[str], bool] | None = None) -> subprocess.Popen[str]:
        """Start a process that ends with the fixture, and read what it says until it is ready."""
        pipe = subprocess.PIPE if ready else subprocess.DEVNULL
        log = self.folder / f"{Path(command[0]).name}-{len(list(self.folder.iterdir()))}.log"
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command], env=self._env, stdout=pipe, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._ends.callback(_end, process)
        said = []
        while ready and process.stdout:
            line = process.stdout.readline()
            said.append(line)
            if not line:
                raise RuntimeError(f"{command[0]} ended: {''.join(said)}")
            if ready(line):
                break
        if process.stdout:  # the pipe must not fill up
            drain = subprocess.Popen(["tee", str(log)], stdin=process.stdout, stdout=subprocess.DEVNULL)
            process.stdout.close()
            self._ends.callback(_end, drain)
        return process

    def _wait_for(self, here: Callable[[], bool], cupsd: subprocess.Popen[str]) -> None:
        """Until CUPS is as it should be; a server that has ended is an error with its own words."""
        ends = time.monotonic() + 20
        while not here():
            if cupsd.poll() is not None or time.monotonic() > ends:
                raise RuntimeError((self.folder / "error_log").read_text("utf-8"))
            with suppress(subprocess.TimeoutExpired):
                cupsd.wait(0.02)

    def command(self, *words: str) -> str:
        """Run one of CUPS' own programs against this server."""
        done = subprocess.run(words, env=self._env, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode and words[0] not in ("lpstat", "ipptool"):
            raise RuntimeError(f"{words}: {done.stderr}")
        return done.stdout

    # --- the printer -----------------------------------------------------------------------------------------------

    def order_press(self, jam_after: int = 0) -> None:
        """How the next jobs come out: at once, or with a jam after so many sides until `clear_jam`."""
        (self.folder / "order.json").write_text(json.dumps({"jam_after": jam_after}), encoding="utf-8")
        (self.folder / "cleared").unlink(missing_ok=True)
        os.mkfifo(self.folder / "cleared")

    def clear_jam(self) -> None:
        """The paper was taken out: the press goes on (it waits at the pipe)."""
        with (self.folder / "cleared").open("w") as pipe:
            pipe.write("go\n")

    def arrived(self) -> list[Delivery]:
        """Everything that reached the printer, in order."""
        found = sorted((self.folder / "arrived").glob("*.json"))
        return [Delivery(f.with_suffix(".pdf").read_bytes(), json.loads(f.read_text("utf-8"))) for f in found]

    def kept(self) -> list[str]:
        """The papers that lie in the spool: each job's own, as they were handed over."""
        return sorted(file.name for file in (self.folder / "spool").glob("d*"))

    def forget(self) -> None:
        """Empty the printer's tray and the queue."""
        self.command("cancel", "-a", "-x", "emu")
        shutil.rmtree(self.folder / "arrived")
        (self.folder / "arrived").mkdir()
        self.order_press()


def _apart() -> list[str]:
    """Avahi writes its number to /run: to one of its own, where the kernel allows it."""
    probe = subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True)
    return ["unshare", "-m"] if probe.returncode == 0 else []


def _name(flag: str) -> str:
    return subprocess.run(["id", flag], check=True, capture_output=True, text=True).stdout.strip()


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
