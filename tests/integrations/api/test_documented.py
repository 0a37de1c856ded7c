"""docs/api.md and the OpenAPI document say what is so."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from api_made import scored
from api_rig import FILM, ApiRig, served
from receivers import receiving

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


def commands() -> list[str]:
    """The curl commands of the page, in order."""
    found = []
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        joined = block.replace("\\\n", " ")
        found += [line for line in joined.splitlines() if line.startswith("curl ")]
    return found


def test_every_command_of_the_page_does_what_it_says(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    work = tmp_path / "work"
    work.mkdir()
    (work / "film.mp4").write_bytes(FILM)
    lines = commands()
    assert len(lines) >= 20
    with receiving() as receiver, served(tmp_path / "s", webhook_hosts=(receiver.host,)) as api, api.client() as a:
        job = scored(api, a)
        take = a.get(f"/v1/jobs/{job}/takes").json()["takes"][0]["take"]
        hook = a.post("/v1/webhooks", json={"url": receiver.url()}).json()["id"]
        music = api.job(a, kind="music", music={"duration_s": 10, "prompt": "x"})
        known = {
            "SERVER": api.address,
            "KEY": api.key(),
            "UPLOAD": api.upload(a),
            "JOB": job,
            "TAKE": take,
            "HOOK": hook,
            "HOOK_URL": receiver.url(),
            "TASK": music,
            "PATH": "/usr/bin:/bin",
        }
        from integrations.api import music as generating

        patient, generating.WAIT_S = generating.WAIT_S, 0.2  # nobody works here: it answers 202
        try:
            for line in lines:
                if "-X PATCH" in line:  # of an upload that has only begun
                    begun = a.post("/v1/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(len(FILM))})
                    known["UPLOAD"] = begun.headers["location"].rpartition("/")[2]
                done = subprocess.run(
                    ["bash", "-c", f"{line} -w '\\n%{{http_code}}'"],
                    cwd=work,
                    env=known,
                    capture_output=True,
                    timeout=60,
                )
                assert done.returncode == 0, (line, done.stderr.decode())
                status = int(done.stdout.decode("utf-8", "replace").rpartition("\n")[2])
                assert 200 <= status < 300, (line, done.stdout.decode("utf-8", "replace"))
        finally:
            generating.WAIT_S = patient
        assert (work / "result.mp4").stat().st_size > 1000
        assert (work / "cues.json").read_text().startswith("{")


def test_every_route_on_the_page_is_in_the_document_and_every_route_of_a_tenants_is_on_the_page(api: ApiRig) -> None:
    document = httpx.get(f"{api.address}/openapi.json").json()
    paths = {re.sub(r"{\w+}", "*", path) for path in document["paths"]}
    named = re.findall(r"\$SERVER(/[^\s\"?]+)", PAGE.read_text(encoding="utf-8"))
    for url in named:
        form = re.sub(r"/(\$\w+|1m1|film\.scored\.mp4)(?=/|$)", "/*", url)
        assert form in paths, (url, form)
    text = PAGE.read_text(encoding="utf-8")
    for room in ("/v1/jobs", "/v1/uploads", "/v1/webhooks", "/v1/audio/music", "/healthz", "/readyz", "/metrics"):
        assert room in text


def test_every_route_has_a_summary_a_description_and_says_how_it_fails(api: ApiRig) -> None:
    document = httpx.get(f"{api.address}/openapi.json").json()
    assert document["info"]["title"] == "Cuesmith"
    names = []
    for path, verbs in document["paths"].items():
        for verb, route in verbs.items():
            names.append(route["operationId"])
            assert route["summary"], (verb, path)
            assert route["description"], (verb, path)
            if not path.startswith("/v1/") or "experiments" in path:
                continue
            assert route["security"] == [{"key": []}], (verb, path)
            assert {"401", "429", "500"} <= set(route["responses"]), (verb, path)
            if "{" in path:
                assert "404" in route["responses"], (verb, path)
            for status, answer in route["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (verb, path, status)
    assert len(names) == len(set(names))
    text = str(document)
    for schema in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert schema in document["components"]["schemas"]
    assert "HTTPValidationError" not in str(document["paths"]["/v1/jobs"])
