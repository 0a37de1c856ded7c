"""The timeline for OpenTimelineIO, and as its file. What Resolve keeps beside the standard is given in its words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.timelines.colours import colours
from integrations.timelines.film_timeline import Clip, FilmTimeline
from integrations.timelines.markers import Marker
from integrations.timelines.wording import plain
from pipeline.publish import write_text

if TYPE_CHECKING:
    import opentimelineio as otio

METADATA = "cuesmith"
# DaVinci Resolve's own key in every OTIO file it writes and reads: a marker's note is nowhere else for it, and a track
# that says nothing of its channels is mono.
_RESOLVE = "Resolve_OTIO"
_AUDIO_TYPES = {1: "Mono", 2: "Stereo"}


def write_otio(timeline: FilmTimeline, path: Path) -> tuple[str, ...]:
    """Write an OTIO file; what it could not hold, for people: nothing. Raises OutputRefused, DiskFull."""
    write_text(path, otio_timeline(timeline).to_json_string(indent=2))
    return ()


def otio_timeline(timeline: FilmTimeline) -> otio.schema.Timeline:
    """The picture, the film's own sound, the music and each stem on a track of its own; the markers on the stack."""
    import opentimelineio as otio

    made = otio.schema.Timeline(plain(timeline.name), global_start_time=_time(timeline, timeline.start))
    made.metadata[_RESOLVE] = {"Resolve OTIO Meta Version": "1.0"}
    made.metadata[METADATA] = {"frame_rate": str(timeline.timecode.rate), "is_drop_frame": timeline.timecode.is_drop}
    made.tracks.append(_track(timeline, "Picture", timeline.picture, otio.schema.TrackKind.Video))
    for clip in timeline.sounds:
        name = "Film sound" if clip is timeline.picture else clip.name
        made.tracks.append(_track(timeline, name, clip, otio.schema.TrackKind.Audio))
    made.tracks.markers.extend(_marker(timeline, marker) for marker in timeline.markers)
    return made


def _track(timeline: FilmTimeline, name: str, clip: Clip, kind: str) -> otio.schema.Track:
    import opentimelineio as otio

    whole = otio.opentime.TimeRange(_time(timeline, clip.starts_at), _time(timeline, timeline.frames))
    reference = otio.schema.ExternalReference(clip.path.absolute().as_uri(), whole)
    reference.name = plain(clip.path.name)
    placed = otio.schema.Clip(plain(clip.name), reference, whole)
    placed.enabled = not clip.is_muted
    track = otio.schema.Track(plain(name), [placed], kind=kind)
    track.enabled = not clip.is_muted
    told: dict[str, Any] = {"Link Group ID": 1} if clip is timeline.picture and clip.channels else {}
    if kind == otio.schema.TrackKind.Audio and clip.channels in _AUDIO_TYPES:
        track.metadata[_RESOLVE] = {"Audio Type": _AUDIO_TYPES[clip.channels]}
        told["Channels"] = [{"Source Channel ID": number, "Source Track ID": 0} for number in range(clip.channels)]
    if told:
        placed.metadata[_RESOLVE] = told
    return track


def _marker(timeline: FilmTimeline, marker: Marker) -> otio.schema.Marker:
    import opentimelineio as otio

    colour = colours()[marker.role]
    metadata: dict[str, Any] = {
        METADATA: {"tag": plain(marker.tag), "role": marker.role, "colour": colour.resolve},
        _RESOLVE: {"Keywords": [], "Note": plain(marker.tagged_note)},
    }
    return otio.schema.Marker(
        name=plain(marker.name),
        marked_range=otio.opentime.TimeRange(_time(timeline, marker.frame), _time(timeline, marker.frames)),
        color=colour.otio,
        metadata=metadata,
        comment=plain(marker.note),
    )


def _time(timeline: FilmTimeline, frames: int) -> otio.opentime.RationalTime:
    import opentimelineio as otio

    # The rate is the float nearest to the exact quotient, the same that OpenTimelineIO's own adapters make.
    rate = timeline.timecode.rate
    return otio.opentime.RationalTime(frames, rate.numerator / rate.denominator)
