"""The music as planned: cues as blocks, bars, beats and the hits they are to land on."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.chart.palette import mood_colour
from pipeline.pages import words
from pipeline.report.drawing.axis import Axis, Lane, crowd, stretched
from pipeline.report.drawing.words import count
from pipeline.report.shown import Shown
from scoring.cue_sheet import Cue
from scoring.timebase import TimeRange, clock

MOST_HEADS, MOST_TICKS = 600, 4000
_APART_PX, _HEADS_APART_PX = 4.0, 9.0  # ticks closer than this are grey, not ticks; heads are wider
Hit = tuple[float, float, bool | None]
_KINDS = {True: "landed", None: "unknown", False: "missed"}
_TOLD = {"landed": "landed", "unknown": "not measured", "missed": "missed"}
_CUES_PX, _HITS_PX, _LETTER_PX = 46, 46, 6.6


def cue_lane(axis: Axis, cues: Sequence[Cue], rests: Sequence[TimeRange]) -> Lane:
    """Every cue as a block in its mood's colour, with mood, tempo and key; hatched where no music is meant."""
    quiet = "".join(
        f'<rect class="rest" x="{axis.at(rest.start_s)}" y="0" width="{_width(axis, rest.start_s, rest.end_s)}" '
        f'height="{_CUES_PX}"><title>No music is meant from {clock(rest.start_s)} to {clock(rest.end_s)}</title></rect>'
        for rest in rests
    )
    says = "; ".join(f"{cue.id} {cue.mood} from {clock(cue.in_s)}" for cue in cues[:12])
    more = f" and {len(cues) - 12} more" if len(cues) > 12 else ""
    return Lane(
        "Cues",
        f"{count(len(cues), 'cue')}: {says}{more}. All stand in the table of cues." if cues else "No cue.",
        _CUES_PX,
        quiet + "".join(_block(axis, cue) for cue in cues),
        remark=f"{count(len(cues), 'cue')}" + (f", {count(len(rests), 'rest')}" if rests else ""),
    )


def _block(axis: Axis, cue: Cue) -> str:
    red, green, blue = (round(255 * share) for share in mood_colour(cue.mood))
    colour = f"#{red:02x}{green:02x}{blue:02x}"
    tempo = f"{cue.bpm:.0f} bpm · {cue.key} · {cue.metre}"
    room_px = axis.phone_px(cue.out_s - cue.in_s) - 10

    def fit(text: str) -> str:
        return "fit" if _LETTER_PX * len(text) <= room_px else "fit tight"

    mood = f'<tspan class="{fit(f"{cue.id} · {cue.mood}")}"> · {words(cue.mood)}</tspan>'
    shown = (
        f'<text class="{fit(cue.id)}" x="6" y="20">{words(cue.id)}{mood}</text>'
        f'<text class="{fit(tempo)}" x="6" y="37">{words(tempo)}</text>'
    )
    told = f"{cue.id}, {cue.mood}, {clock(cue.in_s)} to {clock(cue.out_s)}, {tempo}"
    return (
        f'<svg class="cue" x="{axis.at(cue.in_s)}" width="{_width(axis, cue.in_s, cue.out_s)}" height="{_CUES_PX}">'
        f'<title>{words(told)}</title><rect class="block" width="100%" height="{_CUES_PX}" fill="{colour}"/>'
        f'<rect width="100%" height="4" fill="{colour}"/>{shown}'
        f'<rect class="edge" width="1" height="{_CUES_PX}"/></svg>'
    )


def hit_lane(axis: Axis, shown: Shown) -> Lane | None:
    """Bars and beats where they can be told apart, and hits: as high as they weigh, landed or missed."""
    if not (shown.hits or shown.bars_s or shown.beats_s):
        return None
    ticks = _ticks(axis, shown.beats_s, "beats", _HITS_PX - 7) + _ticks(axis, shown.bars_s, "bars", _HITS_PX - 13)
    heaviest = sorted(shown.hits, key=lambda hit: (hit[2] is not False, -hit[1]))[:MOST_HEADS]
    others, failing = (sorted(hit for hit in heaviest if (hit[2] is False) is which) for which in (False, True))
    drawn = _stems(axis, shown.hits) + _heads(axis, others) + _heads(axis, failing)
    landed, missed = (sum(hit[2] is known for hit in shown.hits) for known in (True, False))
    unknown = len(shown.hits) - landed - missed
    parts = [f"{landed} of {landed + missed} hits landed"] if landed + missed else []
    parts += [f"{count(unknown, 'hit')} not measured"] if unknown else []
    keys = [("hit-landed", "landed")] if landed else []
    keys += [("hit-missed", "missed")] if missed else []
    keys += [("hit-unknown", "not measured")] if unknown else []
    missed_at = ", ".join(clock(time_s) for time_s, _, found in shown.hits if found is False)[:300]
    return Lane(
        "Hits and beats",
        f"{'; '.join(parts) or 'No hits'}. " + (f"Missed at {missed_at}." if missed_at else ""),
        _HITS_PX,
        stretched(_HITS_PX, ticks) + drawn,
        tuple(keys),
        "; ".join(parts),
    )


def _ticks(axis: Axis, times_s: Sequence[float], kind: str, top_px: int) -> str:
    """One path; hidden where its ticks stand too close, until somebody looks nearer."""
    if not 0 < len(times_s) <= MOST_TICKS:
        return ""
    path = "".join(f"M{axis.unit(time_s)} {top_px}V{_HITS_PX}" for time_s in times_s)
    return f'<path {crowd(kind, len(times_s), _APART_PX)} d="{path}"/>'


def _stems(axis: Axis, hits: Sequence[Hit]) -> str:
    """A path for each kind of hit."""
    paths = []
    for landed, kind in _KINDS.items():
        stems = dict.fromkeys(
            f"M{axis.unit(time_s)} {_top(weight)}V{_HITS_PX}" for time_s, weight, known in hits if known is landed
        )
        paths.append(f'<path class="stem {kind}" d="{"".join(stems)}"/>' if stems else "")
    return stretched(_HITS_PX, "".join(paths))


def _heads(axis: Axis, hits: Sequence[Hit]) -> str:
    """Shapes that tell the kinds apart, hidden where they would cover each other."""
    heads = "".join(
        f'<g class="hit {(kind := _KINDS[landed])}"><title>{clock(time_s)}, weight {weight:.2f}, {_TOLD[kind]}</title>'
        f'<use x="{axis.at(time_s)}" y="{_top(weight)}" href="#hit-{kind}"/></g>'
        for time_s, weight, landed in hits
    )
    return f"<g {crowd('heads', len(hits), _HEADS_APART_PX)}>{heads}</g>" if heads else ""


def _top(weight: float) -> int:
    """Where a hit's head stands: the heavier the higher."""
    return 26 - round(18 * min(1.0, max(0.0, weight)))


def _width(axis: Axis, start_s: float, end_s: float) -> str:
    return f"{100 * max(0.0, axis.share(end_s) - axis.share(start_s)):.3f}%"
