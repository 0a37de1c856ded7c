"""The timeline for Final Cut Pro, and for DaVinci Resolve, as FCPXML 1.8.

OpenTimelineIO's fcpx_xml adapter is not used for writing: it knows 23.98 and 29.97 only as such, so that its times are
no whole frames, it leaves out the sequence's start, and it loses markers that are not on a clip.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from integrations.timelines.colours import colours
from integrations.timelines.film_timeline import Clip, FilmTimeline
from integrations.timelines.markers import Marker
from integrations.timelines.wording import line, plain
from pipeline.publish import write_text
from scoring.timebase import SAMPLE_RATE_HZ

_FORMAT = "r1"
_LOSSES = (
    "Final Cut Pro's markers have no length and no colours: hits are tasks there, which are red, everything else is "
    "a standard marker",
)


def write_fcpxml(timeline: FilmTimeline, path: Path) -> tuple[str, ...]:
    """Write an FCPXML file; what it could not hold, for people. Raises OutputRefused, DiskFull."""
    root = ElementTree.Element("fcpxml", version="1.8")
    resources = ElementTree.SubElement(root, "resources")
    ids = _resources(timeline, resources)
    event = ElementTree.SubElement(ElementTree.SubElement(root, "library"), "event", name="Cuesmith")
    project = ElementTree.SubElement(event, "project", name=line(timeline.name))
    project.append(_sequence(timeline, ids))
    ElementTree.indent(root, "    ")
    text = ElementTree.tostring(root, encoding="unicode")
    write_text(path, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n\n{text}\n')
    return _LOSSES if timeline.markers else ()


def _resources(timeline: FilmTimeline, resources: ElementTree.Element) -> dict[Path, str]:
    """Write the format and every media file; the id of each file."""
    rate = timeline.timecode.rate
    shape = ElementTree.SubElement(resources, "format", id=_FORMAT)
    shape.set("frameDuration", f"{rate.denominator}/{rate.numerator}s")
    shape.attrib |= {"width": str(timeline.width_px), "height": str(timeline.height_px)}
    ids: dict[Path, str] = {}
    for number, clip in enumerate((timeline.picture, timeline.music, *timeline.stems), 2):
        ids[clip.path] = f"r{number}"
        asset = ElementTree.SubElement(
            resources,
            "asset",
            id=ids[clip.path],
            name=line(clip.path.name),
            src=clip.path.absolute().as_uri(),
            start=_time(timeline, clip.starts_at),
            duration=_time(timeline, timeline.frames),
        )
        if clip is timeline.picture:
            asset.attrib |= {"hasVideo": "1", "format": _FORMAT}
        if clip.channels:
            asset.attrib |= {"hasAudio": "1", "audioSources": "1", "audioChannels": str(clip.channels)}
            asset.set("audioRate", str(SAMPLE_RATE_HZ))
    return ids


def _sequence(timeline: FilmTimeline, ids: dict[Path, str]) -> ElementTree.Element:
    length = _time(timeline, timeline.frames)
    tc_format = "DF" if timeline.timecode.is_drop else "NDF"
    start = _time(timeline, timeline.start)
    sequence = ElementTree.Element(
        "sequence", format=_FORMAT, duration=length, tcStart=start, tcFormat=tc_format, audioLayout="stereo"
    )
    sequence.set("audioRate", "48k")
    picture = _clip(timeline, timeline.picture, ids, start, "dialogue")
    picture.set("tcFormat", tc_format)
    if not timeline.picture.channels:
        picture.set("srcEnable", "video")
    # What is connected to a clip, and its markers, are in the clip's own time, which begins with its media's timecode.
    own = _time(timeline, timeline.picture.starts_at)
    for lane, clip in enumerate((timeline.music, *timeline.stems), 1):
        sound = _clip(timeline, clip, ids, own, "music")
        sound.set("lane", str(-lane))
        sound.set("enabled", "0" if clip.is_muted else "1")
        picture.append(sound)
    picture.extend(_marker(timeline, marker) for marker in timeline.markers)
    ElementTree.SubElement(sequence, "spine").append(picture)
    return sequence


def _clip(timeline: FilmTimeline, clip: Clip, ids: dict[Path, str], offset: str, role: str) -> ElementTree.Element:
    return ElementTree.Element(
        "asset-clip",
        ref=ids[clip.path],
        name=line(clip.name),
        start=_time(timeline, clip.starts_at),
        duration=_time(timeline, timeline.frames),
        offset=offset,
        audioRole=role,
    )


def _marker(timeline: FilmTimeline, marker: Marker) -> ElementTree.Element:
    made = ElementTree.Element(
        "marker",
        start=_time(timeline, timeline.picture.starts_at + marker.frame),
        duration=_time(timeline, marker.frames),
        value=line(marker.name),
        note=plain(marker.tagged_note),
    )
    if colours()[marker.role].is_task:
        made.set("completed", "0")
    return made


def _time(timeline: FilmTimeline, frames: int) -> str:
    """Frames as seconds, exactly: "1001/24000s"."""
    seconds = timeline.timecode.seconds(frames)
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    # Not in lowest terms: a multiple of the frame's own length is what programs look for.
    rate = timeline.timecode.rate
    return f"{frames * rate.denominator}/{rate.numerator}s"
