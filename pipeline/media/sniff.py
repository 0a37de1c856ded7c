"""Say what kind of container a file is from its first bytes, before any parser sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scoring.errors import UnsupportedMedia, VideoMissing

# Demuxers a child process may use at all; playlists, image sequences and scripts are not among them.
# (A text file named .mp4 that is an HLS playlist would otherwise open its neighbours' files.)
ALLOWED_DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mxf,flv"
KINDS_FOR_PEOPLE = "MP4, MOV, 3GP, MKV, WebM, AVI, MPEG-TS, MXF or FLV"

_BMFF_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_TS_PACKET_BYTES = 188
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Container:
    """A container family. demuxer: ffmpeg's name for it, pinned in every later command."""

    name: str
    demuxer: str


_MOV = Container("mov", "mov")
_MATROSKA = Container("matroska", "matroska")
_AVI = Container("avi", "avi")
_TS = Container("mpegts", "mpegts")
_MXF = Container("mxf", "mxf")
_FLV = Container("flv", "flv")


def sniff(path: Path) -> Container:
    """The container family of a file.

    Raises VideoMissing when there is no file, UnsupportedMedia when it is empty, a folder or not a video
    container of the list.
    """
    head = _head(path)
    found = _family(head)
    if found is None:
        raise UnsupportedMedia(f"{path} is {_describe(head)}, not a video", f"Give a {KINDS_FOR_PEOPLE} file")
    return found


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnsupportedMedia(f"{path} is a folder", "Give the path of one video file")
        if not path.exists():
            raise VideoMissing(f"there is no file {path}", "Check the path")
        if not path.is_file():
            raise UnsupportedMedia(f"{path} is not a regular file", "Give the path of one video file")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except PermissionError as error:
        raise UnsupportedMedia(f"{path} cannot be read: {error.strerror}", "Change its permissions") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise VideoMissing(f"{path} cannot be opened: {error}", "Check the path") from error
    if not head:
        raise UnsupportedMedia(f"{path} is empty", "Copy or export it again")
    return head


def _family(head: bytes) -> Container | None:
    if head[4:8] in _BMFF_BOXES:
        return _MOV
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _MATROSKA
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return _AVI
    if head.startswith(b"FLV\x01"):
        return _FLV
    if b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02" in head:  # SMPTE 377 header partition pack
        return _MXF
    # 192-byte packets (Blu-ray, AVCHD) put a 4-byte time stamp before each sync byte.
    for stride, first in ((_TS_PACKET_BYTES, 0), (_TS_PACKET_BYTES + 4, 4)):
        syncs = head[first::stride][:8]
        if len(syncs) >= 5 and set(syncs) == {0x47}:
            return _TS
    return None


def _describe(head: bytes) -> str:
    known = {
        b"OggS": "an Ogg file",
        b"fLaC": "a FLAC sound file",
        b"ID3": "an MP3 sound file",
        b"\x89PNG": "a picture (PNG)",
        b"\xff\xd8\xff": "a picture (JPEG)",
        b"GIF8": "a picture (GIF)",
        b"%PDF": "a PDF",
        b"PK\x03\x04": "a zip archive",
        b"#EXTM3U": "a playlist",
        b"ffconcat": "a playlist",
    }
    for magic, name in known.items():
        if head.startswith(magic):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "a WAV sound file"
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    return "a text file" if printable > 0.95 * len(head) else "of an unknown kind"
