"""What both libraries are brought to: a picture tower, a text tower, and how pictures are framed for the first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.errors import CheckpointRefused
from vision.clip.framing import Framing

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_MOST_CONFIG_BYTES = 1 << 20
_LARGEST_NUMBER = 1_000_000  # no size in a published configuration is near it
# What fills new weights with chance. Every weight comes from the file, so this would be seconds for nothing.
_CHANCE = frozenset({"normal_", "uniform_", "trunc_normal_", "erfinv_", "kaiming_uniform_", "xavier_uniform_"})


@dataclass(frozen=True, slots=True)
class Towers:
    """A loaded model, in float32 on the processor.

    pictures: [N, 3, side, side] → [N, length], not normalised. texts: N texts and where to compute → [N, length].
    picture_parts: the modules `pictures` runs through, which may be moved to a lower precision.
    """

    model: nn.Module
    picture_parts: tuple[nn.Module, ...]
    pictures: Callable[[Tensor], Tensor]
    texts: Callable[[Sequence[str], torch.device], Tensor]
    length: int
    framing: Framing


def read_config(path: Path) -> dict[str, Any]:
    """A JSON table. Raises CheckpointRefused for what is no such, or names a size nothing published comes near."""
    try:
        if path.stat().st_size > _MOST_CONFIG_BYTES:
            raise CheckpointRefused(f"{path} has {path.stat().st_size} bytes", "Give the configuration of the model")
        table = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CheckpointRefused(f"{path} cannot be read: {error.strerror}", "Download it beside the weights") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointRefused(f"{path} is no JSON: {error}", "Download the file again") from error
    if not isinstance(table, dict):
        raise CheckpointRefused(f"{path} holds no table", "Download the file again")
    _refuse_giants(path, table, "")
    return table


@contextmanager
def configured(where: object) -> Iterator[None]:
    """Inside, what a library says about a configuration it cannot follow becomes CheckpointRefused."""
    try:
        yield
    except (AssertionError, AttributeError, KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointRefused(
            f"{where} does not describe a model: {type(error).__name__}: {error}",
            "Take the configuration that was published with the weights",
        ) from error


@contextmanager
def without_chance() -> Iterator[None]:
    """Inside, new modules get their memory and not their random numbers."""
    from torch.overrides import TorchFunctionMode

    class NoChance(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
        ) -> Any:
            given = dict(kwargs or {})
            if getattr(func, "__name__", "") in _CHANCE:
                return args[0] if args else given["tensor"]
            return func(*args, **given)

    with NoChance():
        yield


def _refuse_giants(path: Path, value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_giants(path, inner, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            _refuse_giants(path, inner, where)
    elif isinstance(value, int) and value > _LARGEST_NUMBER:
        raise CheckpointRefused(f"{path}: {where} is {value}, at most {_LARGEST_NUMBER}", "Download the file again")
