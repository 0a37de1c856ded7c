"""Signatures: the published vector, the library's own check, and everything that is not one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from integrations.webhooks.signing import TOLERANCE_S, check_secret, new_secret, sign, verify
from scoring.errors import InputError, SignatureRefused

# From the tests of the Standard Webhooks reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT_AT = datetime.fromtimestamp(1614265330, UTC)
BODY = '{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {"webhook-id": EVENT_ID, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE}


def test_the_published_vector_is_what_is_signed() -> None:
    assert sign([SECRET], EVENT_ID, SENT_AT, BODY) == HEADERS


def test_the_published_vector_is_right_in_any_case_of_its_headers_and_as_bytes() -> None:
    assert verify(BODY, HEADERS, SECRET, now=SENT_AT) == {"test": 2432232314}
    assert verify(BODY.encode(), {name.title(): v for name, v in HEADERS.items()}, SECRET, now=SENT_AT)


def test_the_signature_is_what_the_documents_say_to_compute_by_hand() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    made = hmac.new(key, f"{EVENT_ID}.1614265330.{BODY}".encode(), hashlib.sha256).digest()
    assert base64.b64encode(made).decode() == SIGNATURE.removeprefix("v1,")


def test_the_function_printed_in_the_documents_tells_ours_from_others() -> None:
    text = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    printed: dict[str, Any] = {}
    (code,) = re.findall(r"```python\n(import base64.*?)```", text, re.DOTALL)
    exec(code, printed)
    headers = sign([new_secret(), SECRET], EVENT_ID, datetime.now(UTC), BODY)
    assert printed["is_ours"](BODY.encode(), headers, SECRET)
    assert not printed["is_ours"](BODY.encode() + b" ", headers, SECRET)
    assert not printed["is_ours"](BODY.encode(), headers, new_secret())
    assert not printed["is_ours"](BODY.encode(), HEADERS, SECRET)  # right, and years old
    for published in (SECRET, EVENT_ID, "1614265330", BODY, SIGNATURE):
        assert published in text


def test_the_zone_of_the_clock_makes_no_difference() -> None:
    elsewhere = SENT_AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert sign([SECRET], EVENT_ID, elsewhere, BODY) == HEADERS
    assert verify(BODY, HEADERS, SECRET, now=elsewhere)


def test_the_reference_library_accepts_ours_and_compares_in_constant_time_within_five_minutes() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = sign([secret], EVENT_ID, now, BODY)
    assert Webhook(secret).verify(BODY, headers) == json.loads(BODY)
    for late in (timedelta(minutes=5, seconds=5), -timedelta(minutes=5, seconds=5)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY, sign([secret], EVENT_ID, now + late, BODY))
    assert "compare_digest" in inspect.getsource(Webhook.verify)


def test_while_a_secret_is_changed_either_is_enough() -> None:
    old, new = new_secret(), new_secret()
    headers = sign([new, old], EVENT_ID, SENT_AT, BODY)
    assert headers["webhook-signature"].count(" ") == 1
    for known in (old, new, [old, new], [new_secret(), old]):
        assert verify(BODY, headers, known, now=SENT_AT)
    with pytest.raises(SignatureRefused):
        verify(BODY, headers, new_secret(), now=SENT_AT)
    with pytest.raises(SignatureRefused):
        verify(BODY, headers, [], now=SENT_AT)


def test_signatures_of_other_kinds_beside_the_right_one_are_passed_over() -> None:
    for other in ("v1a,AAAA", "v2," + SIGNATURE[3:], "rubbish", ",", "v1,", "v1,é", "v1,%%%"):
        both = {**HEADERS, "webhook-signature": f"{other} {SIGNATURE}"}
        assert verify(BODY, both, SECRET, now=SENT_AT)
        with pytest.raises(SignatureRefused):
            verify(BODY, {**HEADERS, "webhook-signature": other}, SECRET, now=SENT_AT)


@pytest.mark.parametrize("away_s", [-TOLERANCE_S - 1, -TOLERANCE_S, 0.0, TOLERANCE_S, TOLERANCE_S + 1])
def test_five_minutes_either_way_are_forgiven_and_no_more(away_s: float) -> None:
    now = SENT_AT + timedelta(seconds=away_s)
    if abs(away_s) <= TOLERANCE_S:
        assert verify(BODY, HEADERS, SECRET, now=now)
    else:
        with pytest.raises(SignatureRefused, match="old" if away_s > 0 else "ahead"):
            verify(BODY, HEADERS, SECRET, now=now)


def test_without_a_clock_the_real_one_counts() -> None:
    with pytest.raises(SignatureRefused, match="old"):
        verify(BODY, HEADERS, SECRET)
    assert verify(BODY, sign([SECRET], EVENT_ID, datetime.now(UTC), BODY), SECRET)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""),
        ("webhook-id", "msg_other"),
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek.1"),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "1614265331"),
        ("webhook-timestamp", "1614265330.0"),
        ("webhook-timestamp", "nan"),
        ("webhook-timestamp", "-1"),
        ("webhook-timestamp", "1" * 30),
        ("webhook-timestamp", "١٦١٤٢٦٥٣٣٠"),
        ("webhook-signature", ""),
        ("webhook-signature", SIGNATURE.lower()),
        ("webhook-signature", SIGNATURE[:-2]),
        ("webhook-signature", SIGNATURE.removeprefix("v1,")),
        ("webhook-signature", "v1,\udcff"),
    ],
)
def test_a_header_that_was_changed_is_refused(name: str, value: str) -> None:
    with pytest.raises(SignatureRefused) as refused:
        verify(BODY, {**HEADERS, name: value}, SECRET, now=SENT_AT)
    assert refused.value.http_status == 401
    assert "MfKQ" not in str(refused.value)


@pytest.mark.parametrize("body", ["", BODY + " ", BODY.replace("2", "3", 1), b"\xff", "{}"])
def test_a_body_that_was_changed_is_refused(body: str | bytes) -> None:
    with pytest.raises(SignatureRefused):
        verify(body, HEADERS, SECRET, now=SENT_AT)


def test_a_signed_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="not JSON"):
        verify("no", sign([SECRET], EVENT_ID, SENT_AT, "no"), SECRET, now=SENT_AT)


def test_new_secrets_are_32_random_bytes() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(check_secret(secret)) for secret in made} == {32}


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_short",
        SECRET.removeprefix("whsec_"),
        "whsec_" + "A" * 28,
        "whsec_" + "A" * 88 + "AAAA",
        "whsec_" + "é" * 32,
        SECRET + "!",
    ],
)
def test_a_secret_that_is_too_short_too_long_or_none_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(InputError) as refused:
        check_secret(secret)
    with pytest.raises(InputError):
        sign([secret], EVENT_ID, SENT_AT, BODY)
    assert len(secret) < 20 or secret not in str(refused.value)


def test_nothing_is_signed_without_a_secret_or_under_an_id_that_could_be_read_as_two_parts() -> None:
    with pytest.raises(InputError):
        sign([], EVENT_ID, SENT_AT, BODY)
    for event_id in ("", "a.b", "a\r\nb", "ä", "a" * 129):
        with pytest.raises(InputError):
            sign([SECRET], event_id, SENT_AT, BODY)


@given(
    st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.none())),
    st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.binary(min_size=24, max_size=64),
    st.integers(0, 10**6),
)
def test_what_is_signed_verifies_and_one_changed_byte_does_not(
    data: dict[str, object], event_id: str, sent_at: datetime, key: bytes, place: int
) -> None:
    secret, body = "whsec_" + base64.b64encode(key).decode(), json.dumps(data)
    headers = sign([secret], event_id, sent_at, body)
    assert verify(body, headers, secret, now=sent_at) == data
    changed = bytearray(body.encode())
    changed[place % len(changed)] ^= 1
    with pytest.raises(SignatureRefused):
        verify(bytes(changed), headers, secret, now=sent_at)
