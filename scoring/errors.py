"""The one error tree.

CuesmithError                     we failed                    exit 3   HTTP 500   retry: later
├── InputError                    the caller can mend it       exit 2   HTTP 400   retry: never
│   ├── VideoMissing              no such file                          HTTP 404
│   ├── UnsupportedMedia          not a video we read                   HTTP 415
│   ├── BrokenMedia               a video, but damaged                  HTTP 422
│   ├── MediaTooLarge             over a stated limit                   HTTP 413
│   ├── FilmTooShort              under 0.5 s                           HTTP 422
│   ├── CueSheetError             cues.json says something impossible   HTTP 422
│   ├── PromptTextError           the timed prompt text does not parse  HTTP 422
│   ├── TimelineError             a timeline, or not of this film       HTTP 422
│   ├── ConfigError               a settings file says something wrong  HTTP 422
│   ├── ProjectMissing            no scored film in that folder         HTTP 404
│   ├── StyleError                a style's file does not fit its form  HTTP 422
│   ├── VocabularyError           a vocabulary does not fit its form    HTTP 422
│   ├── TextError                 subtitles or a transcript do not read HTTP 422
│   ├── UnknownChoice             style, loudness, engine, analyser     HTTP 422
│   ├── EngineUnavailable         asked for by name, cannot start       HTTP 422
│   ├── CheckpointRefused         weights or config do not fit          HTTP 422
│   ├── OutputRefused             the place for the result is no good   HTTP 422
│   ├── NotAuthorised             no key, or one that is not good       HTTP 401
│   ├── UnknownId                 nothing of the caller's is called so  HTTP 404
│   ├── Gone                      it was, and was deleted               HTTP 410
│   ├── Conflict                  it does not fit what is there already HTTP 409
│   ├── StoredMissing             the storage has no such thing         HTTP 404
│   ├── UploadConflict            an upload stands elsewhere            HTTP 409
│   ├── ChecksumRefused           bytes are not what was announced      HTTP 460
│   ├── AddressRefused            a URL that is not connected to        HTTP 422
│   └── SignatureRefused          a webhook without our signature       HTTP 401
├── CapacityError                 try again when there is room exit 3   HTTP 429   retry: later
│   ├── QuotaReached              the caller has as much as it may      HTTP 429
│   └── DiskFull                                                        HTTP 507
├── EngineError                   an engine broke              exit 3   HTTP 502   retry: at once
├── FetchFailed                   nobody answered              exit 3   HTTP 503   retry: later
├── MediaToolError                ffmpeg broke on our side     exit 3   HTTP 500   retry: at once
├── WorkerLost                    who worked on it died        exit 3   HTTP 500   retry: at once
├── TookTooLong                   no movement, past a limit    exit 3   HTTP 500   retry: at once
├── DeliverableRejected           our own check refused it     exit 3   HTTP 500   retry: at once
├── Cancelled                     the user said stop           exit 130 HTTP 409   retry: never
└── ConflictingInstallation       another package took a name  exit 3   HTTP 500   retry: never

Every message says what is wrong, with the value found, and what to do.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Retry = Literal["never", "later", "at once"]


class CuesmithError(Exception):
    """Base of every error Cuesmith raises on purpose.

    what: what is wrong, with the value found. advice: what the reader can do about it.
    """

    exit_code: ClassVar[int] = 3
    http_status: ClassVar[int] = 500
    retry: ClassVar[Retry] = "later"

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what, advice)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}. {self.advice}" if self.advice else self.what


class InputError(CuesmithError):
    """What we were given cannot be used; the caller can mend it."""

    exit_code = 2
    http_status = 400
    retry = "never"


class VideoMissing(InputError):
    """There is no file at the path given."""

    http_status = 404


class UnsupportedMedia(InputError):
    """The file is not a video of a kind we read."""

    http_status = 415


class BrokenMedia(InputError):
    """The file is a video, but too damaged to score."""

    http_status = 422


class MediaTooLarge(InputError):
    """The file is over one of the limits in the settings."""

    http_status = 413


class FilmTooShort(InputError):
    """The film is shorter than half a second."""

    http_status = 422


class CueSheetError(InputError):
    """A cue sheet says something impossible.

    The message names the cue, the field, the value found and what is allowed.
    """

    http_status = 422

    @classmethod
    def field(cls, where: str, field: str, found: object, allowed: str) -> CueSheetError:
        """where: the cue ("cue 1m2") or part of the sheet; found: the value as read."""
        return cls(f"{where}: {field} is {found!r}", f"Allowed: {allowed}")


class PromptTextError(InputError):
    """A line of the timed prompt text does not parse."""

    http_status = 422


class TimelineError(InputError):
    """A timeline does not read, or is not of the film it was given for. The message names what was found where."""

    http_status = 422


class ConfigError(InputError):
    """A settings file (cuesmith.toml, watch.toml, a side-car) says something impossible: the field, and what is."""

    http_status = 422


class ProjectMissing(InputError):
    """A folder is not the workspace of a scored film."""

    http_status = 404


class StyleError(InputError):
    """A style's file says something impossible. The message names the field, the value found and what is allowed."""

    http_status = 422

    @classmethod
    def field(cls, where: str, found: object, allowed: str) -> StyleError:
        """where: the style and the field; found: the value as read."""
        return cls(f"{where} is {found!r}", f"Allowed: {allowed}")

    @classmethod
    def missing(cls, where: str, name: str) -> StyleError:
        """where: the style or table that lacks the field."""
        return cls(f"{where}: {name} is missing", "Add it, see docs/styles.md")


