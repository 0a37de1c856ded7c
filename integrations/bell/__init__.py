"""Celery: the doorbell that says that work is waiting, and the task API for programs that speak Celery."""
