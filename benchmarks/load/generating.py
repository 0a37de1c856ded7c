"""A minute of music by the composer, asked for over HTTP in one request."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from music import asks

from load.serving import head, machine, served, show

GOAL_S = 15.0


def measure(options: argparse.Namespace, folder: Path) -> None:
    """One request after another, prompts and lyrics of benchmarks/music.py; the worker beside the API is warm."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    print(f"{options.seconds:g} s of music, {options.count} requests on {options.cores} cores; {machine()}")
    took, units, polled = [], [], 0
    with served(folder / "service", 1) as service, service.client() as client:
        for number, ask in enumerate(asks(options.count + 1, options.seconds, "mp3")):
            wanted = {
                "prompt": ask.prompt,
                "lyrics": ask.lyrics or "",
                "duration": ask.duration_s,
                "output_format": ask.output_format,
                "engine": "composer",
                "seed": number,
            }
            began_s = time.perf_counter()
            answer = client.post("/v1/audio/music/generate", json=wanted).raise_for_status()
            took_s = time.perf_counter() - began_s
            while answer.json()["status"] == "processing":
                time.sleep(0.5)
                answer = client.get(answer.headers.get("Location", answer.url.path)).raise_for_status()
                polled += 1
                took_s = time.perf_counter() - began_s
            if answer.json()["status"] != "completed":
                raise RuntimeError(answer.text)
            if number:  # the first one warms the worker's child up
                took.append(took_s)
                (unit,) = service.rig.units(answer.json()["task_id"])
                units.append(unit.ended_s - unit.started_s)
    head()
    show(f"POST …/generate (goal: p95 < {GOAL_S:g} s)", took, "s", 1.0)
    show("of it the unit, claim to published", units, "s", 1.0)
    show("the rest", [whole - unit for whole, unit in zip(took, units, strict=True)], "s", 1.0)
    print(f"answers that had to be polled for: {polled}; {machine()}")
