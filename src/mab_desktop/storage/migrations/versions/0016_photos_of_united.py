"""Which photograph a united record took over, and which one stood there before.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns."""
    for name in ("photo", "photo_before"):
        op.add_column("duplicate", sa.Column(name, sa.String(length=32), server_default="", nullable=False))
