"""Films come in: tus 1.0.0 and plain forms, cut off, carried on, refused."""

from __future__ import annotations

import base64
import hashlib
import random
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from api_rig import FILM, ApiRig, served, until

from integrations.api.form import FIELD
from integrations.jobs.uploads import read_upload

V = {"Tus-Resumable": "1.0.0"}
BYTES = {**V, "Content-Type": "application/offset+octet-stream"}
MP4 = FILM[:24]


def begin(client: httpx.Client, length: int, **headers: str) -> str:
    answer = client.post("/v1/uploads", headers={**V, "Upload-Length": str(length), **headers})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def send(client: httpx.Client, where: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    return client.patch(where, content=data, headers={**BYTES, "Upload-Offset": str(offset), **headers})


def stands(client: httpx.Client, where: str) -> int:
    answer = client.head(where, headers=V)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def film(size: int, seed: int = 1) -> bytes:
    return MP4 + random.Random(seed).randbytes(size - len(MP4))


def test_a_client_is_told_what_these_uploads_can_do(a: httpx.Client) -> None:
    answer = a.options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) >= {"creation", "expiration", "checksum", "termination"}
    assert int(answer.headers["tus-max-size"]) == 20 * 10**9
    assert answer.headers["tus-checksum-algorithm"].split(",")[0] == "sha256"


def test_a_film_sent_in_three_pieces_is_complete_and_has_its_hash(a: httpx.Client) -> None:
    data = film(30_000)
    name = base64.b64encode("Ferien – 夏.mp4".encode()).decode()
    where = begin(a, len(data), **{"Upload-Metadata": f"filename {name},filetype dmlkZW8="})
    for start in (0, 10_000, 20_000):
        assert stands(a, where) == start
        answer = send(a, where, start, data[start : start + 10_000])
        assert answer.status_code == 204
        assert int(answer.headers["upload-offset"]) == start + 10_000
        assert answer.headers["upload-expires"].endswith("GMT")
        assert answer.headers["tus-resumable"] == "1.0.0"
    shown = a.get(where).json()
    assert shown["state"] == "complete"
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()
    assert shown["name"] == "Ferien – 夏.mp4"
    assert stands(a, where) == len(data)


def test_the_first_bytes_may_come_with_the_creation(api: ApiRig, a: httpx.Client) -> None:
    data = film(9_000)
    answer = a.post("/v1/uploads", content=data[:5_000], headers={**BYTES, "Upload-Length": str(len(data))})
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == "5000"
    assert send(a, answer.headers["location"], 5_000, data[5_000:]).status_code == 204
    assert a.get(answer.headers["location"]).json()["state"] == "complete"


def test_another_offset_is_a_conflict_and_changes_nothing(a: httpx.Client) -> None:
    data = film(9_000)
    where = begin(a, len(data))
    assert send(a, where, 0, data[:5_000]).status_code == 204
    for offset in (0, 4_999, 5_001, 9_000, 10**15):
        answer = send(a, where, offset, data[:10])
        assert answer.status_code == 409
        assert answer.json()["code"] == "upload_conflict"
    assert stands(a, where) == 5_000


def test_bytes_that_are_not_as_announced_are_forgotten(a: httpx.Client) -> None:
    data = film(9_000)
    where = begin(a, len(data))
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    answer = send(a, where, 0, data, **{"Upload-Checksum": f"sha256 {wrong}"})
    assert answer.status_code == 460
    assert stands(a, where) == 0
    for algorithm in ("md5", "sha1", "sha256"):
        start = stands(a, where)
        piece = data[start : start + 3_000]
        right = base64.b64encode(hashlib.new(algorithm, piece).digest()).decode()
        assert send(a, where, start, piece, **{"Upload-Checksum": f"{algorithm} {right}"}).status_code == 204
    assert a.get(where).json()["sha256"] == hashlib.sha256(data).hexdigest()
    other = begin(a, 100)
    assert send(a, other, 0, b"x", **{"Upload-Checksum": "crc32 AAAA"}).status_code in (400, 422)
    assert send(a, other, 0, b"x", **{"Upload-Checksum": "md5 !!"}).status_code == 400


