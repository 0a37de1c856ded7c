"""Doing the units of jobs: a supervisor that holds leases, and one warm child process per slot that does the work."""
