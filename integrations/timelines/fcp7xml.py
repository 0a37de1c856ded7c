"""The timeline for Premiere Pro, DaVinci Resolve and others as Final Cut Pro 7 XML, by OpenTimelineIO's adapter.

That format has a track for each channel of a sound; the adapter has not, so that each sound's channels are written here
as Premiere writes them: tracks that belong together, linked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from integrations.timelines.colours import Colour, colours
from integrations.timelines.film_timeline import Clip, FilmTimeline
from integrations.timelines.otio_file import otio_timeline
from integrations.timelines.wording import line, plain
from pipeline.publish import write_text
from scoring.timebase import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import opentimelineio as otio

_KEY = "fcp_xml"  # what is under it in an object's metadata, the adapter writes as elements, "@…" as attributes
_PREMIERE_TYPES = {1: "Mono", 2: "Stereo"}


def write_fcp7xml(timeline: FilmTimeline, path: Path) -> tuple[str, ...]:
    """Write a Final Cut Pro 7 XML file; what it could not hold, for people: nothing. Raises OutputRefused, DiskFull."""
    import opentimelineio as otio

    made = otio_timeline(timeline)
    _prepare(made, timeline)
    root = ElementTree.fromstring(otio.adapters.write_to_string(made, adapter_name="fcp_xml"))
    for name in root.iter("name"):
        name.text = line(name.text or "")
    _link(root)
    ElementTree.indent(root, "    ")
    text = ElementTree.tostring(root, encoding="unicode")
    write_text(path, f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{text}\n')
    return ()


def _prepare(made: otio.schema.Timeline, timeline: FilmTimeline) -> None:
    """Give the adapter what it writes only when it is told to, and every channel a track of its own."""
    counting = {"displayformat": "DF" if timeline.timecode.is_drop else "NDF"}
    made.metadata[_KEY] = {"timecode": counting, "media": _formats(timeline)}
    for marker, ours in zip(made.tracks.markers, timeline.markers, strict=True):
        marker.metadata[_KEY] = _marker_facts(ours.tagged_note, colours()[ours.role])
    tracks = list(made.tracks)
    made.tracks.clear()
    for track, clip in zip(tracks, (timeline.picture, *timeline.sounds), strict=True):
        (placed,) = track
        reference = placed.media_reference
        reference.target_url = reference.target_url.replace("file://", "file://localhost", 1)
        reference.metadata[_KEY] = {"timecode": counting, "media": _media(timeline, clip)}
        is_enabled = "FALSE" if clip.is_muted else "TRUE"
        if track.kind == "Video":
            placed.metadata[_KEY] = track.metadata[_KEY] = {"enabled": is_enabled}
            made.tracks.append(track)
            continue
        for channel in range(clip.channels):
            one = track.deepcopy()
            one.metadata[_KEY] = {"enabled": is_enabled, "outputchannelindex": channel % 2 + 1} | _kin(clip, channel)
            one[0].metadata[_KEY] = {
                "enabled": is_enabled,
                "sourcetrack": {"mediatype": "audio", "trackindex": channel + 1},
            }
            if clip.channels in _PREMIERE_TYPES:
                one[0].metadata[_KEY]["@premiereChannelType"] = _PREMIERE_TYPES[clip.channels].lower()
            made.tracks.append(one)


def _kin(clip: Clip, channel: int) -> dict[str, str]:
    """What says that a track is one channel of several."""
    kin = {"@currentExplodedTrackIndex": str(channel), "@totalExplodedTrackCount": str(clip.channels)}
    if clip.channels in _PREMIERE_TYPES:
        kin["@premiereTrackType"] = _PREMIERE_TYPES[clip.channels]
    return kin


def _formats(timeline: FilmTimeline) -> dict[str, Any]:
    rate = timeline.timecode.rate
    picture = {
        "rate": {"timebase": timeline.timecode.counted, "ntsc": "TRUE" if rate.denominator == 1001 else "FALSE"},
        "width": timeline.width_px,
        "height": timeline.height_px,
        "pixelaspectratio": "square",
    }
    sound = {"depth": 24, "samplerate": SAMPLE_RATE_HZ}
    return {
        "video": {"format": {"samplecharacteristics": picture}},
        "audio": {"numOutputChannels": 2, "format": {"samplecharacteristics": sound}},
    }


def _media(timeline: FilmTimeline, clip: Clip) -> dict[str, Any]:
    """What is in a file: the adapter guesses by its name that a FLAC has a picture."""
    media: dict[str, Any] = {}
    if clip is timeline.picture:
        media["video"] = {
            "samplecharacteristics": {"width": timeline.width_px, "height": timeline.height_px},
        }
    if clip.channels:
        media["audio"] = {
            "samplecharacteristics": {"depth": 24, "samplerate": SAMPLE_RATE_HZ},
            "channelcount": clip.channels,
        }
    return media


def _marker_facts(note: str, colour: Colour) -> dict[str, Any]:
    red, green, blue = colour.rgb
    shown = {"alpha": 0, "red": red, "green": green, "blue": blue}
    return {"comment": plain(note), "color": shown, "pproColor": colour.premiere}


def _link(root: ElementTree.Element) -> None:
    """Tie the clips of one file together: the picture and its sound, the channels of one sound."""
    kin: dict[str, list[tuple[ElementTree.Element, str, int]]] = {}
    for kind, number, item in _items(root):
        file = item.find("file")
        assert file is not None  # the adapter writes one into every clip
        kin.setdefault(file.attrib["id"], []).append((item, kind, number))
    for items in kin.values():
        if len(items) > 1:
            for item, _, _ in items:
                item.extend(_links(items))


def _items(root: ElementTree.Element) -> Iterator[tuple[str, int, ElementTree.Element]]:
    """Every clip with the kind and the number of its track; each track has one."""
    for kind in ("video", "audio"):
        for number, item in enumerate(root.iterfind(f".//sequence/media/{kind}/track/clipitem"), 1):
            yield kind, number, item


def _links(items: list[tuple[ElementTree.Element, str, int]]) -> Iterator[ElementTree.Element]:
    for item, kind, number in items:
        link = ElementTree.Element("link")
        facts = {"linkclipref": item.attrib["id"], "mediatype": kind, "trackindex": str(number), "clipindex": "1"}
        for name, value in facts.items():
            ElementTree.SubElement(link, name).text = value
        yield link
