"""The tables. Times are seconds since 1970 as float64, documents are JSON, ids are 128 random bits and more."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# Names of constraints are fixed, so that a migration can name them on every database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = String(64)
# SQLite numbers rows by itself only where the column is INTEGER.
_COUNTED = BigInteger().with_variant(Integer(), "sqlite")

tenants = Table(
    "tenants",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("created_s", Float(53), nullable=False),
    Column("quota", JSON, nullable=False),  # what differs from the settings' quota
    Column("started_s", Float(53), nullable=False),  # when a unit of it was last started: whose turn it is
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of 256 random bits
    Column("label", String(200), nullable=False),
    Column("created_s", Float(53), nullable=False),
    Column("revoked_s", Float(53)),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("state", String(16), nullable=False),  # open, complete, expired
    Column("name", String(300), nullable=False),  # as the client said it; never used as a path
    Column("length_bytes", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("storage_key", String(400)),
    Column("created_s", Float(53), nullable=False),
    Column("expires_s", Float(53), nullable=False),
    Index("ix_uploads_tenant_id_state", "tenant_id", "state"),
    Index("ix_uploads_expires_s", "expires_s"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("order", JSON, nullable=False),
    Column("source", JSON),
    Column("upload_id", _ID),
    Column("parent_id", _ID),
    Column("progress", Float(53), nullable=False),  # 0..1, never falls
    Column("error", JSON),
    Column("result", JSON),
    Column("notes", JSON, nullable=False),
    Column("arm", JSON),  # the experiment and the arm it was assigned to
    Column("outside_id", String(200)),  # a Celery task's id, for its result
    Column("draft", Text),  # a cue sheet that somebody edited, for the next revision
    Column("version", Integer, nullable=False),  # rises with every change
    Column("created_s", Float(53), nullable=False),
    Column("started_s", Float(53)),
    Column("ended_s", Float(53)),
    Column("deadline_s", Float(53)),  # not to be started later
    Column("expires_s", Float(53)),
    Index("ix_jobs_tenant_id_created_s", "tenant_id", "created_s"),
    Index("ix_jobs_state", "state"),
    Index("ix_jobs_expires_s", "expires_s"),
    Index("ix_jobs_outside_id", "outside_id"),
    Index("ix_jobs_parent_id", "parent_id"),
)

units = Table(
    "units",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", _ID, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("queue", String(16), nullable=False),
    Column("rank", Integer, nullable=False),  # how far along its job it is
    Column("state", String(16), nullable=False),  # waiting, leased, done, failed, dropped
    Column("key", String(64), nullable=False),
    Column("batch_key", String(200), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("token", Integer, nullable=False),  # the fencing token: rises with every lease
    Column("owner", String(200), nullable=False),
    Column("lease_until_s", Float(53), nullable=False),
    Column("not_before_s", Float(53), nullable=False),
    Column("progress", Float(53), nullable=False),
    Column("outcome", JSON),
    Column("error", JSON),
    Column("created_s", Float(53), nullable=False),
    Column("started_s", Float(53)),
    Column("ended_s", Float(53)),
    UniqueConstraint("job_id", "kind", "name"),
    Index("ix_units_state_queue_tenant_id_rank_created_s", "state", "queue", "tenant_id", "rank", "created_s"),
    Index("ix_units_state_lease_until_s", "state", "lease_until_s"),
    Index("ix_units_key", "key"),
)

# What was made from exactly these inputs, for whichever job asks next; a tenant's own.
results = Table(
    "results",
    metadata,
    Column("tenant_id", _ID, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("prefix", String(400), nullable=False),
    Column("outcome", JSON, nullable=False),
    Column("used_s", Float(53), nullable=False),
    Index("ix_results_used_s", "used_s"),
)

artefacts = Table(
    "artefacts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", _ID, nullable=False),
    Column("unit_id", _ID, nullable=False),
    Column("token", Integer, nullable=False),  # of the attempt that made it
    Column("name", String(300), nullable=False),
    Column("storage_key", String(400), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("created_s", Float(53), nullable=False),
    UniqueConstraint("job_id", "name"),
)

events = Table(
    "events",
    metadata,
    Column("id", _COUNTED, primary_key=True, autoincrement=True),
    Column("job_id", _ID, nullable=False),
    Column("tenant_id", _ID, nullable=False),
    Column("at_s", Float(53), nullable=False),
    Column("kind", String(40), nullable=False),  # job.queued, job.progress, job.succeeded …
    Column("body", JSON, nullable=False),
    Index("ix_events_job_id_id", "job_id", "id"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant_id", _ID, primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("job_id", _ID, nullable=False),
    Column("created_s", Float(53), nullable=False),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("secrets", JSON, nullable=False),  # the newest first; two while they are being changed
    Column("kinds", JSON, nullable=False),
    Column("created_s", Float(53), nullable=False),
    Column("disabled_s", Float(53)),
    Column("why_disabled", Text),
    Index("ix_endpoints_tenant_id", "tenant_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _ID, primary_key=True),  # what the receiver sees as webhook-id, the same at every try
    Column("endpoint_id", ForeignKey("endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", _ID, nullable=False),
    Column("job_id", _ID, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # waiting, sending, delivered, failed
    Column("attempts", Integer, nullable=False),
    Column("next_s", Float(53), nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("created_s", Float(53), nullable=False),
    Index("ix_deliveries_state_next_s", "state", "next_s"),
    Index("ix_deliveries_tenant_id_created_s", "tenant_id", "created_s"),
)

vocabularies = Table(
    "vocabularies",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("text", Text, nullable=False),  # "" is the built-in one
    Column("created_s", Float(53), nullable=False),
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("arms", JSON, nullable=False),  # [{"name": "A", "vocabulary": sha256}, …], the first is the one to beat
    Column("created_s", Float(53), nullable=False),
    Column("ended_s", Float(53)),
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("tenant_id", _ID, nullable=False),
    Column("job_id", _ID, nullable=False),
    Column("cue", String(200), nullable=False),  # "" of the whole film
    Column("stars", Integer, nullable=False),  # 1..5
    Column("comment", Text, nullable=False),
    Column("film", String(64)),  # SHA-256: ratings outlive jobs, and a film rated again is no second opinion
    Column("experiment", String(100)),
    Column("arm", String(100)),
    Column("created_s", Float(53), nullable=False),
    UniqueConstraint("job_id", "cue"),
    Index("ix_ratings_experiment", "experiment"),
)

# Which vocabulary new jobs take: the last row that was not taken back.
promotions = Table(
    "promotions",
    metadata,
    Column("id", _COUNTED, primary_key=True, autoincrement=True),
    Column("vocabulary", String(64), nullable=False),
    Column("before", String(64), nullable=False),
    Column("experiment", String(100), nullable=False),
    Column("figures", JSON, nullable=False),
    Column("at_s", Float(53), nullable=False),
    Column("is_taken_back", Boolean, nullable=False),
)

# Workers that are alive, for /readyz and people.
workers = Table(
    "workers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("queues", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("beat_s", Float(53), nullable=False),
)

# Celery tasks that were taken in, and what their clients have been told of the job; several may wait for one job.
tasks = Table(
    "tasks",
    metadata,
    Column("id", String(200), primary_key=True),  # the client's
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", _ID, nullable=False),
    Column("name", String(100), nullable=False),
    Column("reply_to", String(300)),  # the queue that the client hears answers in, where results are messages
    Column("told", Integer, nullable=False),  # the job's version that the client was told last, 0 for none
    Column("is_over", Boolean, nullable=False),  # told how it ended
    Column("teller", _ID, nullable=False),  # who is telling it now …
    Column("until_s", Float(53), nullable=False),  # … and until when nobody else does
    Column("created_s", Float(53), nullable=False),
    Index("ix_tasks_is_over_until_s", "is_over", "until_s"),
    Index("ix_tasks_job_id", "job_id"),
)

# What lay in watch folders, a row for each new thing there: which films were taken, and what became of them.
# Rows outlive their jobs, so that a film which stays where it is is not scored again when its job has expired.
drops = Table(
    "drops",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("tenant_id", _ID, nullable=False),
    Column("watch", String(64), nullable=False),  # SHA-256 of the watched folder's path
    Column("path", LargeBinary, nullable=False),  # below it, as the file system has it
    Column("path_key", String(64), nullable=False),  # SHA-256 of that
    Column("is_latest", Boolean, nullable=False),  # of the rows with this path
    Column("identity", String(200), nullable=False),  # size, times and number of the file, as seen last
    Column("side_cars", String(64), nullable=False),  # SHA-256 of the identities of what belongs to it, "" for none
    Column("sha256", String(64)),
    Column("wanted", String(64)),  # the order's digest
    Column("job_id", _ID),
    Column("state", String(16), nullable=False),  # taken, scored, refused
    Column("is_tidy", Boolean, nullable=False),  # nothing is left to be done in the folder: reason file, moving
    Column("has_left", Boolean, nullable=False),  # the watch moved the film out of the folder
    Column("place", LargeBinary),  # where its results go, below the output folder, without what distinguishes them
    Column("place_key", String(64)),  # SHA-256 of it as file systems that ignore case see it
    Column("result", LargeBinary),  # the finished film, below the output folder
    Column("reason", Text, nullable=False),
    Column("created_s", Float(53), nullable=False),
    Column("changed_s", Float(53), nullable=False),
    Index("ix_drops_watch_path_key", "watch", "path_key"),
    Index("ix_drops_watch_place_key", "watch", "place_key"),
    Index("ix_drops_watch_state", "watch", "state"),
    Index("ix_drops_sha256_wanted", "sha256", "wanted"),
    Index("ix_drops_job_id", "job_id"),
)
