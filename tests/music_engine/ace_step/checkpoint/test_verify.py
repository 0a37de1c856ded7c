from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ace_step_checkpoints import FAULTS, MIXED, broken_checkpoint, tiny_checkpoint
from ace_step_shapes import TINY, parameters, shapes

from music_engine.ace_step.checkpoint.checkpoint import open_checkpoint
from music_engine.ace_step.checkpoint.survey import survey
from music_engine.ace_step.checkpoint.verify import verify
from scoring.errors import CheckpointRefused


@pytest.mark.parametrize("layout", ["folder", "comfyui"])
def test_a_sound_checkpoint_is_counted_to_the_last_parameter(layout: str, tmp_path: Path) -> None:
    found = verify(tiny_checkpoint(tmp_path, layout=layout, dtypes=MIXED))  # type: ignore[arg-type]
    assert found.is_loadable
    for part in found.parts:
        held = shapes(part.part, TINY[part.part])
        norms = part.tensors + part.unread_tensors - len(held)  # each weight norm is two tensors under one name
        magnitudes = sum(shape[0] for name, shape in held.items() if norms and _normed(name))
        assert part.parameters + part.unread_parameters == parameters(held) + magnitudes
        assert part.dtypes == {"F32" if part.part == "text_encoder" else "BF16": part.tensors}
    transformer = found.parts[0]
    assert transformer.unread_tensors == 21 * 8 + 12


def _normed(name: str) -> bool:
    return name.startswith("head.") and name.endswith(".weight")


@pytest.mark.parametrize("fault", FAULTS)
def test_verifying_never_fails_and_agrees_with_opening(fault: str, tmp_path: Path) -> None:
    path = broken_checkpoint(tmp_path / "ckpt", fault)
    found = verify(path)
    assert not found.is_loadable
    said = " ".join(
        [found.explanation, found.problem, found.tokenizer]
        + [part.problem for part in found.parts]
        + [str(misfit) for part in found.parts for misfit in part.misfits]
    )
    for words in FAULTS[fault].words[:1]:
        assert words in said


def test_a_hash_is_compared_with_the_table_only_when_asked(tmp_path: Path) -> None:
    path = tiny_checkpoint(tmp_path)
    plain, hashed = verify(path), verify(path, with_hash=True)
    assert {part.hash.verdict for part in plain.parts if part.hash} == {"not asked"}
    assert {part.hash.verdict for part in hashed.parts if part.hash} == {"differs"}
    assert hashed.is_loadable, "a fine-tune has another hash and loads all the same"


def test_the_single_files_hash_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    found = verify(tiny_checkpoint(tmp_path, layout="comfyui"), with_hash=True)
    assert {part.hash.verdict for part in found.parts if part.hash} == {"nothing to compare with"}


def test_a_tensor_of_no_part_in_the_single_file_is_refused(tmp_path: Path) -> None:
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    path = tiny_checkpoint(tmp_path, layout="comfyui")
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    tensors = {name: tensor.clone() for name, tensor in load_file(path).items()}
    save_file({**tensors, "clip.weight": torch.zeros(2)}, path, metadata=metadata)
    assert "clip.weight" in verify(path).problem
    with pytest.raises(CheckpointRefused, match=r"clip\.weight"):
        open_checkpoint(path)


def test_a_single_file_without_its_configuration_is_taken_for_the_published_model(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = tiny_checkpoint(tmp_path, layout="comfyui")
    save_file({name: tensor.clone() for name, tensor in load_file(path).items()}, path)
    found = verify(path)
    assert {part.config_origin for part in found.parts} == {"the published model's"}
    assert "found shape [32, 256], expected [2560, 256]" in str(found.parts[0].misfits[0])


def test_looking_at_a_checkpoint_imports_no_torch(tmp_path: Path) -> None:
    path = tiny_checkpoint(tmp_path)
    code = (
        "import sys; from pathlib import Path; from music_engine.ace_step.checkpoint.survey import survey;"
        f"found = survey(Path({str(path)!r})); assert found.refusal() is None; found.identity();"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[4])


def test_a_folder_nobody_may_read_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuse)
    assert "Permission denied" in survey(tmp_path).explanation
