"""The deployment's files, read as data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE_FILE = DEPLOY / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}|\$\$")


def compose() -> dict[str, Any]:
    """docker-compose.yml with anchors and merges resolved, variables as written."""
    document: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))
    return document


def with_variables(value: Any, given: dict[str, str]) -> Any:
    """What docker compose makes of `${NAME:-default}`, `${NAME:?message}` and `$$`; KeyError where it would stop."""
    if isinstance(value, dict):
        return {name: with_variables(inner, given) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_variables(inner, given) for inner in value]
    return _VARIABLE.sub(lambda match: _filled(match, given), value) if isinstance(value, str) else value


def variables_of(text: str) -> list[tuple[str, str, str]]:
    """(name, "-", "?" or "", what follows) of each variable in a text."""
    return [(match[1], match[2] or "", match[3] or "") for match in _VARIABLE.finditer(text) if match[1]]


def manifests() -> list[tuple[str, dict[str, Any]]]:
    """Every Kubernetes document with its file's name."""
    return [
        (path.name, document)
        for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def _filled(match: re.Match[str], given: dict[str, str]) -> str:
    name, kind, rest = match[1], match[2], match[3]
    if name is None:
        return "$"
    if given.get(name):
        return given[name]
    if kind == "-":
        return str(rest)
    raise KeyError(name)
