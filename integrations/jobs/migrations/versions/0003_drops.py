"""What lay in watch folders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "drops",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("path_key", sa.String(length=64), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.String(length=200), nullable=False),
        sa.Column("side_cars", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("wanted", sa.String(length=64), nullable=True),
        sa.Column("job_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_tidy", sa.Boolean(), nullable=False),
        sa.Column("has_left", sa.Boolean(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.Column("place_key", sa.String(length=64), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_s", sa.Float(precision=53), nullable=False),
        sa.Column("changed_s", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drops")),
    )
    with op.batch_alter_table("drops", schema=None) as batch_op:
        batch_op.create_index("ix_drops_watch_path_key", ["watch", "path_key"], unique=False)
        batch_op.create_index("ix_drops_watch_place_key", ["watch", "place_key"], unique=False)
        batch_op.create_index("ix_drops_watch_state", ["watch", "state"], unique=False)
        batch_op.create_index("ix_drops_sha256_wanted", ["sha256", "wanted"], unique=False)
        batch_op.create_index("ix_drops_job_id", ["job_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("drops", schema=None) as batch_op:
        batch_op.drop_index("ix_drops_job_id")
        batch_op.drop_index("ix_drops_sha256_wanted")
        batch_op.drop_index("ix_drops_watch_state")
        batch_op.drop_index("ix_drops_watch_place_key")
        batch_op.drop_index("ix_drops_watch_path_key")

    op.drop_table("drops")
