"""What carriers cost, beside the same work done by bare library calls in the same run.

Records: a student database exported and imported against JSON, AES and SQLite of the same rows. Log-in: the workplace
of these records opened with a password against Argon2id alone. Scans: a carrier of images built and opened against
pyrage alone on the same bytes.
"""

from __future__ import annotations

import json
import os
import resource
import secrets
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Table, select
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, CreateTable

from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import carrier, kdf
from mab_desktop.exchange.build import build
from mab_desktop.exchange.kinds import FINAL_DATA
from mab_desktop.i18n import N_
from mab_desktop.services import transfer, trusting, workplace
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.student_intake import Comparison, take_students
from mab_desktop.storage.tables.students import Student

Seconds = Mapping[str, tuple[float, float]]  # of the wall, of the processor
_IMAGE = 4_000_000  # bytes of one scan


@dataclass(frozen=True)
class CarrierCost:
    """One round; `bytes` of the carrier file. On a machine with other work the processor's seconds count."""

    rows: int
    bytes: int
    ours: Seconds
    library: Seconds

    def ratio(self, clock: int) -> float:
        """Export and import together against the same rows by library calls; 0 by the wall, 1 by the processor."""
        return sum(both[clock] for both in self.ours.values()) / sum(both[clock] for both in self.library.values())


def put_students(ctx: Context, records: Sequence[Mapping[str, Any]]) -> None:
    """A workplace's students, as a carrier would have brought them."""
    with ctx.store.write(ctx.actor) as tx:
        take_students(ctx, tx, Comparison(tuple(records), {}, (), 0, ()), ctx.organisation, "0" * 64)
        tx.note("setting-changed", "bench", students=len(records))


def measure_records(
    sender: Context, recipient: Context, kind: str, folder: Path, progress: Progress = Silent()
) -> CarrierCost:
    """Export the sender's students as a carrier of `kind`, import it, and do the same rows by library calls."""
    progress.stage(N_("Measuring carriers"))
    ours: dict[str, tuple[float, float]] = {}
    made = _timed(ours, "collect, build, verify", lambda: transfer.build(sender, kind, recipient.organisation))
    exported = _timed(ours, "write and read back", lambda: transfer.write(sender, made, folder))
    seen = _timed(ours, "copy, verify, decrypt, check, preview", lambda: transfer.examine(recipient, exported.paths))
    _timed(ours, "load in one transaction", lambda: transfer.accept(recipient, seen, backup=False))
    with recipient.store.read() as session:
        rows = _rows(session)
    size = sum(path.stat().st_size for path in exported.paths)
    return CarrierCost(len(rows), size, ours, by_library(rows, folder))


def _timed(seconds: dict[str, tuple[float, float]], name: str, work: Callable[[], Any]) -> Any:
    started, used = time.perf_counter(), time.process_time()
    found = work()
    seconds[name] = time.perf_counter() - started, time.process_time() - used
    return found


def _rows(session: Session) -> list[dict[str, Any]]:
    """Whole rows of the student table as plain values."""
    columns = list(Student.__table__.columns)
    rows = []
    for row in session.execute(select(*columns)):
        values = {column.key: value for column, value in zip(columns, row, strict=True)}
        values["marks"] = json.dumps(values["marks"])
        values["birth_date"] = values["birth_date"] and values["birth_date"].isoformat()
        rows.append(values)
    return rows


def by_library(rows: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, tuple[float, float]]:
    """JSON, AES-256-GCM, a file brought to the disk, and back into a durable SQLite table with the same indexes."""
    seconds: dict[str, tuple[float, float]] = {}
    cipher, nonce, file = AESGCM(secrets.token_bytes(32)), secrets.token_bytes(12), folder / "library.bin"
    lines = _timed(seconds, "JSON out", lambda: [json.dumps(row, ensure_ascii=False).encode() for row in rows])
    sealed = _timed(seconds, "AES out", lambda: cipher.encrypt(nonce, b"\n".join(lines), None))
    _timed(seconds, "file out", lambda: _put(file, sealed))
    opened = _timed(seconds, "file and AES in", lambda: cipher.decrypt(nonce, file.read_bytes(), None))
    values = _timed(seconds, "JSON in", lambda: [json.loads(line) for line in opened.split(b"\n")])
    _timed(seconds, "SQLite insert", lambda: _insert(folder / "library.db", values))
    file.unlink()
    (folder / "library.db").unlink()
    return seconds


