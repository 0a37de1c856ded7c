"""Durable jobs: the job row is the truth. Who may work, on what, and what is published is decided in one database."""
