"""The Dockerfile, parsed and not built: what it copies is there, whom it runs as, and that it holds no secret."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field

from deploy_files import DEPLOY, ROOT, compose


@dataclass
class Stage:
    name: str
    base: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def said(self, instruction: str) -> list[str]:
        return [rest for name, rest in self.lines if name == instruction]


def stages() -> dict[str, Stage]:
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    found: dict[str, Stage] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, rest = line.split(None, 1)
        if name == "FROM":
            base, stage = rest.split(" AS ")
            current = found[stage] = Stage(stage, base)
        elif name != "ARG":
            current.lines.append((name, rest))
    return found


STAGES = stages()
IMAGES = ("service", "gpu")


def lineage(name: str) -> list[Stage]:
    stage = STAGES[name]
    return [stage, *(lineage(stage.base) if stage.base in STAGES else [])]


def test_everything_it_copies_is_there_and_is_sent_to_the_builder() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    copied = [rest.split() for stage in STAGES.values() for rest in stage.said("COPY")]
    own = {name.strip("./") for parts in copied if not parts[0].startswith("--from") for name in parts[:-1]}
    assert own == sent
    for name in own:
        assert (ROOT / name).exists(), name
    for parts in copied:
        if parts[0].startswith("--from="):
            assert parts[0].removeprefix("--from=") in STAGES


def test_every_package_of_the_wheel_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = " ".join(STAGES["sources"].said("COPY"))
    assert all(f"{package}/ {package}/" in copied for package in packages)


def test_an_image_runs_as_a_number_that_is_not_root() -> None:
    for image in IMAGES:
        assert STAGES[image].said("USER")[-1] == "10001:10001"
        assert STAGES[image].lines[-1][0] == "USER", "nothing is added after root's rights are gone"
        assert compose()["services"]["api"]["user"] == "10001:10001"


def test_both_images_are_made_without_a_compiler_or_sources() -> None:
    for image in IMAGES:
        own = lineage(image)
        assert [stage.name for stage in own] == [image, "base"]
        assert STAGES["base"].base.startswith("python:")
        assert [rest.split()[-1] for stage in own for rest in stage.said("COPY")] == ["/opt/cuesmith"]


def test_the_extras_it_installs_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for stage, extras in (("built", {"service"}), ("built-gpu", {"service", "ace-step", "clip"})):
        (install,) = STAGES[stage].said("RUN")
        named = re.search(r"'\.\[([\w,-]+)\]'", install)
        assert named is not None
        assert set(named[1].split(",")) == extras <= set(project["project"]["optional-dependencies"])


def test_its_health_check_and_its_command_are_those_of_the_compose_file() -> None:
    api = compose()["services"]["api"]
    (check,) = STAGES["base"].said("HEALTHCHECK")
    assert json.loads(check.split(" CMD ", 1)[1]) == api["healthcheck"]["test"][1:]
    (command,) = STAGES["base"].said("CMD")
    assert json.loads(command) == api["command"]


def test_nothing_secret_is_in_it() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"(?i)password|secret|token|api_key|_key=", text)
    assert "--index-url" not in text
    assert "ADD " not in text


def test_the_bases_are_pinned_and_the_last_stage_is_the_service() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG PYTHON=3\.11\.\d+-slim-\w+$", text, re.MULTILINE)
    assert list(STAGES)[-1] == "service"
    for service in compose()["services"].values():
        if "build" in service:
            assert service["build"]["target"] in STAGES
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
