"""Acts that were done before a restore and are not in the copy that was put in place.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table that nobody can take a line out of."""
    op.create_table(
        "restored_act",
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("event", "object", name=op.f("pk_restored_act")),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER restored_act_no_{verb.lower()} BEFORE {verb} ON restored_act BEGIN "
                   "SELECT RAISE(ABORT, 'what was recorded cannot be changed'); END")