def _put(file: Path, data: bytes) -> None:
    with file.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _insert(file: Path, values: Sequence[Mapping[str, Any]]) -> None:
    table = Student.__table__
    assert isinstance(table, Table)
    names = [column.name for column in table.columns]
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(str(CreateTable(table).compile(dialect=dialect.dialect())))
    for index in table.indexes:
        connection.execute(str(CreateIndex(index).compile(dialect=dialect.dialect())))
    connection.execute("BEGIN IMMEDIATE")
    places = ", ".join(f":{name}" for name in names)
    connection.executemany(f"INSERT INTO student ({', '.join(names)}) VALUES ({places})", values)  # noqa: S608
    connection.execute("COMMIT")
    connection.close()


# -- log-in


@dataclass(frozen=True)
class LogInCost:
    """One log-in and the derivation of a key that is in it, done alone: seconds of the wall and of the processor."""

    log_in: tuple[float, float]
    argon2id: tuple[float, float]


def measure_log_in(ctx: Context, password: str) -> LogInCost:
    """Close a workplace and open it again by its person's password, until pages could be drawn."""
    database, login = ctx.store.path, ctx.actor.login
    ctx.store.close()
    seconds: dict[str, tuple[float, float]] = {}
    again = _timed(seconds, "log-in", lambda: workplace.log_in(
        database, login, password, clock=ctx.clock, entropy=ctx.entropy, lang=ctx.lang
    ))  # fmt: skip
    again.store.close()
    _timed(seconds, "alone", lambda: kdf.derive(password.encode(), secrets.token_bytes(kdf.SALT), kdf.LOGIN))
    return LogInCost(seconds["log-in"], seconds["alone"])


def middle_log_in(costs: Sequence[LogInCost]) -> dict[str, Any]:
    """The median of several log-ins as plain data."""

    def usual(of: Callable[[LogInCost], tuple[float, float]]) -> tuple[float, float]:
        wall, processor = (round(statistics.median(of(cost)[clock] for cost in costs), 3) for clock in (0, 1))
        return wall, processor

    log_in, alone = usual(lambda cost: cost.log_in), usual(lambda cost: cost.argon2id)
    return {
        "rounds": len(costs), "seconds": log_in[0], "processor_seconds": log_in[1], "argon2id_seconds": alone[0],
        "argon2id_processor_seconds": alone[1],
    }  # fmt: skip


# -- scans


@dataclass(frozen=True)
class ScanCost:
    """Building and opening a carrier of scans beside pyrage alone: seconds of the wall and of the processor.

    Peaks are of the whole process, in bytes.
    """

    mib: int
    parts: int
    build: tuple[float, float]
    open: tuple[float, float]
    encrypt: tuple[float, float]
    decrypt: tuple[float, float]
    peak_before: int
    peak_after: int

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        parts = {"build": self.build, "open": self.open, "pyrage encrypt": self.encrypt, "pyrage decrypt": self.decrypt}
        return {
            "mib": self.mib, "parts": self.parts,
            "build_speed": round(self.encrypt[0] / self.build[0], 3),
            "open_speed": round(self.decrypt[0] / self.open[0], 3),
            "build_speed_processor": round(self.encrypt[1] / self.build[1], 3),
            "open_speed_processor": round(self.decrypt[1] / self.open[1], 3),
            "peak_mib": self.peak_after >> 20, "grown_mib": (self.peak_after - self.peak_before) >> 20,
            "seconds": {name: round(both[0], 2) for name, both in parts.items()},
            "processor_seconds": {name: round(both[1], 2) for name, both in parts.items()},
        }  # fmt: skip