def test_more_than_was_announced_is_refused(a: httpx.Client) -> None:
    where = begin(a, 5_000)
    assert send(a, where, 0, film(5_001)).status_code == 413
    assert stands(a, where) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "10"}, 412),
        ({"Upload-Length": "10", "Tus-Resumable": "0.2.2"}, 412),
        ({**V}, 400),
        ({**V, "Upload-Length": "-1"}, 400),
        ({**V, "Upload-Length": "0"}, 400),
        ({**V, "Upload-Length": "ten"}, 400),
        ({**V, "Upload-Length": "9" * 30}, 400),
        ({**V, "Upload-Length": str(21 * 10**9)}, 413),
        ({**V, "Upload-Length": "10", "Upload-Metadata": "filename !!!"}, 400),
        ({**V, "Upload-Length": "10", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
        ({**V, "Upload-Length": "10", "Upload-Metadata": "a " + "A" * 9000}, 400),
    ],
)
def test_an_upload_that_cannot_be_is_not_begun(a: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = a.post("/v1/uploads", headers=headers)
    assert answer.status_code == status, answer.text
    if status == 412:
        assert answer.headers["tus-version"] == "1.0.0"


def test_bytes_of_another_type_are_refused(a: httpx.Client) -> None:
    where = begin(a, 100)
    answer = a.patch(where, content=b"x", headers={**V, "Upload-Offset": "0", "Content-Type": "video/mp4"})
    assert answer.status_code == 415


def test_an_upload_cut_off_anywhere_is_carried_on_to_the_same_bytes(api: ApiRig, a: httpx.Client) -> None:
    random_ = random.Random(20)
    for round_ in range(3):
        data = film(400_000 + round_, seed=round_)
        where = begin(a, len(data))
        cuts = 0
        while (start := stands(a, where)) < len(data):
            promised = data[start:]
            if cuts < 12:
                _cut_off(api, where, start, promised, random_.randrange(1, min(len(promised), 90_000)))
                cuts += 1
            else:
                answer = until(partial(_sent, a, where, start, promised))
                assert answer.status_code in (204, 409)
        assert a.get(where).json()["sha256"] == hashlib.sha256(data).hexdigest()
        assert cuts == 12


def _sent(client: httpx.Client, where: str, start: int, promised: bytes) -> httpx.Response | None:
    answer = send(client, where, start, promised)
    return None if answer.status_code == 409 and "another request" in answer.text else answer


def _cut_off(api: ApiRig, where: str, start: int, promised: bytes, sent: int) -> None:
    """Announce all of it, send some, and hang up."""
    host, port = api.address.removeprefix("http://").split(":")
    head = (
        f"PATCH {where} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.key('a')}\r\nTus-Resumable: 1.0.0\r\n"
        "Content-Type: application/offset+octet-stream\r\n"
        f"Upload-Offset: {start}\r\nContent-Length: {len(promised)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(head.encode() + promised[:sent])
        line.shutdown(socket.SHUT_WR)
        while line.recv(65536):
            pass


def test_a_second_writer_is_told_to_wait(api: ApiRig, a: httpx.Client) -> None:
    data = film(300_000)
    where = begin(a, len(data))
    holds, may_go = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield data[:200_000]
        holds.set()
        may_go.wait(20)
        yield data[200_000:]

    answers: list[int] = []

    def write() -> None:
        with api.client("a") as client:
            headers = {**BYTES, "Upload-Offset": "0"}
            answers.append(client.patch(where, content=slowly(), headers=headers).status_code)

    thread = threading.Thread(target=write)
    thread.start()
    assert holds.wait(20)
    until(lambda: stands(a, where) > 0)
    answer = send(a, where, stands(a, where), b"intruder")
    assert answer.status_code == 409
    may_go.set()
    thread.join(20)
    assert answers == [204]
    assert a.get(where).json()["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_deleted_upload_is_gone_and_leaves_nothing_on_the_disk(api: ApiRig, a: httpx.Client) -> None:
    where = begin(a, 9_000)
    send(a, where, 0, film(9_000)[:5_000])
    upload_id = where.rpartition("/")[2]
    assert (api.settings.data / "incoming" / upload_id).exists()
    assert a.delete(where, headers=V).status_code == 204
    for answer in (a.head(where, headers=V), a.get(where), send(a, where, 5_000, b"x"), a.delete(where, headers=V)):
        assert answer.status_code == 410
    assert not (api.settings.data / "incoming" / upload_id).exists()
    whole = api.upload(a)
    assert list(api.storage.walk(f"uploads/a/{whole}"))
    assert a.delete(f"/v1/uploads/{whole}", headers=V).status_code == 204
    assert not list(api.storage.walk(f"uploads/a/{whole}"))


def test_an_upload_that_a_job_needs_is_not_deleted(api: ApiRig, a: httpx.Client) -> None:
    upload = api.upload(a)
    job = api.job(a, source={"upload": upload})
    assert a.delete(f"/v1/uploads/{upload}").status_code == 409
    a.post(f"/v1/jobs/{job}/cancel")
    assert a.delete(f"/v1/uploads/{upload}").status_code == 204


@pytest.mark.parametrize(
    "text",
    [
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile neighbour.mp4\n",
        b'<?xml version="1.0"?><MPD></MPD>' * 300,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
        b"1\n00:00:00,000 --> 00:00:01,000\nhello\n" * 400,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 9000,
    ],
)
def test_what_is_no_video_dies_at_its_first_bytes_however_it_comes(api: ApiRig, a: httpx.Client, text: bytes) -> None:
    form = a.post("/v1/uploads/file", files={"file": ("movie.mp4", text, "video/mp4")})
    assert form.status_code == 415, form.text
    assert str(api.settings.data) not in form.text
    where = begin(a, len(text))
    assert send(a, where, 0, text).status_code == 415
    assert a.head(where, headers=V).status_code == 410
    if len(text) > 5_000:  # with most of it still to come
        where = begin(a, 10**6)
        assert send(a, where, 0, text[:5_000]).status_code == 415
    assert not any((api.settings.data / "incoming" / where.rpartition("/")[2]).glob("*"))


def test_a_form_is_taken_as_it_comes_and_its_other_fields_are_not_looked_at(api: ApiRig, a: httpx.Client) -> None:
    data = film(700_000)
    answer = a.post(
        "/v1/uploads/file",
        data={"title": "x" * 1000},
        files={FIELD: ("film.mp4", data), "poster": ("p.png", b"\x89PNG" * 100)},
    )
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()
    assert shown["length_bytes"] == len(data)
    assert answer.headers["location"] == f"/v1/uploads/{shown['id']}"
    assert api.storage.get_bytes(f"uploads/a/{shown['id']}/source", 10**6) == data


def test_forms_that_are_none_are_refused_and_leave_nothing(api: ApiRig, a: httpx.Client) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    part = b'--B\r\nContent-Disposition: form-data; name="file"; filename="f.mp4"\r\n\r\n'
    bodies = {
        b"": 400,
        b"no form": 400,
        b"--B\r\n\r\n": 400,
        b"--B--\r\n": 400,
        part + FILM: 400,  # breaks off
        part + b"\r\n--B--\r\n": 415,  # an empty film
        part + FILM + b"\r\n" + part + FILM + b"\r\n--B--\r\n": 400,  # two films
        b'--B\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--B--\r\n': 400,
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 100_000 + b"--B--\r\n": 400,
        b"--B\r\n" + b"X-Y: " + b"z" * 100_000 + b"\r\n\r\n--B--\r\n": 400,
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"z" * 100_000 + b"\r\n--B--\r\n": 400,
    }
    before = set((api.settings.data / "incoming").iterdir())
    for body, status in bodies.items():
        answer = a.post("/v1/uploads/file", content=body, headers=kind)
        assert answer.status_code == status, (body[:80], answer.text)
    for content_type in ("text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 300):
        assert a.post("/v1/uploads/file", content=b"x", headers={"Content-Type": content_type}).status_code == 400
    assert a.post("/v1/uploads/file", content=iter([b"x"]), headers=kind).status_code == 411
    assert set((api.settings.data / "incoming").iterdir()) == before


def test_hostile_names_are_shown_and_never_become_paths(api: ApiRig, a: httpx.Client) -> None:
    names = hostile_names()
    assert len(set(names)) >= 100
    for name in names:
        metadata = base64.b64encode(name.encode("utf-8", "replace")).decode()
        where = begin(a, len(FILM), **({"Upload-Metadata": f"filename {metadata}"} if name else {}))
        assert send(a, where, 0, FILM).status_code == 204
        shown = a.get(where).json()
        assert shown["state"] == "complete"
        assert len(shown["name"]) <= 300
        assert not any(ord(c) < 32 or ord(c) == 127 for c in shown["name"])
    root = api.settings.data.resolve()
    for path in root.rglob("*"):
        assert path.resolve().is_relative_to(root)
        for part in path.relative_to(root).parts:
            assert set(part) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-"), part
    assert not [path for path in root.parent.iterdir() if path != root]


def hostile_names() -> list[str]:
    """A hundred names that some system somewhere takes for something else."""
    odd = [
        "",
        ".",
        "..",
        "...",
        " ",
        "\0",
        "a\0.mp4",
        "a\nb.mp4",
        "a\r\nSet-Cookie: x=1",
        "\x7f",
        "\u202egpj.mp4",
        "‮4pm",
    ]
    odd += [f"{'../' * n}etc/passwd" for n in range(1, 9)] + [f"{'..' + chr(92)}" * n + "boot.ini" for n in range(1, 9)]
    odd += [
        "/etc/passwd",
        "//server/share",
        "C:\\x.mp4",
        "C:x.mp4",
        "\\\\.\\COM1",
        "file:///etc/passwd",
        "http:evil.mp4",
    ]
    odd += [name + end for name in ("CON", "PRN", "AUX", "NUL", "COM1", "LPT1") for end in ("", ".mp4")]
    odd += [
        "-vf.mp4",
        "--help",
        "-i",
        "pic%03d.png",
        "%n%n%n",
        "$(id).mp4",
        "`id`.mp4",
        ";rm -rf ~;.mp4",
        "|id",
        "&id",
        "a>b",
    ]
    odd += [
        "'; drop table jobs; --",
        '"',
        "'",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "*",
        "?",
        "~",
        "~root",
    ]
    odd += [c * n for c in ("a", "é", "夏", "🎬") for n in (255, 300, 1000)]
    odd += [
        "ﬁlm.mp4",
        "e\u0301.mp4",
        "ＣＯＮ",
        "．．／",
        "%2e%2e%2f",
        "%00",
        "..%c0%af",
        "a/b/c",
        "a\\b",
        "a:b",
        "a::$DATA",
        "trailing.",
        "trailing ",
    ]
    odd += [
        ".htaccess",
        ".ssh",
        "cuesmith.db",
        "source",
        "data",
        "lock",
        "floor",
        "a" * 250 + ".mp4",
        "\ufeffbom.mp4",
        "\u200b.mp4",
    ]
    return odd


def test_when_the_process_died_after_the_last_byte_the_upload_is_completed_by_whoever_asks(
    api: ApiRig, a: httpx.Client
) -> None:
    data = film(9_000)
    where = begin(a, len(data))
    with api.database.reading() as connection:
        upload = read_upload(connection, "a", where.rpartition("/")[2])
    part = api.app.state.desk.reception.part(upload)
    part.append(0, [data])  # all of it arrived, and nobody got to move it
    assert stands(a, where) == len(data)
    assert a.get(where).json()["state"] == "complete"

    where = begin(a, len(data))
    with api.database.reading() as connection:
        upload = read_upload(connection, "a", where.rpartition("/")[2])
    part = api.app.state.desk.reception.part(upload)
    part.append(0, [data])
    part.finish(api.storage, upload.key)  # it was moved, and nobody got to write that down
    job = a.post("/v1/jobs", json={"source": {"upload": upload.id}})
    assert job.status_code == 202, job.text


def test_what_is_not_whole_makes_no_job(a: httpx.Client) -> None:
    where = begin(a, 9_000)
    answer = a.post("/v1/jobs", json={"source": {"upload": where.rpartition("/")[2]}})
    assert answer.status_code == 400
    assert "0 of 9000 bytes" in answer.json()["detail"]


def test_an_upload_that_was_left_alone_expires_and_its_bytes_go(tmp_path: Path) -> None:
    with served(tmp_path, upload_s=0.01, retention_s=0.01) as api, api.client() as a:
        where = begin(a, 9_000)
        whole = api.upload(a)
        used = api.upload(a)
        api.job(a, source={"upload": used})
        reception = api.app.state.desk.reception
        until(lambda: reception.sweep() is not None and a.get(where).status_code == 410)
        until(lambda: reception.sweep() is not None and a.get(f"/v1/uploads/{whole}").status_code == 410)
        assert a.get(f"/v1/uploads/{used}").status_code == 200
        assert {path.name for path in (api.settings.data / "incoming").iterdir()} == set()
        assert [key for key, _ in api.storage.walk("uploads/a")] == [f"uploads/a/{used}/source"]
        assert reception.sweep() == 0


def test_a_method_may_be_said_in_a_header(a: httpx.Client) -> None:
    data = film(5_000)
    where = begin(a, len(data))
    headers = {**BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert a.post(where, content=data, headers=headers).status_code == 204
    assert a.post(where, headers={**V, "X-HTTP-Method-Override": "DELETE"}).status_code == 204


def test_a_full_disk_is_said_before_anything_is_sent(
    api: ApiRig, a: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.jobs import reception
    from scoring.errors import DiskFull

    def full(folder: Path, needed_bytes: int) -> None:
        raise DiskFull(f"{needed_bytes} bytes are needed", "Free some")

    monkeypatch.setattr(reception, "check_room", full)
    answer = a.post("/v1/uploads", headers={**V, "Upload-Length": "9000"})
    assert answer.status_code == 507
    assert "27000" in answer.json()["detail"]
