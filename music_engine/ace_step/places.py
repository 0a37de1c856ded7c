"""Where a checkpoint may lie on a machine. Nothing here downloads one."""

from __future__ import annotations

from pathlib import Path

from scoring.errors import EngineUnavailable

# In the home folder: our own place, the one upstream's program fills, and the model hub's cache.
OWN_PLACE = ".cache/cuesmith/models/ace-step-v1"
_PLACES = (
    OWN_PLACE,
    ".cache/ace-step/checkpoints",
    ".cache/huggingface/hub/models--ACE-Step--ACE-Step-v1-3.5B/snapshots/*",
)
_MARK = "ace_step_transformer/config.json"
ADVICE = (
    f"Fetch the weights yourself (8.3 GB): hf download ACE-Step/ACE-Step-v1-3.5B --local-dir ~/{OWN_PLACE} ; or name "
    "them with --checkpoint or CUESMITH_CHECKPOINT; or let the composer play with --fallback"
)


def find_checkpoint(given: Path | None) -> Path:
    """The checkpoint that was named, or the one lying in a known place. Raises EngineUnavailable with what to do."""
    if given is not None:
        if not given.exists():
            raise EngineUnavailable(f"there is no checkpoint at {given}", ADVICE)
        return given
    home = Path.home()
    for place in _PLACES:
        found = sorted(folder for folder in home.glob(place) if (folder / _MARK).is_file())
        if found:
            return found[-1]
    raise EngineUnavailable("no checkpoint is on this machine", ADVICE)
