from __future__ import annotations

from pathlib import Path

from music_engine.options import EngineOptions


def test_what_is_said_outranks_what_the_settings_say_and_leaves_the_rest() -> None:
    settings = EngineOptions(soundfont=Path("a.sf2"), device="cuda", sampling={"steps": 60, "omega": 0.0})
    said = EngineOptions(device="cpu", sampling={"steps": 27})
    assert said.over(settings) == EngineOptions(
        soundfont=Path("a.sf2"), device="cpu", sampling={"steps": 27, "omega": 0.0}
    )
    assert EngineOptions().over(settings) == settings


def test_a_lora_brings_its_own_weight() -> None:
    settings = EngineOptions(lora=Path("one"), lora_weight=0.3)
    assert EngineOptions(lora=Path("two")).over(settings) == EngineOptions(lora=Path("two"))
    assert EngineOptions(lora_weight=0.5).over(settings) == EngineOptions(lora=Path("one"), lora_weight=0.5)


def test_a_default_that_is_said_outranks_a_setting() -> None:
    settings = EngineOptions(device="cuda", lora=Path("one"), lora_weight=0.3)
    assert EngineOptions(device="auto", lora_weight=1.0).over(settings) == EngineOptions(
        device="auto", lora=Path("one"), lora_weight=1.0
    )
