"""The API's process killed as by a power cut, and started again on the same folder."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from api_rig import FILM
from service_rig import Process, rig, until

V = {"Tus-Resumable": "1.0.0"}


def offset(url: str, headers: dict[str, str]) -> int:
    return int(httpx.head(url, headers=headers).headers["upload-offset"])


def cut_off(process: Process, url: str, headers: dict[str, str], start: int, data: bytes) -> Iterator[bytes]:
    """A body whose receiver is killed when some of it is on the disk."""
    yield data[start : start + 1_000_000]
    until(lambda: offset(url, headers) > start)
    process.kill_tree()
    yield data[start + 1_000_000 :]


@pytest.mark.slow
def test_an_upload_is_carried_on_where_it_stood_when_the_process_was_killed(tmp_path: Path) -> None:
    data = FILM[:24] + random.Random(3).randbytes(3_000_000)
    with rig(tmp_path) as service:
        headers = {"Authorization": f"Bearer {service.key()}", **V}
        process, address = service.api()
        begun = httpx.post(f"{address}/v1/uploads", headers={**headers, "Upload-Length": str(len(data))})
        where = begun.headers["location"]
        moves = {**headers, "Content-Type": "application/offset+octet-stream"}
        for _ in range(2):
            start = offset(address + where, headers)
            body = cut_off(process, address + where, headers, start, data)
            with pytest.raises(httpx.TransportError):
                httpx.patch(address + where, headers={**moves, "Upload-Offset": str(start)}, content=body, timeout=20)
            process, address = service.api()
            assert offset(address + where, headers) > start
        start = offset(address + where, headers)
        rest = httpx.patch(address + where, headers={**moves, "Upload-Offset": str(start)}, content=data[start:])
        assert rest.status_code == 204
        shown = httpx.get(address + where, headers=headers).json()
        assert shown["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize(("point", "status"), [("intake.commit", 202), ("intake.committed", 200)])
def test_a_job_is_there_or_not_when_the_process_was_killed_and_asking_again_makes_one(
    tmp_path: Path, point: str, status: int
) -> None:
    asked = {"kind": "music", "music": {"duration_s": 10, "prompt": "x"}}
    with rig(tmp_path) as service:
        headers = {"Authorization": f"Bearer {service.key()}", "Idempotency-Key": "once"}
        _, address = service.api(CUESMITH_CRASH_AT=f"{point}@{tmp_path / 'flag'}")
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{address}/v1/jobs", json=asked, headers=headers, timeout=20)
        _, address = service.api()
        again = httpx.post(f"{address}/v1/jobs", json=asked, headers=headers)
        assert again.status_code == status
        listed = httpx.get(f"{address}/v1/jobs", headers=headers).json()["jobs"]
        assert [job["id"] for job in listed] == [again.json()["id"]]