class VocabularyError(InputError):
    """A vocabulary's file says something impossible. The message names the field, the value found, what is allowed."""

    http_status = 422


class TextError(InputError):
    """Subtitles, a transcript or a description cannot be read."""

    http_status = 422


class UnknownChoice(InputError):
    """A name that is not on the list it was chosen from."""

    http_status = 422

    @classmethod
    def among(cls, what: str, found: str, known: list[str]) -> UnknownChoice:
        """what: the kind of thing ("style"); found: the name asked for; known: the names there are."""
        return cls(f"there is no {what} called {found!r}", f"Choose one of: {', '.join(sorted(known))}")


class EngineUnavailable(InputError):
    """An engine asked for by name cannot start on this machine."""

    http_status = 422


class CheckpointRefused(InputError):
    """A model's weights or config are not what the model needs. The message names key, found and expected."""

    http_status = 422


class OutputRefused(InputError):
    """The result cannot be written where it was asked for."""

    http_status = 422


class StoredMissing(InputError):
    """The storage of the service holds nothing under that key."""

    http_status = 404


class UploadConflict(InputError):
    """An upload cannot be carried on with from there: it stands at another offset, or somebody is writing to it."""

    http_status = 409


class ChecksumRefused(InputError):
    """Bytes that arrived do not have the checksum announced for them; 460 is tus's own number for it."""

    http_status = 460


class AddressRefused(InputError):
    """A URL that is not connected to: its form, its port, or where its name leads is not allowed."""

    http_status = 422


class SignatureRefused(InputError):
    """A webhook's signature is missing, wrong, or too old or too new to be trusted."""

    http_status = 401


class NotAuthorised(InputError):
    """There is no API key, or it is not a good one."""

    http_status = 401


class UnknownId(InputError):
    """Nothing of the caller's goes by that id."""

    http_status = 404


class Gone(InputError):
    """It was there, and was deleted or has expired."""

    http_status = 410


class Conflict(InputError):
    """What is asked does not fit what is there already."""

    http_status = 409


class CapacityError(CuesmithError):
    """There is no room now; later there may be."""

    http_status = 429


class QuotaReached(CapacityError):
    """The caller has as much waiting, running or stored as it may."""


class DiskFull(CapacityError):
    """The disk that holds the result or the workspace is full."""

    http_status = 507


class EngineError(CuesmithError):
    """A music engine broke while composing."""

    http_status = 502
    retry = "at once"


class FetchFailed(CuesmithError):
    """A file asked for by command could not be fetched: no network, no answer, or it broke off."""

    http_status = 503


class MediaToolError(CuesmithError):
    """ffmpeg or the decoder failed for a reason that is ours."""

    retry = "at once"


class WorkerLost(CuesmithError):
    """The process that worked on it died: killed, out of memory, or crashed."""

    retry = "at once"


class TookTooLong(CuesmithError):
    """It moved nothing for too long, or passed its limit, and was ended."""

    retry = "at once"


class DeliverableRejected(CuesmithError):
    """The finished file did not pass our own check, so it was not published."""

    retry = "at once"


class Cancelled(CuesmithError):
    """The user asked to stop."""

    exit_code = 130
    http_status = 409
    retry = "never"


class ConflictingInstallation(CuesmithError):
    """Another distribution installed a package under one of our names."""

    retry = "never"
