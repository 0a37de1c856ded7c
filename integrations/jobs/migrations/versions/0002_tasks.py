"""Celery tasks and what their clients were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("reply_to", sa.String(length=300), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("teller", sa.String(length=64), nullable=False),
        sa.Column("until_s", sa.Float(precision=53), nullable=False),
        sa.Column("created_s", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_tasks_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_is_over_until_s", ["is_over", "until_s"], unique=False)
        batch_op.create_index("ix_tasks_job_id", ["job_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_job_id")
        batch_op.drop_index("ix_tasks_is_over_until_s")

    op.drop_table("tasks")
