"""The task API: what may be called, with which arguments. A call's arguments are JSON and nothing else.

docs/tasks.md describes each for who calls it. A change that breaks a caller gets a new version number.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.jobs.orders import Order, read_order
from integrations.jobs.tenants import LOCAL
from scoring.errors import InputError, UnknownChoice

VERSION = 1
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose form is right. source: as the caller named the film; None for a call without one.

    request_id: the caller's own name of the request, the same however often it is sent.
    """

    order: Order
    tenant: str
    source: Mapping[str, Any] | None = None
    request_id: str | None = None


def score_video(
    source: Any, order: Any = None, *, tenant: Any = LOCAL, request_id: Any = None, version: Any = VERSION
) -> Call:
    """cuesmith.score_video: the film with music."""
    return _with_film("score", source, order, tenant, request_id, version)


def analyse(
    source: Any, order: Any = None, *, tenant: Any = LOCAL, request_id: Any = None, version: Any = VERSION
) -> Call:
    """cuesmith.analyse: what the film looks and sounds like."""
    return _with_film("analyse", source, order, tenant, request_id, version)


def spot(
    source: Any, order: Any = None, *, tenant: Any = LOCAL, request_id: Any = None, version: Any = VERSION
) -> Call:
    """cuesmith.spot: the cue sheet, to be edited."""
    return _with_film("spot", source, order, tenant, request_id, version)


def compose_cue(
    sheet: Any, cue: Any, wish: Any = None, *, tenant: Any = LOCAL, request_id: Any = None, version: Any = VERSION
) -> Call:
    """cuesmith.compose_cue: the music of one cue of a sheet, without a film. sheet: the JSON document, or its text."""
    _check_version(version)
    text = sheet if isinstance(sheet, str) else json.dumps(sheet, ensure_ascii=False)
    document = {"kind": "compose_cue", "wish": {} if wish is None else wish, "texts": {"sheet": text}, "cue": cue}
    return Call(read_order(document), _tenant(tenant), request_id=_request_id(request_id))


CALLS: Mapping[str, Callable[..., Call]] = {
    "cuesmith.score_video": score_video,
    "cuesmith.analyse": analyse,
    "cuesmith.spot": spot,
    "cuesmith.compose_cue": compose_cue,
}


def read_call(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
    """A call as it came. Raises UnknownChoice for no task of ours, InputError for arguments that do not fit."""
    called = CALLS.get(name)
    if called is None:
        raise UnknownChoice.among("task", name[:100], list(CALLS))
    signature = inspect.signature(called)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise InputError(f"{name} was called wrongly: {error}", f"Call {name}{_form(signature)}") from error
    return called(*bound.args, **bound.kwargs)


def _form(signature: inspect.Signature) -> str:
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(plain))


def _with_film(kind: str, source: Any, order: Any, tenant: Any, request_id: Any, version: Any) -> Call:
    _check_version(version)
    if not isinstance(source, Mapping):
        raise InputError(f"source is {type(source).__name__}, not an object", 'Give one such as {"upload": "up_…"}')
    document = {} if order is None else order
    if not isinstance(document, Mapping):
        raise InputError(f"order is {type(document).__name__}, not an object", 'Give one such as {"wish": {…}}')
    if document.get("kind", kind) != kind:
        raise InputError(f"the order is of kind {document['kind']!r}", f"This task does {kind!r}: leave the kind out")
    return Call(read_order({**document, "kind": kind}), _tenant(tenant), dict(source), _request_id(request_id))


def _check_version(version: Any) -> None:
    if version != VERSION or isinstance(version, bool):
        raise InputError(f"the version is {version!r:.40}", f"This service knows version {VERSION} of its tasks")


def _tenant(name: Any) -> str:
    if not isinstance(name, str):
        raise InputError(f"the tenant is {type(name).__name__}, not text", "Give the tenant's name")
    return name


def _request_id(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        raise InputError("the request_id is no text of 1 to 200 characters", "Give one, or leave it out")
    return value