def measure_scans(
    sender: Context, recipient: Context, mib: int, folder: Path, progress: Progress = Silent()
) -> ScanCost:
    """Build a carrier with `mib` MiB of incompressible scans and open it, beside pyrage on files of the same bytes."""
    count = max(1, mib * (1 << 20) // _IMAGE)
    progress.stage(N_("Measuring scans"), 4)
    image = folder / "scan.bin"
    image.write_bytes(secrets.token_bytes(_IMAGE))
    encrypt, decrypt = _pyrage_alone(recipient, image, count)
    progress.step()
    before = _peak()
    seconds: dict[str, tuple[float, float]] = {}
    with sender.store.read() as session:
        me, trust = transfer.my_keys(session), trusting.trust_store(session)
    built = _timed(seconds, "build", lambda: build(
        folder, kind=FINAL_DATA, sender=me, recipients=[recipient.organisation], trust=trust,
        campaign=sender.season.campaign, mode=transfer.mode(sender), epoch=1, seq=1, prev="", created=stamp(sender),
        app_version="bench", attachments=(carrier.Attachment(f"scans/{n:06d}.png", image) for n in range(count)),
    ))  # fmt: skip
    image.unlink()
    progress.step()
    with recipient.store.read() as session:
        them, trust = transfer.my_keys(session), trusting.trust_store(session)
    quarantine = folder / "quarantine"
    quarantine.mkdir()
    opened = _timed(seconds, "open", lambda: carrier.open_carrier(
        carrier.copy_in(built.paths, quarantine, trust), me=them, campaign=sender.season.campaign,
        mode=transfer.mode(sender),
    ))  # fmt: skip
    assert len(opened.attachments) == count
    progress.step()
    return ScanCost(
        count * _IMAGE >> 20, len(built.paths), seconds["build"], seconds["open"], encrypt, decrypt, before,
        _peak(),
    )  # fmt: skip


def _pyrage_alone(
    recipient: Context, image: Path, count: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """pyrage alone, each image into a file of its own and back: the same bytes that the carrier takes."""
    with recipient.store.read() as session:
        identity = pyrage.x25519.Identity.from_str(transfer.my_keys(session).age_identity)
    sealed = [image.with_name(f"alone-{n}.age") for n in range(count)]
    seconds: dict[str, tuple[float, float]] = {}

    def there() -> None:
        for file in sealed:
            pyrage.encrypt_file(str(image), str(file), [identity.to_public()])

    def back() -> None:
        for file in sealed:
            pyrage.decrypt_file(str(file), str(file.with_suffix(".plain")), [identity])

    _timed(seconds, "there", there)
    _timed(seconds, "back", back)
    for file in sealed:
        file.unlink()
        file.with_suffix(".plain").unlink()
    return seconds["there"], seconds["back"]


def _peak() -> int:
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def middle(costs: Sequence[CarrierCost]) -> dict[str, Any]:
    """The median of several rounds as plain data."""

    def usual(of: Callable[[CarrierCost], Seconds], clock: int) -> dict[str, float]:
        return {name: round(statistics.median(of(cost)[name][clock] for cost in costs), 4) for name in of(costs[0])}

    return {
        "rows": costs[0].rows, "carrier_bytes": costs[0].bytes, "rounds": len(costs),
        "ratio": round(statistics.median(cost.ratio(0) for cost in costs), 2),
        "processor_ratio": round(statistics.median(cost.ratio(1) for cost in costs), 2),
        "seconds": usual(lambda cost: cost.ours, 0), "processor_seconds": usual(lambda cost: cost.ours, 1),
        "library_seconds": usual(lambda cost: cost.library, 0),
        "library_processor_seconds": usual(lambda cost: cost.library, 1),
    }  # fmt: skip


def student_records(made: Sequence[Mapping[str, Any]], university: str, base: str, at: str) -> Iterator[dict[str, Any]]:
    """Simulated students as whole records of a carrier."""
    for number, values in enumerate(made, 1):
        yield {
            **values, "id": f"{number:032x}", "university": university, "base_university": base, "photos": 2,
            "version": 1, "changed_at": at, "changed_by": "bench",
        }  # fmt: skip
