"""What the engine needs that a plain installation does not bring."""

from __future__ import annotations

from importlib.util import find_spec

from scoring.errors import EngineUnavailable

_NEEDED = ("torch", "torchaudio", "transformers", "diffusers", "safetensors", "tokenizers", "sentencepiece")


def missing_libraries() -> tuple[str, ...]:
    """Those that are not installed; none of them is imported."""
    return tuple(name for name in _NEEDED if find_spec(name) is None)


def require_libraries() -> None:
    """Raises EngineUnavailable with what to install."""
    missing = missing_libraries()
    if missing:
        raise EngineUnavailable(
            f"these packages are missing: {', '.join(missing)}", "Install them with: pip install 'cuesmith[ace-step]'"
        )
