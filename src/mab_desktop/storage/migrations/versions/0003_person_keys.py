"""Persons with keys of their own, withdrawn keys with their ground; root keys leave the database.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the centre's list of persons; root and person keys that stood here unsealed are deleted."""
    op.add_column("device_key", sa.Column("person", sa.String(length=50), nullable=False, server_default=""))
    op.add_column("device_key", sa.Column("name", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("device_key", sa.Column("retired_at", sa.String(length=40), nullable=True))
    op.execute("DELETE FROM device_key WHERE kind IN ('root', 'person')")
    op.add_column("device_enrolment", sa.Column("revoked_at", sa.String(length=40), nullable=True))
    op.add_column("device_enrolment", sa.Column("ground", sa.String(length=300), nullable=False, server_default=""))
    op.create_table(
        "person_enrolment",
        sa.Column("keyid", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("last_valid", sa.JSON(), nullable=False),
        sa.Column("enrolled_at", sa.String(length=40), nullable=False),
        sa.Column("enrolled_by", sa.String(length=64), nullable=False),
        sa.Column("revoked_at", sa.String(length=40), nullable=True),
        sa.Column("ground", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("keyid", name=op.f("pk_person_enrolment")),
        sa.UniqueConstraint("person", name=op.f("uq_person_enrolment_person")),
    )
    op.create_index(op.f("ix_person_enrolment_organisation"), "person_enrolment", ["organisation"], unique=False)
