"""The companion at work: requests as they come, one after the other, with a sign of life each second."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import sleep

from integrations.resolve.companion.desk import Desk
from integrations.resolve.companion.mailbox import Mailbox, Request
from integrations.resolve.script.words import Trouble
from integrations.service.logs import logger
from scoring.errors import CuesmithError

PAUSE_S = 0.1
BEAT_S = 1.0


def attend(mailbox: Mailbox, desk: Desk, is_over: Callable[[], bool], pause_s: float = PAUSE_S) -> None:
    """Do what scripts ask for until it is over. Raises OutputRefused where answers cannot be put down."""
    mailbox.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ThreadPoolExecutor(1) as hand:
        while not is_over():
            request = mailbox.collect()
            if request is None:
                sleep(pause_s)
            else:
                _serve(mailbox, request, hand.submit(_done, desk, request))


def _serve(mailbox: Mailbox, request: Request, work: Future[tuple[object, str | None]]) -> None:
    number = 0
    while True:
        try:
            value, refusal = work.result(BEAT_S)
        except TimeoutError:
            number += 1
            mailbox.beat(request, number)
            continue
        if refusal is None:
            mailbox.answer(request, value)
        else:
            mailbox.refuse(request, refusal)
        return


def _done(desk: Desk, request: Request) -> tuple[object, str | None]:
    """What came of it, or the line that says why nothing did."""
    try:
        return desk.do(request), None
    except Trouble as trouble:
        return None, str(trouble)
    except CuesmithError as error:
        return None, f"{error.what}. {error.advice}".rstrip(". ") + "."
    except Exception as error:  # the script must hear of it, whatever it is
        logger(__name__).exception("companion", op=request.op)
        return None, f"The companion broke: {type(error).__name__}: {error}. Please report this line."
