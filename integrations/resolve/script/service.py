"""The service over HTTP: a film goes up, an order is taken, the job is followed, files come down."""

import base64
import hashlib
import http.client
import json
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from integrations.resolve.script.words import Trouble, one_line, say

TIMEOUT_S = 60.0
PIECE_BYTES = 16 << 20
NET_TRIES = 5
PAUSE_S = 1.0
WAIT_S = 10.0  # how long the service may hold one question back
MOST_ORDERS = 20
TUS = {"Tus-Resumable": "1.0.0"}
OVER = ("failed", "canceled", "aborted", "expired")


class Answer(NamedTuple):
    """headers: names in lower case."""

    status: int
    headers: "dict[str, str]"
    data: bytes


class Service:
    """key_from: the file that the key is from, for messages."""

    def __init__(self, address: str, key: str, key_from: Path) -> None:
        parts = urlsplit(address)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or parts.path not in ("", "/"):
            raise Trouble(f'the server is "{address}"', 'Write it as "http://127.0.0.1:8080" in cuesmith.json.')
        self._address, self._key, self._key_from = address.rstrip("/"), key, key_from
        self._host, self._port, self._is_https = parts.hostname, port, parts.scheme == "https"

    # Questions ---------------------------------------------------------------------------------------

    def ask(
        self, method: str, path: str, body: "bytes | None" = None, headers: "dict[str, str] | None" = None
    ) -> Answer:
        """One answer, whatever its status. Raises OSError where none came."""
        connection = self._connect()
        try:
            connection.request(method, path, body=body, headers=self._headers(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except http.client.HTTPException as error:
            raise OSError(f"the answer cannot be read: {error!r}") from error
        finally:
            connection.close()

    def read(
        self, method: str, path: str, body: "bytes | None" = None, headers: "dict[str, str] | None" = None
    ) -> Answer:
        """One good answer; asked again while none comes or the service is busy. Raises Trouble."""
        why: Exception | None = None
        for attempt in range(NET_TRIES):
            if attempt:
                time.sleep(PAUSE_S * attempt)
            try:
                answer = self.ask(method, path, body, headers)
            except OSError as error:
                why = error
                continue
            if answer.status not in (429, 502, 503, 504):
                return self.good(answer)
            why = self._refusal(answer)
        if isinstance(why, Trouble):
            raise why
        raise Trouble(
            f"the Cuesmith service does not answer at {self._address} ({why})",
            "Start it with `cuesmith serve`, and run again.",
        ) from why

    def document(self, path: str) -> "dict[str, Any]":
        """A JSON object."""
        found = json.loads(self.read("GET", path).data.decode("utf-8"))
        return found if isinstance(found, dict) else {}

    def good(self, answer: Answer) -> Answer:
        """The answer, unless it is a refusal. Raises Trouble with the service's own words."""
        if answer.status >= 300:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: Answer) -> Trouble:
        if answer.status == 401:
            return Trouble(
                f"the service refuses the key in {self._key_from}",
                "Start `cuesmith serve` on this machine, or name a file with a good key as key_file.",
            )
        try:
            problem = json.loads(answer.data.decode("utf-8"))
            what, fix = str(problem["detail"]), str(problem.get("advice") or "")
        except (ValueError, KeyError, TypeError):
            what = f"{self._address} answers with status {answer.status}"
            fix = "Is this the address of a Cuesmith service? See server in cuesmith.json."
        return Trouble(one_line(what), fix)

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._is_https else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=TIMEOUT_S)

    def _headers(self, more: "dict[str, str]") -> "dict[str, str]":
        return {"Authorization": f"Bearer {self._key}", "User-Agent": "cuesmith-resolve/1", **more}

    # A film ------------------------------------------------------------------------------------------

    def upload(self, path: Path, sha256: str) -> str:
        """The id of an upload of this film; carried on where the connection broke."""
        size = path.stat().st_size
        name = base64.b64encode(path.name.encode("utf-8")).decode("ascii")
        head = {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
        begun = self.read("POST", "/v1/uploads", b"", {**TUS, **head})
        where = urlsplit(begun.headers.get("location", "")).path
        offset, told, broken = 0, -1, 0
        with path.open("rb") as file:
            while offset < size:
                file.seek(offset)
                piece = file.read(PIECE_BYTES)
                if not piece:
                    raise Trouble(f"{path} became shorter while it was sent", "Run again.")
                more = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                try:
                    answer = self.good(self.ask("PATCH", where, piece, {**TUS, **more}))
                    offset, broken = int(answer.headers.get("upload-offset", offset + len(piece))), 0
                except OSError as error:
                    broken += 1
                    if broken >= NET_TRIES:
                        raise Trouble(f"the film could not be sent: {error}", "Run again.") from error
                    time.sleep(PAUSE_S)
                    offset = int(self.read("HEAD", where, None, TUS).headers.get("upload-offset", "0"))
                share = 100 * offset // size
                if share >= told + 20:
                    told = share
                    say(f"sends the film, {share} %")
        shown = self.document(where)
        if shown.get("sha256") != sha256:
            raise Trouble("the film arrived otherwise than it was sent", "Run again.")
        return str(shown["id"])

    # A job -------------------------------------------------------------------------------------------

    def order(self, document: "dict[str, Any]", same: str) -> str:
        """The id of the job for an order. same: what stands for film and order; asked again, the job is the same one.

        A job of before that failed or is gone is not taken again: the next number is asked for.
        """
        body = json.dumps(document).encode("utf-8")
        for number in range(1, MOST_ORDERS + 1):
            head = {"Content-Type": "application/json", "Idempotency-Key": f"{same[:64]}-{number}"}
            answer = self.ask_again("POST", "/v1/jobs", body, head)
            if answer.status == 409:
                continue
            job = str(json.loads(self.good(answer).data.decode("utf-8"))["id"])
            if answer.status == 202 or (self.job(job) or {"state": "failed"}).get("state") not in OVER:
                return job
        raise Trouble("the service has too many jobs of this film that failed", "See `cuesmith serve`'s log.")

    def ask_again(self, method: str, path: str, body: bytes, headers: "dict[str, str]") -> Answer:
        """As read, but a conflict is an answer too."""
        try:
            answer = self.ask(method, path, body, headers)
        except OSError:
            return self.read(method, path, body, headers)
        return answer if answer.status in (200, 202, 409) else self.read(method, path, body, headers)

    def job(self, job: str, wait_s: float = 0.0) -> "dict[str, Any] | None":
        """A job as it is; None where there is none any more."""
        path = f"/v1/jobs/{quote(job, safe='')}?wait_s={wait_s:g}"
        try:
            answer = self.ask("GET", path)
        except OSError:
            answer = self.read("GET", path)
        if answer.status in (404, 410):
            return None
        if answer.status in (429, 502, 503, 504):
            answer = self.read("GET", path)
        found = json.loads(self.good(answer).data.decode("utf-8"))
        return found if isinstance(found, dict) else None

    def follow(self, job: str, wait_s: float) -> "dict[str, Any] | None":
        """The job once it has ended well; None when the time is up before. Raises Trouble where it failed."""
        ends_s, told = time.time() + wait_s, ""
        while True:
            left_s = ends_s - time.time()
            now = self.job(job, max(0.0, min(WAIT_S, left_s)))
            if now is None:
                raise Trouble(f"the service knows nothing of {job} any more", "Run again to have it scored anew.")
            state = str(now.get("state"))
            if state == "succeeded":
                return now
            if state in OVER:
                error = now.get("error") or {}
                what = str(error.get("what") or f"the job {job} is {state}")
                raise Trouble(what, str(error.get("advice") or "Run again."))
            line = f"{state}, {100 * float(now.get('progress') or 0):.0f} %"
            if line != told:
                told = line
                say(line)
            if time.time() >= ends_s:
                return None
            time.sleep(0.05)

    def download(self, job: str, file: "dict[str, Any]", to: Path) -> Path:
        """A file of the job's, whole and checked, or not there."""
        if to.is_file() and file_sha256(to) == file["sha256"]:
            return to
        part = to.parent / (to.name + ".part")
        path = f"/v1/jobs/{quote(job, safe='')}/files/{quote(str(file['name']), safe='/')}"
        why: OSError | None = None
        for attempt in range(NET_TRIES):
            time.sleep(PAUSE_S * attempt)
            try:
                self._receive(path, part)
            except OSError as error:
                why = error
                continue
            if file_sha256(part) == file["sha256"]:
                part.replace(to)
                return to
            why = OSError("it arrived otherwise than it was sent")
        raise Trouble(f"{file['name']} cannot be fetched into {to.parent}: {why}", "Run again.")

    def _receive(self, path: str, to: Path) -> None:
        connection = self._connect()
        try:
            connection.request("GET", path, headers=self._headers({}))
            response = connection.getresponse()
            if response.status != 200:
                self.good(Answer(response.status, {}, response.read()))
            with to.open("wb") as file:
                while True:
                    block = response.read(1 << 20)
                    if not block:
                        break
                    file.write(block)
        except http.client.HTTPException as error:
            raise OSError(f"the answer broke off: {error!r}") from error
        finally:
            connection.close()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while True:
            block = file.read(1 << 20)
            if not block:
                return found.hexdigest()
            found.update(block)


def digest(value: Any) -> str:
    """SHA-256 of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8")).hexdigest()
