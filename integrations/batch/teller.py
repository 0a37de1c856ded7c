"""The child's side: run one command, and tell the process that started this one how it is getting on.

    python -P -m integrations.batch.teller score --json -- film.mp4

Standard output carries one JSON object a line: {"stage": …}, {"share": …}, {"note": …}, and at the end {"exit_code": …,
"answer": …} with what the command printed with --json. Standard input says only one thing, by its end: stop.
"""

from __future__ import annotations

import _thread
import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import IO, Any, NoReturn

_STOPPED = 130
_STEP = 0.01
_BEAT_S = 1.0


class Teller:
    """An observer that writes what it hears as lines."""

    def __init__(self, line: IO[str]) -> None:
        self._line = line

    def stage(self, name: str) -> Callable[[float], None]:
        """A stage begins."""
        self.say(stage=name)
        last, said_s = 0.0, time.monotonic()

        def advance(share: float) -> None:
            nonlocal last, said_s
            now_s = time.monotonic()
            if share >= last + _STEP or (share > last and (share >= 1.0 or now_s - said_s > _BEAT_S)):
                last, said_s = share, now_s
                self.say(share=round(share, 4))

        return advance

    def note(self, text: str) -> None:
        """Something the user should know."""
        self.say(note=text)

    def say(self, **message: Any) -> None:
        """One line."""
        try:
            self._line.write(json.dumps(message, ensure_ascii=True) + "\n")
            self._line.flush()
        except BrokenPipeError:
            pass  # whoever started this is gone: the end of standard input stops the run


def main() -> NoReturn:
    """Run the command of this process's arguments."""
    try:
        sys.exit(_tell(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(_STOPPED)  # told to stop before there was anything to stop


def _tell(arguments: Sequence[str]) -> int:
    # A parent in the background of a shell passes on that Ctrl-C is ignored, and being stopped goes the same way.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_stop_at_the_end, daemon=True).start()
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as line:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that a library prints gets between the lines
        return _run(arguments, Teller(line))


def _run(arguments: Sequence[str], teller: Teller) -> int:
    from integrations.cli.main import run
    from integrations.cli.observing import heard_by

    printed = io.StringIO()
    with heard_by(teller), redirect_stdout(printed):
        code = run(arguments)
    teller.say(exit_code=code, answer=json.loads(printed.getvalue() or "null"))
    return code


def _stop_at_the_end() -> None:
    """Wait for the end of standard input, then interrupt the run as Ctrl-C would."""
    while os.read(0, 4096):
        pass
    if hasattr(signal, "pthread_kill"):
        # A real signal, so that a call that waits for ffmpeg is interrupted too.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


if __name__ == "__main__":
    main()
