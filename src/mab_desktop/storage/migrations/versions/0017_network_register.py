"""The base university's hand-over register, trainings, versions of databases with their differences, and duties.

What stood on the board by hand (program, training, signed statistics) and the confirmed duties move here.

Revision ID: 0017
Revises: 0016
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_FIXED = "university, item, day, person, post, phone, version, carrier, signed, sealed, note, count, control_sum, at, by"


def upgrade() -> None:
    """Add the tables and bring over what was kept elsewhere."""
    _register()
    _trainings()
    _databases()
    _duties()
    for table in ("network_hand_over", "database_version", "database_difference"):
        columns = f" OF {_FIXED}" if table == "network_hand_over" else ""
        for verb, of in (("update", columns), ("delete", "")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()}{of} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'what was noted stays'); END"
            )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _number(name: str, **more: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, **more)


def _register() -> None:
    op.create_table(
        "network_hand_over", _number("id"), _text("university", 3), _text("item", 16),
        sa.Column("day", sa.Date(), nullable=False), _text("person", 120), _text("post", 120), _text("phone", 40),
        _text("version", 40), _text("carrier", 60), sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False), _text("note", 200), _number("count"),
        _text("control_sum", 32), sa.Column("board_entry", sa.Integer(), nullable=True), _text("at", 40),
        _text("by", 64), _text("withdrawn_at", 40), _text("withdrawn_by", 64), _text("withdrawn_reason", 200),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_hand_over")),
    )  # fmt: skip
    op.create_index("ix_network_hand_over_university_item", "network_hand_over", ["university", "item"], unique=False)
    op.execute(
        "INSERT INTO network_hand_over (university, item, day, person, post, phone, version, carrier, signed, sealed, "
        "note, count, control_sum, board_entry, at, by, withdrawn_at, withdrawn_by, withdrawn_reason) "
        "SELECT e.university, e.item, date(substr(e.at, 1, 10)), '', '', '', '', '', e.item = 'confirmed', "
        "e.item = 'confirmed', CASE e.item WHEN 'program' THEN substr(e.note, 1, 200) ELSE '' END, e.count, "
        "CASE e.item WHEN 'confirmed' THEN substr(e.note, 1, 32) ELSE '' END, "
        "(SELECT max(d.id) FROM board_entry d WHERE d.university = e.university AND d.item = 'database' "
        "AND d.id < e.id AND e.item = 'confirmed'), e.at, e.by, '', '', '' "
        "FROM board_entry e WHERE e.item IN ('program', 'confirmed') ORDER BY e.id"
    )


def _trainings() -> None:
    op.create_table(
        "training", _text("id", 32), sa.Column("day", sa.Date(), nullable=False), _text("place", 120),
        _text("topic", 200), _text("held_by", 120), _text("at", 40), _text("by", 64),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
    )  # fmt: skip
    op.create_table(
        "training_attendance", _text("training", 32), _text("university", 3), _text("office", 16),
        _text("person", 120),
        sa.ForeignKeyConstraint(["training"], ["training.id"], name=op.f("fk_training_attendance_training_training")),
        sa.PrimaryKeyConstraint("training", "university", "office", name=op.f("pk_training_attendance")),
    )  # fmt: skip
    noted = "FROM board_entry WHERE item = 'training' ORDER BY id"
    op.execute(
        "INSERT INTO training (id, day, place, topic, held_by, at, by) "
        f"SELECT 'noted-' || id, date(substr(at, 1, 10)), '', '', by, at, by {noted}"
    )
    op.execute(
        "INSERT INTO training_attendance (training, university, office, person) "
        f"SELECT 'noted-' || id, university, 'programmer', substr(note, 1, 120) {noted}"
    )


def _databases() -> None:
    op.create_table(
        "database_version", _text("university", 3), _number("number", autoincrement=False), _text("digest", 64),
        _text("at", 40), _text("by", 64), _number("students"), _text("control_sum", 32),
        _text("statistics", 16), _number("new"), _number("changed"), _number("gone"), _number("broken"), _number("twins"),
        sa.Column("elsewhere", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("university", "number", name=op.f("pk_database_version")),
        sa.UniqueConstraint("digest", name=op.f("uq_database_version_digest")),
    )  # fmt: skip
    op.create_table(
        "database_difference", _number("id"), _text("university", 3), _number("version"), _text("kind", 8),
        _text("student", 32), _text("name", 130), _text("field", 32), _text("old", 200), _text("new", 200),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_difference")),
    )  # fmt: skip
    op.create_index("ix_database_difference_version", "database_difference", ["university", "version"], unique=False)


def _duties() -> None:
    op.create_table(
        "base_duty", _number("number", autoincrement=False), sa.Column("due", sa.Date(), nullable=True),
        _text("responsible", 120), _text("note", 500), sa.Column("done_on", sa.Date(), nullable=True),
        _text("done_at", 40), _text("done_by", 64),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_base_duty")),
    )  # fmt: skip
    op.execute(
        "INSERT INTO base_duty (number, due, responsible, note, done_on, done_at, done_by) "
        "SELECT CAST(subject AS INTEGER), NULL, '', note, date(substr(at, 1, 10)), at, by FROM step_done WHERE step = 'duty'"
    )
    op.execute("DELETE FROM step_done WHERE step = 'duty'")
