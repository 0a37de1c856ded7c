"""The API's process killed as by a power cut, and started again on the same folder."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import httpx
import pytest
from api_rig import FILM
from service_rig import rig

V = {"Tus-Resumable": "1.0.0"}


@pytest.mark.slow
def test_an_upload_is_carried_on_where_it_stood_when_the_process_was_killed(tmp_path: Path) -> None:
    data = FILM[:24] + random.Random(3).randbytes(3_000_000)
    with rig(tmp_path) as service:
        headers = {"Authorization": f"Bearer {service.key()}", **V}
        process, address = service.api()
        begun = httpx.post(f"{address}/v1/uploads", headers={**headers, "Upload-Length": str(len(data))})
        where = begun.headers["location"]
        moves = {**headers, "Content-Type": "application/offset+octet-stream"}
        for stop in (1_000_000, 2_000_000):
            start = int(httpx.head(address + where, headers=headers).headers["upload-offset"])
            assert start >= stop - 1_000_000

            def half(start: int = start, stop: int = stop) -> object:
                yield data[start:stop]
                process.kill_tree()  # while the request is on its way
                yield data[stop:]

            with pytest.raises(httpx.TransportError):
                httpx.patch(address + where, headers={**moves, "Upload-Offset": str(start)}, content=half(), timeout=20)
            process, address = service.api()
        start = int(httpx.head(address + where, headers=headers).headers["upload-offset"])
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
