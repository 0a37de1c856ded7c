"""Webhooks signed and checked as Standard Webhooks 1.0.0 says (standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

from standardwebhooks import Webhook

from scoring.errors import InputError, SignatureRefused

TOLERANCE_S = 300.0
_PREFIX = "whsec_"
_NEW_BYTES = 32
_LEAST_BYTES, _MOST_BYTES = 24, 64  # the specification's own bounds
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")  # no full stop: that is what parts the signed text
_SECONDS = re.compile(r"[0-9]{1,12}")


def new_secret() -> str:
    """A secret for one endpoint: whsec_ and 32 random bytes."""
    return _PREFIX + base64.b64encode(randomness.token_bytes(_NEW_BYTES)).decode("ascii")


def check_secret(secret: str) -> bytes:
    """The key that a secret means. Raises InputError, which does not repeat it, unless it has 24 to 64 bytes."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(
            "the webhook's secret is not base64", f"Give {_PREFIX} and base64, or let one be made"
        ) from error
    if not secret.startswith(_PREFIX) or not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise InputError(
            f"the webhook's secret is not {_PREFIX} and {_LEAST_BYTES} to {_MOST_BYTES} bytes", "Let one be made"
        )
    return key


def sign(secrets: Sequence[str], event_id: str, sent_at: datetime, body: str) -> dict[str, str]:
    """The three headers of a webhook. secrets: the newest first; while a secret is being changed, both.

    sent_at: of this attempt, with its zone. Raises InputError for a secret or an id that is none.
    """
    if not secrets:
        raise InputError("the webhook has no secret", "Let one be made")
    if not _ID.fullmatch(event_id):
        raise InputError(f"the event's id is {event_id[:130]!r}", "Use 1 to 128 of A-Z a-z 0-9 _ -")
    sent_at = sent_at.astimezone(UTC)  # the library takes the zone off without converting
    signatures = [Webhook(check_secret(secret)).sign(event_id, sent_at, body) for secret in secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def verify(
    body: str | bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    now: datetime | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> Any:
    """Check a webhook as it arrived and return the event in it, for whoever receives them.

    body: the bytes as they came, not parsed and written again. headers: names in any case. secrets: one, or while it is
    being changed, both. now: the clock where it is not given. Raises SignatureRefused where a header is missing, no
    signature is right, or the timestamp is more than tolerance_s away from now in either direction; InputError for a
    secret that is none. Comparisons take the same time whatever differs. A webhook can come twice: keep its webhook-id
    for ten minutes at least, and answer the second one 200 without doing anything.
    """
    given = {name.lower(): value for name, value in headers.items()}
    event_id, sent, signatures = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (event_id and sent and signatures):
        raise _refused("webhook-id, webhook-timestamp or webhook-signature is missing")
    if not _SECONDS.fullmatch(sent):
        raise _refused("the webhook's timestamp is not in whole seconds")
    away_s = (datetime.now(UTC) if now is None else now).timestamp() - int(sent)
    if abs(away_s) > tolerance_s:
        raise _refused(f"the webhook's timestamp is {abs(away_s):.0f} s {'old' if away_s > 0 else 'ahead'}")
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("the webhook's body is not UTF-8") from error
    known = [secrets] if isinstance(secrets, str) else list(secrets)
    # The library signs; its own verify takes no clock, and breaks on the first signature that it cannot read.
    sent_at = datetime.fromtimestamp(int(sent), UTC)
    expected = [Webhook(check_secret(secret)).sign(event_id, sent_at, text).encode() for secret in known]
    found = [each.encode("utf-8", "surrogateescape") for each in signatures.split(" ")]
    is_ours = False
    for ours, theirs in product(expected, found):  # all of them, so that the time tells nothing
        is_ours |= hmac.compare_digest(ours, theirs)
    if not is_ours:
        raise _refused("no signature of the webhook is right")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _refused("the webhook is signed, but its body is not JSON") from error


def _refused(what: str) -> SignatureRefused:
    return SignatureRefused(what, "Answer 401 and do nothing; check the secret, the clock and that the body is raw")
