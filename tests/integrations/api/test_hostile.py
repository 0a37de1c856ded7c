"""Whatever is sent, no answer is a 5xx, and nothing that is secret is logged."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import httpx
import pytest
from api_made import scored
from api_rig import ApiRig
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.api import jobs as handlers
from integrations.service import logs

_ONE_API = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = (
    "source",
    "kind",
    "wish",
    "texts",
    "cue",
    "music",
    "deadline_s",
    "schema",
    "stars",
    "comment",
    "seed",
    "prompt",
)
_FIELDS += ("url", "events", "enabled", "take", "duration", "lyrics", "output_format", "bpm", "key", "instruments")
_BODIES = _JSON | st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=5)
_TEXT = st.text(alphabet=st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40)


@pytest.fixture(scope="module")
def places(api: ApiRig) -> list[tuple[str, str]]:
    """Every route with a body, for a job that there is."""
    with api.client("a") as client:
        job = scored(api, client)
        upload = api.upload(client)
    ids = {"job_id": job, "cue": "1m1", "upload_id": upload, "webhook_id": "hook_" + "0" * 32, "take": "x"}
    found = []
    for path, verbs in httpx.get(f"{api.address}/openapi.json").json()["paths"].items():
        for verb in verbs:
            if verb in ("post", "put", "patch") and not path.endswith(("/cancel", "/generate")):
                url = path
                for name, value in ids.items():
                    url = url.replace("{" + name + "}", value)
                found.append((verb, url.replace("{delivery_id}", "msg_x")))
    return found


@pytest.mark.slow
@_ONE_API
@given(data=st.data(), body=_BODIES)
def test_no_document_breaks_it(
    api: ApiRig, a: httpx.Client, places: list[tuple[str, str]], data: Any, body: Any
) -> None:
    verb, url = data.draw(st.sampled_from(places))
    text = json.dumps(body)  # with NaN, Infinity and halves of characters, as Python writes them
    answer = a.request(verb, url, content=text.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code < 500, (verb, url, body, answer.text)


@pytest.mark.slow
@_ONE_API
@given(
    data=st.data(),
    body=st.binary(max_size=300),
    kind=st.sampled_from(["application/json", "text/plain", "", "x/y+json", "multipart/form-data; boundary=x"]),
)
def test_no_bytes_break_it(
    api: ApiRig, a: httpx.Client, places: list[tuple[str, str]], data: Any, body: bytes, kind: str
) -> None:
    verb, url = data.draw(st.sampled_from(places))
    answer = a.request(verb, url, content=body, headers={"Content-Type": kind})
    assert answer.status_code < 500, (verb, url, body, answer.text)


@pytest.mark.slow
@_ONE_API
@given(
    names=st.lists(
        st.sampled_from(
            ["Range", "If-Range", "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID", "Upload-Offset",
             "Upload-Length", "Upload-Metadata", "Upload-Checksum", "Tus-Resumable", "X-HTTP-Method-Override",
             "Accept", "Host"]
        ),
        unique=True,
        max_size=4,
    ),
    value=_TEXT,
    path=st.sampled_from(["", "/units", "/cue-sheet", "/takes", "/ratings", "/files/film.scored.mp4", "/files/"]),
)  # fmt: skip
def test_no_header_breaks_it(
    api: ApiRig, a: httpx.Client, places: list[tuple[str, str]], names: list[str], value: str, path: str
) -> None:
    job = next(url for _, url in places if url.endswith("/rescore")).removesuffix("/rescore")
    headers = [(name.encode(), value.strip().encode("latin-1")) for name in names]
    for verb, url in (("GET", job + path), ("HEAD", job + path), ("POST", "/v1/uploads")):
        try:
            answer = a.request(verb, url, headers=headers)
        except httpx.ProtocolError:  # what is no header at all is not sent, or answered by closing
            continue
        assert answer.status_code < 500, (verb, url, headers, answer.text)


@pytest.mark.slow
@_ONE_API
@given(
    query=st.dictionaries(
        st.sampled_from(["state", "cursor", "limit", "wait_s", "x"]), st.text(max_size=20), max_size=3
    ),
    tail=st.text(max_size=30),
)
def test_no_address_breaks_it(api: ApiRig, a: httpx.Client, query: dict[str, str], tail: str) -> None:
    safe = tail.encode("utf-8", "replace").decode()
    query = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    for path in (
        "/v1/jobs",
        f"/v1/jobs/{httpx.QueryParams({'x': safe})}",
        f"/v1/uploads/{safe.replace('#', '').replace('?', '')}",
    ):
        try:
            answer = a.get(path, params=query)
        except (httpx.InvalidURL, httpx.RemoteProtocolError, httpx.UnsupportedProtocol):
            continue
        assert answer.status_code < 500, (path, query, answer.text)


def test_what_is_nested_without_end_is_refused(a: httpx.Client) -> None:
    for depth in (500, 900, 1000, 5_000, 1_000_000):
        for body in ("[" * depth, '{"wish": ' + "[" * depth + "]" * depth + "}", '{"wish":' * depth):
            answer = a.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
            assert 400 <= answer.status_code < 500, (depth, answer.text)


def test_of_what_nobody_foresaw_the_client_is_told_where_it_is_logged_and_the_log_has_all_but_secrets(
    api: ApiRig, a: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    ours = logging.getLogger("integrations").level
    secret = api.key("a")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"canary in the trace, with {secret} and https://x.example/y?token=hush")

    try:
        logs.log_to_stderr(stream)
        monkeypatch.setattr(handlers, "list_jobs", broken)
        answer = a.get("/v1/jobs?limit=5&api_key=hush-hush")
        a.post("/v1/jobs", json={"source": {"url": "https://x.example/f.mp4?signature=hush"}})
        job = api.job(a)
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
        root.setLevel(level)
        logging.getLogger("integrations").setLevel(ours)
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["code"] == "internal_error"
    assert "canary" not in answer.text
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    request_id = problem["instance"].removeprefix("urn:cuesmith:request:")
    (crashed,) = [line for line in lines if line["event"] == "crashed"]
    assert crashed["request"] == request_id == answer.headers["x-request-id"]
    assert "canary in the trace" in crashed["exception"]
    assert {"job": job}.items() <= next(line for line in lines if line.get("job") == job).items()
    assert [line for line in lines if line["event"] == "request" and line["status"] == 500]
    text = stream.getvalue()
    assert secret not in text
    assert "hush" not in text
    for line in lines:
        assert {"time", "level", "logger", "event"} <= set(line)
