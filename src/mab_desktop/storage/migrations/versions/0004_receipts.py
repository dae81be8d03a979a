"""Receipts, the waiting room, forks of a stream and what the centre decided about them; signed results.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str, length: int, **more: object) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, **more)  # type: ignore[arg-type]


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _manifest() -> sa.Column[object]:
    return sa.Column("manifest", sa.JSON(), nullable=False)


def upgrade() -> None:
    """What was loaded before has told its sender nothing yet: the next file or receipt to him does."""
    op.add_column("carrier_in", _text("receipt", 64, server_default=""))
    op.add_column("carrier_in", sa.Column("set_aside", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "carrier_receipt",
        _text("digest", 64), _text("organisation", 64), _text("device", 64), _text("taken_at", 40),
        _text("known_at", 40),
        sa.ForeignKeyConstraint(["digest"], ["carrier_out.digest"], name=op.f("fk_carrier_receipt_digest_carrier_out")),
        sa.PrimaryKeyConstraint("digest", "organisation", name=op.f("pk_carrier_receipt")),
    )  # fmt: skip
    op.create_table(
        "carrier_waiting",
        _text("digest", 64), _text("kind", 32), _text("sender", 64), _text("stream", 200), _number("epoch"),
        _number("seq"), _number("parts"), _text("file_name", 200), _manifest(), _text("came_at", 40),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_carrier_waiting")),
    )  # fmt: skip
    op.create_index(op.f("ix_carrier_waiting_stream"), "carrier_waiting", ["stream"])
    op.create_table(
        "stream_fork",
        _text("digest", 64), _text("stream", 200), _text("sender", 64), _text("kind", 32), _number("epoch"),
        _number("seq"), _text("prev", 64), _number("parts"), _text("loaded", 64), _manifest(), _text("found_at", 40),
        _text("state", 16), _text("decided_at", 40), _text("decided_by", 64),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_stream_fork")),
    )  # fmt: skip
    op.create_index(op.f("ix_stream_fork_stream"), "stream_fork", ["stream"])
    op.create_table(
        "result_score",
        _text("base_university", 3), _text("code", 10), _text("subject", 8), _number("shift"), _number("before"),
        _number("after"), _text("carrier", 64),
        sa.PrimaryKeyConstraint("base_university", "code", "subject", name=op.f("pk_result_score")),
    )  # fmt: skip
    op.create_index(op.f("ix_result_score_shift"), "result_score", ["shift"])
