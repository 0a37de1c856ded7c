"""Jobs of an API, brought to where a test needs them by doing their units by hand."""

from __future__ import annotations

import json
from typing import Any

import httpx
from api_rig import ApiRig

from integrations.jobs.claiming import claim
from integrations.jobs.leasing import tell_progress
from integrations.service.settings import QUEUES
from integrations.work.task import Step
from scoring import cue_sheet_json

CUES = ("1m1", "1m2")
SHEET: dict[str, Any] = {
    "schema": cue_sheet_json.SCHEMA,
    "source": "film.mp4",
    "duration_s": 60.0,
    "frame_rate": "25",
    "style": "cinematic",
    "seed": 7,
    "cues": [
        {"id": "1m1", "in_s": 0.0, "out_s": 30.0, "bpm": 96.0, "key": "C major", "seed": 11},
        {"id": "1m2", "in_s": 30.0, "out_s": 60.0, "bpm": 100.0, "key": "A minor", "seed": 12},
    ],
}
MOVIE = bytes(range(256)) * 4000  # what the finishing unit "made"


def sheet_text(**seeds: int) -> str:
    """The sheet as spotting writes it; seeds of cues by their ids, "1m1" as m1."""
    document = json.loads(json.dumps(SHEET))
    for cue in document["cues"]:
        cue["seed"] = seeds.get(cue["id"][1:], cue["seed"])
    return cue_sheet_json.dumps(cue_sheet_json.loads(json.dumps(document)))


def work_off(api: ApiRig, most: int = 500) -> list[str]:
    """Do every unit that waits, of whichever job; the kinds and names in order."""
    done: list[str] = []
    while (lease := claim(api.database, api.settings, "by hand", QUEUES)) is not None:
        task = lease.task
        facts: dict[str, Any] = {}
        files: dict[str, bytes] = {}
        steps: tuple[Step, ...] = ()
        if task.kind == "spot":
            given = task.order.get("texts", {}).get("sheet")
            text = given or sheet_text()
            files["cues.json"] = text.encode()
            if task.order["kind"] == "score":
                cues = cue_sheet_json.loads(text).cues
                steps = tuple(
                    Step("compose", cue.id, {"cue": cue.id, "seed": cue.seed}, key=f"{cue.id}-{cue.seed}")
                    for cue in cues
                )
        elif task.kind == "compose":
            seed = task.payload["seed"]
            facts = {"cue": task.name, "seed": seed, "engine": "composer", "duration_s": 30.0, "bpm": 96.0}
            files[f"cues/{task.name}-{seed}/strings.flac"] = f"{task.name} {seed}".encode()
            files[f"cues/{task.name}-{seed}/cue.mid"] = b"MThd"
        elif task.kind == "finish":
            files["film.scored.mp4"] = MOVIE
        elif task.kind == "music":
            fmt = task.order["music"].get("output_format", "mp3")
            files[f"music.{fmt}"] = b"sound"
            facts = {"duration_s": task.order["music"]["duration_s"], "notes": ["engine: composer, by hand"]}
        tell_progress(api.database, (lease.unit_id, lease.token), state=None, share=0.5, notes=[])
        api.finish(lease, files, facts=facts, steps=steps)
        done.append(f"{task.kind} {task.name}".strip())
        assert len(done) <= most
    return done


def scored(api: ApiRig, client: httpx.Client, **asked: Any) -> str:
    """A job that has succeeded."""
    job = api.job(client, **asked)
    work_off(api)
    assert client.get(f"/v1/jobs/{job}").json()["state"] == "succeeded"
    return job
