"""The service's client for Python: typed, synchronous, with retries; needs httpx and tenacity and nothing heavy."""

from __future__ import annotations

from integrations.client.answers import (
    Delivery,
    FileOf,
    Job,
    Music,
    Progress,
    Rating,
    SheetText,
    Take,
    Upload,
    Webhook,
)
from integrations.client.client import CuesmithClient
from integrations.client.hooks import verify_webhook

__all__ = [
    "CuesmithClient",
    "Delivery",
    "FileOf",
    "Job",
    "Music",
    "Progress",
    "Rating",
    "SheetText",
    "Take",
    "Upload",
    "Webhook",
    "verify_webhook",
]
