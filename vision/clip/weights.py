"""A model's weights, from safetensors files only: found, checked against the model name by name, and copied into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.errors import CheckpointRefused

if TYPE_CHECKING:
    from torch import Tensor, nn

PICKLED_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".npz", ".npy")
_PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_ARCHIVE_START = b"PK\x03\x04"  # how torch.save has written since 1.6: a zip archive with a pickle in it
_MOST_HEADER_BYTES = 16 << 20  # the largest published encoder's is under 0.2 MB
_KEPT_BYTES = 256 << 20  # pages of a mapped file count as resident until it is closed
_NAMED = 3  # misfits in one message
_AGAIN = "Download the file again"
_SAFE = "Take the .safetensors file of the same model"


def find_weights(place: Path, names: Sequence[str]) -> Path:
    """The safetensors file at a place, which is that file or a folder. names: those to take first, in order.

    Raises CheckpointRefused for a pickled file, a folder without safetensors or with several under other names.
    """
    if place.suffix.lower() in PICKLED_SUFFIXES and not place.is_dir():
        raise _pickled(place)
    if place.is_file():
        return place
    if not place.is_dir():
        raise CheckpointRefused(f"there are no weights at {place}", "Give a .safetensors file or the folder with it")
    for name in names:
        if (place / name).is_file():
            return place / name
    found = sorted(place.glob("*.safetensors"))
    if len(found) == 1:
        return found[0]
    if not found:
        pickled = sorted(path for path in place.iterdir() if path.suffix.lower() in PICKLED_SUFFIXES)
        if pickled:
            raise _pickled(pickled[0])
        raise CheckpointRefused(f"{place} holds no .safetensors file", f"Put {' or '.join(names)} there")
    raise CheckpointRefused(
        f"{place} holds {len(found)} .safetensors files and none is called {' or '.join(names)}", "Name the one to load"
    )


def fill(model: nn.Module, path: Path, *, prefixed: Sequence[str] = ()) -> None:
    """Copy every tensor of the file into the model, which must have exactly those, of those shapes.

    prefixed: names (or beginnings that end in a dot) the file may have without "text." before them, as files from
    before open_clip's separate text towers do. Raises CheckpointRefused naming the key, what was found and expected.
    """
    import torch

    _check_start(path)
    wanted = dict(model.state_dict(keep_vars=True))
    file = _Mapped(path)
    stored = {_place_of(name, wanted, prefixed): name for name in file.names if not _is_positions(name, wanted)}
    _refuse_misfits(path, wanted, stored, file)
    with torch.no_grad():
        for name, target in wanted.items():
            tensor = file.read(stored[name])
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                raise _misfit(path, [f"{stored[name]}: found NaN or infinity, expected finite numbers"])
            target.copy_(tensor.reshape(target.shape))


class _Mapped:
    """A safetensors file, its tensors read one at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._open()
        self._read_bytes = 0
        self.names: tuple[str, ...] = tuple(self._file.keys())

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._file.get_slice(name).get_shape())

    def kind(self, name: str) -> str:
        """As the format spells it: "F32"."""
        kind: str = self._file.get_slice(name).get_dtype()
        return kind

    def read(self, name: str) -> Tensor:
        if self._read_bytes > _KEPT_BYTES:
            self._file, self._read_bytes = self._open(), 0
        tensor: Tensor = self._file.get_tensor(name)
        self._read_bytes += tensor.nbytes
        return tensor

    def _open(self) -> Any:
        from safetensors import SafetensorError, safe_open

        try:
            return safe_open(self._path, framework="pt")
        except (SafetensorError, OSError) as error:
            raise CheckpointRefused(f"{self._path} is not a whole safetensors file: {error}", _AGAIN) from error


def _check_start(path: Path) -> None:
    """Refuse what can be told from the first bytes, and a header that would fill the memory."""
    try:
        with path.open("rb") as file:
            start, file_bytes = file.read(128), path.stat().st_size
    except OSError as error:
        raise CheckpointRefused(f"{path} cannot be read: {error.strerror}", "Give a file that can be read") from error
    if start.startswith((*_PICKLE_STARTS, _ARCHIVE_START)):
        raise _pickled(path)
    if start.startswith(b"version https://git-lfs"):
        raise CheckpointRefused(
            f"{path} is a Git LFS pointer, not the file it stands for", "Run `git lfs pull` where it was cloned"
        )
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b'{"error')):
        raise CheckpointRefused(f"{path} is a web page that was saved under this name", _AGAIN)
    header_bytes = int.from_bytes(start[:8], "little")
    if len(start) < 9 or header_bytes > min(_MOST_HEADER_BYTES, file_bytes - 8):
        raise CheckpointRefused(
            f"{path} is no whole safetensors file: {file_bytes} bytes, {header_bytes} of them said to be its header",
            _AGAIN,
        )


def _place_of(name: str, wanted: dict[str, Any], prefixed: Sequence[str]) -> str:
    if name not in wanted and name.startswith(tuple(prefixed)) and f"text.{name}" in wanted:
        return f"text.{name}"
    return name


def _is_positions(name: str, wanted: dict[str, Any]) -> bool:
    """Whether it is the running number of every token, which older versions of transformers saved and none needs."""
    return name.endswith(".position_ids") and name not in wanted


def _refuse_misfits(path: Path, wanted: dict[str, Any], stored: dict[str, str], file: _Mapped) -> None:
    misfits = [f"{name}: found nothing, expected {list(wanted[name].shape)}" for name in wanted if name not in stored]
    misfits += [
        f"{key}: found {list(file.shape(key))}, expected no tensor of this name"
        for name, key in stored.items()
        if name not in wanted
    ]
    for name in wanted.keys() & stored.keys():
        found, expected, kind = file.shape(stored[name]), tuple(wanted[name].shape), file.kind(stored[name])
        one_number = all(side == 1 for side in (*found, *expected))  # a scale is saved as [] or as [1]
        if found != expected and not one_number:
            misfits.append(f"{stored[name]}: found {list(found)}, expected {list(expected)}")
        elif wanted[name].is_floating_point() and kind not in ("F64", "F32", "F16", "BF16"):
            misfits.append(f"{stored[name]}: found numbers of kind {kind}, expected F32, F16 or BF16")
    if misfits:
        raise _misfit(path, misfits, _advice([key for name, key in stored.items() if name not in wanted]))


def _advice(extra: Sequence[str]) -> str:
    """extra: names the model does not have."""
    for start, library in (("vision_model.", "transformers"), ("visual.", "open_clip")):
        if any(name.startswith(start) for name in extra):
            return f"These weights have the form of {library}: load them with that library"
    return "Name the architecture the weights were trained for, or download them again"


def _misfit(path: Path, misfits: Sequence[str], advice: str = _AGAIN) -> CheckpointRefused:
    more = f"; and {len(misfits) - _NAMED} more" if len(misfits) > _NAMED else ""
    return CheckpointRefused(f"{path}: {'; '.join(misfits[:_NAMED])}{more}", advice)


def _pickled(path: Path) -> CheckpointRefused:
    return CheckpointRefused(
        f"{path} is pickled, which can run any program when it is opened, so it is not opened", _SAFE
    )
