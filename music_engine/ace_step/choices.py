"""The sampling settings that somebody chose by name. Loads no torch."""

from __future__ import annotations

from dataclasses import fields

from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.options import EngineOptions
from scoring.errors import InputError, UnknownChoice


def settings_of(options: EngineOptions) -> SamplingSettings:
    """The defaults with what the options say. Raises UnknownChoice for a name there is not, InputError for a value that
    is out of range or of another kind."""
    known = [field.name for field in fields(SamplingSettings)]
    for name in options.sampling:
        if name not in known:
            raise UnknownChoice.among("sampling setting", name, known)
    try:
        return SamplingSettings(**options.sampling)  # type: ignore[arg-type]
    except TypeError as error:
        raise InputError(f"the sampling settings are {dict(options.sampling)!r}", f"Mend them: {error}") from error
