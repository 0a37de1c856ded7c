"""`cuesmith styles`, `engines` and `doctor`: what there is, what can start here, what to do about the rest."""

from __future__ import annotations

import json

import typer

from integrations.cli.options import AsJson, Debug


def styles(as_json: AsJson = False, debug: Debug = False) -> None:
    """List the styles of music."""
    from scoring.style import load_style, style_names

    rows = [load_style(name) for name in style_names()]
    if as_json:
        table = [{"name": s.name, "title": s.title, "description": s.description} for s in rows]
        typer.echo(json.dumps({"styles": table}))
        return
    for style in rows:
        low, high = style.tempo_range_bpm
        typer.echo(f"{style.name:<14}{low:g}-{high:g} bpm   {style.description}")


def engines(as_json: AsJson = False, debug: Debug = False) -> None:
    """List the music engines, and which can start on this machine."""
    from music_engine.registry import ENGINES, availability, choose
    from pipeline.settings import Settings

    options = Settings.from_env().engines
    found = {name: availability(name, options) for name in sorted(ENGINES)}
    chosen = choose("auto", options)
    if as_json:
        table = [
            {"name": name, "ready": a.ready, "reason": a.reason, "advice": a.advice, "pace": a.pace, "unfit": a.unfit}
            for name, a in found.items()
        ]
        typer.echo(json.dumps({"engines": table, "auto": {"name": chosen.name, "reason": chosen.reason}}))
        return
    for name, state in found.items():
        typer.echo(f"{name:<14}{'ready' if state.ready else 'not ready':<11}{state.reason}")
        typer.echo(f"{'':<25}{ENGINES[name].description}")
        if state.advice:
            typer.echo(f"{'':<25}→ {state.advice}")
    typer.echo(f"auto takes {chosen.name}: {chosen.reason}")


def doctor(as_json: AsJson = False, debug: Debug = False) -> None:
    """Say what is installed, what is missing, and what to do. Exit code 3 when the main job cannot run."""
    from pipeline.doctor import examine
    from pipeline.settings import Settings

    findings = examine(Settings.from_env())
    if as_json:
        rows = [{"name": f.name, "state": f.state, "found": f.found, "advice": f.advice} for f in findings]
        typer.echo(json.dumps({"findings": rows}))
    else:
        for finding in findings:
            advice = f"\n{'':<28}→ {finding.advice}" if finding.advice else ""
            typer.echo(f"{finding.state:<8}{finding.name:<20}{finding.found}{advice}")
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(3)
