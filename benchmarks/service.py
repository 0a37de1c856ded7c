"""The service under load: real processes on this machine, over loopback, one measurement a part.

    python benchmarks/service.py overhead [--pairs 7] [--film F] [--alike]
    python benchmarks/service.py reads [--reads 1000] [--rate 20] [--jobs 6]
    python benchmarks/service.py uploads [--count 200] [--megabytes 5] [--rounds 2]
    python benchmarks/service.py queue [--count 1000] [--tries 5]
    python benchmarks/service.py events [--count 200]
    python benchmarks/service.py music [--count 24] [--seconds 60] [--cores 2]

overhead: `cuesmith score` beside the same film through `cuesmith serve --workers 1`, in turn, whoever begins changing
from pair to pair. Each pair has a film of its own hash (remuxed with another comment), so that nothing is reused.
reads: of a job that is being done, over one kept connection, while two workers are busy.
uploads: real MP4 bytes, every upload other bytes, by tus and by form. queue: a tenant with many jobs, then another's.
events: many readers of one job. music: POST /v1/audio/music/generate, one after another.
Each part has a database, a storage and processes of its own, removed at the end. It judges nothing; run it idle.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from load import fairness, generating, overhead, readers, reads, uploads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=Path, default=Path(tempfile.gettempdir()) / "cuesmith-films", help="kept there")
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("overhead")
    part.add_argument("--pairs", type=int, default=7)
    part.add_argument("--film", type=Path, help="instead of the 60 s of benchmarks/film.py")
    part.add_argument("--alike", action="store_true", help="the command as nice as a worker: for a machine in use")
    part.set_defaults(measure=overhead.measure)
    part = parts.add_parser("reads")
    part.add_argument("--reads", type=int, default=1000)
    part.add_argument("--rate", type=float, default=20.0, help="reads a second")
    part.add_argument("--jobs", type=int, default=6, help="films to begin with")
    part.add_argument("--film", type=Path)
    part.set_defaults(measure=reads.measure)
    part = parts.add_parser("uploads")
    part.add_argument("--count", type=int, default=200)
    part.add_argument("--megabytes", type=float, default=5.0)
    part.add_argument("--rounds", type=int, default=2)
    part.set_defaults(measure=uploads.measure)
    part = parts.add_parser("queue")
    part.add_argument("--count", type=int, default=1000)
    part.add_argument("--tries", type=int, default=5)
    part.set_defaults(measure=fairness.measure)
    part = parts.add_parser("events")
    part.add_argument("--count", type=int, default=200)
    part.add_argument("--film", type=Path)
    part.set_defaults(measure=readers.measure)
    part = parts.add_parser("music")
    part.add_argument("--count", type=int, default=24)
    part.add_argument("--seconds", type=float, default=60.0)
    part.add_argument("--cores", type=int, default=2)
    part.set_defaults(measure=generating.measure)
    options = parser.parse_args()
    options.films.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        options.measure(options, Path(folder))


if __name__ == "__main__":
    main()
