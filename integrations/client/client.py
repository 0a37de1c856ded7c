"""CuesmithClient: films in, jobs followed, files out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from integrations.client.answers import FileOf, Job, Music, OnBytes, Rating, SheetText, Take, Upload
from integrations.client.downloading import download
from integrations.client.hooks import Webhooks
from integrations.client.uploading import upload
from integrations.client.waiting import OnProgress, wait
from integrations.client.wire import Patience, Wire, new_key
from scoring.errors import InputError, UnknownId

_WITH_FILM, _WITHOUT_FILM = ("score", "analyse", "spot"), ("compose_cue", "music")
_PAGE = 100  # jobs of one answer
_MUSIC = "/v1/audio/music"
_MUSIC_ANSWER_S = 60.0  # the server answers after 30 s at the latest


class CuesmithClient:
    """A service and a key of it. Safe to share among threads; close it, or use it as a context manager.

    server: "http://host:port", with a path where a proxy has put one. timeout_s: how long without a byte. retries: how
    often a request is asked again when the connection breaks, or the answer is 429 (as late as it says), 502, 503 or
    504; requests that make jobs carry an idempotency key, so that none is made twice. first_wait_s: before the second
    try; doubled from then on. Every call may raise what the server refuses, as the error it raised there, and
    FetchFailed when it cannot be reached. Raises InputError for an address or a key that cannot be one.
    """

    def __init__(
        self, server: str, key: str, *, timeout_s: float = 30.0, retries: int = 5, first_wait_s: float = 0.5
    ) -> None:
        self._wire = Wire(server, key, Patience(timeout_s, retries, first_wait_s))
        self.webhooks = Webhooks(self._wire)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    # Films -------------------------------------------------------------------------------------------

    def upload(self, film: Path, progress: OnBytes | None = None, *, upload_id: str | None = None) -> Upload:
        """Send a film. progress: bytes that arrived, bytes in all. upload_id: of one that broke off, to be carried on.

        Raises VideoMissing, UnsupportedMedia for what is no film, MediaTooLarge, QuotaReached, ChecksumRefused.
        """
        return upload(self._wire, film, progress, upload_id)

    def delete_upload(self, upload_id: str) -> None:
        """Remove a film. Raises Conflict while a job that has not ended needs it."""
        self._wire.ask("DELETE", f"/v1/uploads/{quote(upload_id, safe='')}", headers={"Tus-Resumable": "1.0.0"})

    # Jobs --------------------------------------------------------------------------------------------

    def submit(
        self,
        film: Path | None = None,
        *,
        upload: str | None = None,
        url: str | None = None,
        path: str | None = None,
        kind: str = "score",
        wish: Mapping[str, Any] | None = None,
        texts: Mapping[str, str] | None = None,
        cue: str = "",
        deadline_s: float | None = None,
        idempotency_key: str | None = None,
        progress: OnBytes | None = None,
    ) -> Job:
        """Ask for a job. For score, analyse and spot one of: film (uploaded first; progress is of that), upload (an
        id), url, path (on the server). wish, texts, cue: docs/wishes.md. deadline_s: not to be started later than so
        many seconds from now. idempotency_key: your own; asked again with the same one, it is the same job.
        Raises InputError for anything but one film where one is needed; what is refused of the order.
        """
        named = {"upload": upload, "url": url, "path": path}
        source = {name: value for name, value in named.items() if value is not None}
        films = len(source) + (film is not None)
        if films != 1 if kind in _WITH_FILM else films and kind in _WITHOUT_FILM:
            raise InputError(
                f"a job of kind {kind} was asked for with {films} films",
                "Give one of film, upload, url and path to score, analyse and spot, none to others",
            )
        if film is not None:
            source = {"upload": self.upload(film, progress).id}
        asked: dict[str, Any] = {"kind": kind, "wish": dict(wish or {}), "texts": dict(texts or {})}
        if source:
            asked["source"] = source
        if cue:
            asked["cue"] = cue
        if deadline_s is not None:
            asked["deadline_s"] = deadline_s
        return self._made("/v1/jobs", asked, idempotency_key)

    def job(self, job: Job | str) -> Job:
        """A job as it is now. Raises UnknownId, Gone."""
        return Job.of(self._wire.read("GET", _at(job)))

    def jobs(self, state: str | None = None) -> Iterator[Job]:
        """Every job, the newest first, without its files, asked for as they are needed. state: only those."""
        query: dict[str, str | int | float] = {"limit": _PAGE}
        if state is not None:
            query["state"] = state
        while True:
            page = self._wire.read("GET", "/v1/jobs", query=query)
            yield from map(Job.of, page["jobs"])
            if not page.get("next"):
                return
            query["cursor"] = page["next"]

    def wait(self, job: Job | str, progress: OnProgress | None = None, *, timeout_s: float | None = None) -> Job:
        """The job once it has ended, however it ended: `check` raises why it failed. progress: told of every change.

        Raises FetchFailed when timeout_s is over; the job goes on.
        """
        return wait(self._wire, _id(job), progress, timeout_s)

    def cancel(self, job: Job | str) -> bool:
        """Stop a job; False when it had ended before."""
        return bool(self._wire.read("POST", f"{_at(job)}/cancel")["canceled"])

    def delete(self, job: Job | str) -> None:
        """Let go of a job that has ended, and of its files. Raises Conflict while it has not."""
        self._wire.ask("DELETE", _at(job))

    def download(self, job: Job, name: str, to: Path, progress: OnBytes | None = None) -> Path:
        """Write a file of a job to a path, or into a folder under its own name; the path.

        Raises UnknownId for a file it has not, OutputRefused, DiskFull, ChecksumRefused.
        """
        for file in job.files:
            if file.name == name:
                return self.download_file(file, to, progress)
        names = ", ".join(file.name for file in job.files) or "none"
        raise UnknownId(f"the job has no file {name!r}", f"Its files: {names}")

    def download_file(self, file: FileOf, to: Path, progress: OnBytes | None = None) -> Path:
        """As download, of a file of a job or of a take."""
        return download(self._wire, file, to, progress)

    # Cue sheets, takes and ratings -------------------------------------------------------------------

    def cue_sheet(self, job: Job | str) -> SheetText:
        """The job's cue sheet: as edited, else as it was used. Raises Conflict before there is one."""
        answer = self._wire.ask("GET", f"{_at(job)}/cue-sheet")
        return _sheet(answer.text, answer.headers)

    def put_cue_sheet(self, job: Job | str, text: str, *, etag: str | None = None) -> SheetText:
        """Keep an edited sheet as the job's draft, for rescore. etag: of the sheet that was edited, so that nobody
        else's edit is lost. Raises CueSheetError, Conflict (409) or what the server answers to an old etag.
        """
        headers = {"Content-Type": "application/json"} | ({} if etag is None else {"If-Match": etag})
        body = text.encode("utf-8", "replace")
        answer = self._wire.ask("PUT", f"{_at(job)}/cue-sheet", body=lambda: iter([body]), headers=headers)
        return _sheet(answer.text, answer.headers)

    def rescore(self, job: Job | str, *, idempotency_key: str | None = None) -> Job:
        """A new job that scores the film again from the job's cue sheet; cues that did not change are kept."""
        return self._made(f"{_at(job)}/rescore", None, idempotency_key)

    def recompose(
        self,
        job: Job | str,
        cue: str,
        *,
        seed: int | None = None,
        prompt: str | None = None,
        avoid: str | None = None,
        instruments: Sequence[str] | None = None,
        mood: str | None = None,
        bpm: float | None = None,
        key: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """A new job in which only this cue differs: by what is given, else by its seed alone. key: "D minor"."""
        listed = None if instruments is None else list(instruments)
        said: dict[str, object] = {"seed": seed, "prompt": prompt, "avoid": avoid, "instruments": listed, "mood": mood}
        said |= {"bpm": bpm, "key": key}
        wanted = {name: value for name, value in said.items() if value is not None}
        return self._made(f"{_at(job)}/cues/{quote(cue, safe='')}/recompose", wanted, idempotency_key)

    def takes(self, job: Job | str) -> list[Take]:
        """Each time that a cue was composed, over the job and its revisions."""
        return [Take.of(row) for row in self._wire.read("GET", f"{_at(job)}/takes")["takes"]]

    def choose_take(self, job: Job | str, cue: str, take: Take | str) -> str:
        """Put an earlier take's seed into the job's draft, for rescore; the draft's etag."""
        said = {"take": take.take if isinstance(take, Take) else take}
        answer = self._wire.read("PUT", f"{_at(job)}/cues/{quote(cue, safe='')}/take", document=said)
        return str(answer["etag"])

    def rate(self, job: Job | str, stars: int, *, cue: str = "", comment: str = "") -> Rating:
        """Say what one thinks of a film, or of a cue of it. stars: 1..5. Said again, it replaces what was said."""
        said = {"stars": stars, "cue": cue, "comment": comment}
        return Rating.of(self._wire.read("POST", f"{_at(job)}/ratings", document=said))

    def ratings(self, job: Job | str) -> list[Rating]:
        """What was said of a job."""
        return [Rating.of(row) for row in self._wire.read("GET", f"{_at(job)}/ratings")["ratings"]]

    def experiments(self) -> Mapping[str, Any]:
        """Vocabularies compared: docs/experiments.md."""
        found: dict[str, Any] = self._wire.read("GET", "/v1/experiments")
        return found

    # Music -------------------------------------------------------------------------------------------

    def music(
        self,
        prompt: str = "",
        *,
        lyrics: str = "",
        duration_s: float = 60.0,
        output_format: str = "mp3",
        engine: str | None = None,
        seed: int | None = None,
        idempotency_key: str | None = None,
        timeout_s: float | None = 600.0,
    ) -> Music:
        """Music from words, once it is there: 10 to 240 s as wav, flac, mp3 or ogg.

        timeout_s: how long to wait for it; 0 answers as soon as the server does. Raises what made it fail, FetchFailed
        when the time is over.
        """
        said = {"prompt": prompt, "lyrics": lyrics, "duration": duration_s, "output_format": output_format}
        said |= {name: value for name, value in (("engine", engine), ("seed", seed)) if value is not None}
        headers = {"Idempotency-Key": idempotency_key or new_key()}
        answer = self._wire.read(
            "POST",
            f"{_MUSIC}/generate",
            document=said,
            headers=headers,
            timeout_s=max(_MUSIC_ANSWER_S, self._timeout_s),
        )
        made = Music.of(answer)
        if made.status == "processing" and timeout_s != 0:
            self.wait(made.task_id, timeout_s=timeout_s)
            made = Music.of(self._wire.read("GET", f"{_MUSIC}/{made.task_id}"))
        made.check()
        return made

    def download_music(self, music: Music, to: Path, progress: OnBytes | None = None) -> Path:
        """Write music to a path, or into a folder; the path."""
        job = self.job(music.task_id)
        sound = [file for file in job.files if file.media_type.startswith("audio/")]
        if not sound:
            raise UnknownId(f"the job {job.id} has no sound", f"It is {job.state}")
        return self.download_file(sound[0], to, progress)

    @property
    def _timeout_s(self) -> float:
        return self._wire.patience.timeout_s

    def _made(self, path: str, document: object, idempotency_key: str | None) -> Job:
        headers = {"Idempotency-Key": idempotency_key or new_key()}
        answer = self._wire.read("POST", path, document=document, headers=headers)
        return self.job(str(answer["id"]))


def _id(job: Job | str) -> str:
    return job.id if isinstance(job, Job) else job


def _at(job: Job | str) -> str:
    return f"/v1/jobs/{quote(_id(job), safe='')}"


def _sheet(text: str, headers: Mapping[str, str]) -> SheetText:
    return SheetText(text, headers.get("ETag", ""), headers.get("X-Cuesmith-Draft") == "true")
