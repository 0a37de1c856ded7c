"""In which ways the stand-in is unkind, each as the real program was seen to be or may be."""

from __future__ import annotations

from dataclasses import dataclass, field

EDITIONS = {
    # edition: (product, version, whether Python scripts are in the menu, whether UIManager and outside Python work)
    "studio": ("DaVinci Resolve Studio", (21, 1, 0, 14, ""), True, True),
    "free_19_0": ("DaVinci Resolve", (19, 0, 1, 6, ""), True, True),
    "free_19_1": ("DaVinci Resolve", (19, 1, 3, 7, ""), True, False),
    "free_21_1": ("DaVinci Resolve", (21, 1, 0, 14, ""), False, False),
}
CODECS = {
    "mp4": {"H.264": "H264", "H.265": "H265"},
    "mov": {"Apple ProRes 422 LT": "ProRes422LT", "Apple ProRes 422 HQ": "ProRes422HQ", "DNxHR SQ": "DNxHRSQ"},
    "wav": {},
}
NO_H264 = {"mp4": {}, "mov": {"DNxHR LB": "DNxHRLB", "DNxHR SQ": "DNxHRSQ"}, "wav": {}}


@dataclass
class Quirks:
    """edition: of EDITIONS. beyond: what a trackIndex above the count does: "nothing", "ghost" or "creates".

    occupied_refused: a second marker on a frame is refused. errored_appends: how many appends from now on answer an
    error though their items appear; the save discards these. preset: what the Deliver page had loaded before.
    render_ends: the status at last; "" never ends. render_polls: how often it says "Rendering" before. render_lies: it
    says Complete and wrote no picture. render_writes: False, Complete and there is no file. wants_deliver_page: no
    render job is made on another page. render_turns_page: rendering leaves the Deliver page open. tracks_mono: AddTrack
    heeds no sub type.
    """

    edition: str = "studio"
    beyond: str = "nothing"
    occupied_refused: bool = True
    errored_appends: int = 0
    codecs: dict[str, dict[str, str]] = field(default_factory=lambda: {name: dict(of) for name, of in CODECS.items()})
    preset: str = "H.264 Master"
    render_ends: str = "Complete"
    render_polls: int = 2
    render_lies: bool = False
    render_writes: bool = True
    wants_deliver_page: bool = False
    render_turns_page: bool = False
    tracks_mono: bool = False
