"""`cuesmith score --dry-run`: what would be done, by whom, and about how long it would take; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from integrations.cli.project_settings import used_settings
from integrations.cli.text import one_line, roughly

if TYPE_CHECKING:
    from pipeline.forecast import Forecast
    from pipeline.preview import Preview
    from pipeline.wish import Wish

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, by which engine, and about how long; write nothing.")
]

_NO_SETTINGS = ("videos", "jobs", "fail_fast", "dry_run", "project_settings", "as_json", "quiet", "debug", "output")
_SHOWN_CUES = 20


def foretell(ctx: typer.Context, video: Path, wish: Wish, takes: int | None, *, as_json: bool, quiet: bool) -> None:
    """Say what a run would do. Raises what the run would raise before its work."""
    from pipeline.preview import preview
    from pipeline.settings import Settings

    found = preview(video, wish, Settings.from_env(), takes=takes)
    if as_json:
        typer.echo(json.dumps(_document(found, settings_used(ctx)), ensure_ascii=True))
    elif not quiet:
        for name, text in _rows(found, settings_used(ctx)):
            typer.echo(one_line(f"{name:<12}{text}"))


def settings_used(ctx: typer.Context) -> list[dict[str, Any]]:
    """Every setting that is not a default, its value, and where it was said; then the defaults that have a value."""
    sources = {"COMMANDLINE": "command line", "ENVIRONMENT": "environment", "DEFAULT_MAP": "", "DEFAULT": "default"}
    files = used_settings(ctx)
    rows = []
    for parameter in ctx.command.params:
        name = parameter.name or ""
        source, value = ctx.get_parameter_source(name), ctx.params.get(name)
        if name in _NO_SETTINGS or source is None or value in (None, "", [], ()):
            continue
        option = next((text for text in parameter.opts if text.startswith("--")), name).removeprefix("--")
        where = sources[source.name] or str(files[0].path)
        rows.append({"name": option, "value": _plain(value), "from": where})
    return sorted(rows, key=lambda row: row["from"] == "default")


def _rows(found: Preview, settings: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    from scoring.timebase import clock

    info, forecast = found.film.info, found.forecast
    sound = f"{len(info.audio)} sound track{'s' * (len(info.audio) != 1)}" if info.audio else "no sound"
    rate = info.frame_rate.numerator / info.frame_rate.denominator
    yield "film", str(found.film.path)
    picture = f"{info.width_px}x{info.height_px}, {rate:.5g} pictures a second, {info.video_codec}"
    yield "", f"{clock(info.duration_s)}, {picture}, {sound}, {found.file_bytes / 1e6:.1f} MB"
    for path in found.results:
        yield "would write", f"{path}{' (replaces what is there)' if path in found.replaced else ''}"
    for row in settings:
        if row["from"] != "default":
            yield "setting", f"{row['name']} = {_shown(row['value'])}   ({row['from']})"
    yield "defaults", ", ".join(f"{row['name']} {_shown(row['value'])}" for row in settings if row["from"] == "default")
    for text in found.downloads:
        yield "would fetch", text
    yield "pictures", f"read by {found.analyser}"
    yield "analysis", f"kept in {found.workspace}" if found.analysis_is_kept else "would be made"
    yield "engine", found.engine
    yield from _cue_rows(found)
    yield "disk", f"about {found.needed_bytes / 1e9:.2f} GB needed, {found.free_bytes / 1e9:.2f} GB free"
    for text in found.notes:
        if text != f"read by {found.analyser}":
            yield "note", text
    stages = ", ".join(f"{span.stage} {roughly(span.likely_s)}" for span in forecast.spans if span.likely_s >= 1)
    least, most = roughly(forecast.low_s), roughly(forecast.high_s)
    yield "time", f"about {roughly(forecast.likely_s)}, between {least} and {most}"
    yield "", f"{stages or 'every stage below 1 s'} ({_basis(forecast)})"
    yield "dry run", "nothing was written"


def _cue_rows(found: Preview) -> Iterator[tuple[str, str]]:
    from scoring.timebase import clock

    if found.sheet is None:
        yield "cues", "known once the film has been watched"
        return
    cues = found.sheet.cues
    yield "cues", f"{len(cues)}, of which {len(found.kept_cues)} are composed already"
    for cue in cues[:_SHOWN_CUES]:
        kept = "   kept" if cue.id in found.kept_cues else ""
        yield "", f"{cue.id}  {clock(cue.in_s)}-{clock(cue.out_s)}  {cue.mood}, {cue.bpm:.1f} bpm, {cue.key}{kept}"
    if len(cues) > _SHOWN_CUES:
        yield "", f"… and {len(cues) - _SHOWN_CUES} more"


def _basis(forecast: Forecast) -> str:
    count = forecast.learnt_from
    if not count:
        return "as on the machine that was measured; none has run here yet"
    return f"from {count} earlier run{'s' * (count != 1)} here"


def _document(found: Preview, settings: list[dict[str, Any]]) -> dict[str, Any]:
    """The one object of --json."""
    forecast = found.forecast
    return {
        "dry_run": True,
        "source": {"path": str(found.film.path), "bytes": found.file_bytes, **found.film.info.to_json()},
        "results": [str(path) for path in found.results],
        "replaced": [str(path) for path in found.replaced],
        "workspace": str(found.workspace),
        "settings": settings,
        "analyser": found.analyser,
        "analysis_is_kept": found.analysis_is_kept,
        "engine": found.engine,
        "cues": None
        if found.sheet is None
        else [
            {"id": cue.id, "in_s": cue.in_s, "out_s": cue.out_s, "is_kept": cue.id in found.kept_cues}
            for cue in found.sheet.cues
        ],
        "downloads": list(found.downloads),
        "needed_bytes": found.needed_bytes,
        "free_bytes": found.free_bytes,
        "notes": list(found.notes),
        "time": {
            "low_s": round(forecast.low_s, 1),
            "likely_s": round(forecast.likely_s, 1),
            "high_s": round(forecast.high_s, 1),
            "learnt_from": forecast.learnt_from,
            "stages": [
                {
                    "stage": span.stage,
                    "low_s": round(span.low_s, 2),
                    "likely_s": round(span.likely_s, 2),
                    "high_s": round(span.high_s, 2),
                }
                for span in forecast.spans
            ],
        },
    }


def _shown(value: Any) -> str:
    """As it is written in a settings file, but for the quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain(value: object) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
