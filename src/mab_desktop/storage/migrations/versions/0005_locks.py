"""A password that somebody else knows is changed at the next login.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark; whoever may log in already chose the password alone."""
    op.add_column("account", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
