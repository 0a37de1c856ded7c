"""One warm child process that does units, one order at a time. No other module of the service starts processes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

from integrations.service.logs import log_to_stderr, logger
from integrations.service.problems import error_of, problem_of
from integrations.service.settings import ServiceSettings
from integrations.storage.storage import Storage
from integrations.work import family
from integrations.work.task import Outcome, Task, Tell
from scoring.errors import CapacityError, CuesmithError, EngineError, OutputRefused, WorkerLost

# What every child needs; loaded once by the server that children are forked from, so that a new one is there at once.
_PRELOAD = ["integrations.work.hand", "integrations.work.warm"]
NICE = 10  # the service answers before the music is made
_STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGQUIT") if hasattr(signal, name)]
_STOP_S = 2.0  # how long a child that is told to stop may take to end its own children

Kind = Literal["stage", "share", "note", "done", "lost"]
Message = tuple[Kind, Any]
Answer = Outcome | CuesmithError


def _context() -> Any:
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(_PRELOAD)
    return context


class Hand:
    """A child process, from the supervisor's side. Raises CapacityError when the system gives none."""

    def __init__(self, settings: ServiceSettings) -> None:
        context = _context()
        try:
            self._line, far = context.Pipe()
        except OSError as error:
            raise _refused(error) from error
        try:
            with far, _deaf():
                self._process = context.Process(target=_serve, args=(far, settings), daemon=True)
                self._process.start()
        except (OSError, EOFError) as error:
            self._line.close()
            raise _refused(error) from error

    @property
    def pid(self) -> int:
        """The child's process id."""
        pid: int = self._process.pid
        return pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be given work."""
        return bool(self._process.is_alive())

    def give(self, tasks: Sequence[Task]) -> None:
        """Hand over work; answers come by `hear`. Raises WorkerLost when the child is gone."""
        try:
            self._line.send(("do", list(tasks)))
        except OSError as error:
            raise WorkerLost("the child process was gone before it got its work", "Look into the log") from error

    def hear(self, patience_s: float) -> Message | None:
        """The next thing the child says; None when it says nothing for so long. ("lost", why) when it died."""
        wait([self._line, self._process.sentinel], patience_s)
        try:
            if self._line.poll():
                message: Message = self._line.recv()
                return message
        except (EOFError, OSError):
            return "lost", self._why()
        return None if self._process.is_alive() else ("lost", self._why())

    def stop(self) -> None:
        """End the child and everything below it: asked first, killed when that takes too long."""
        with contextlib.suppress(OSError):
            self._line.send(("stop", None))
        below = family.below(self.pid) if self.is_alive else []
        self._process.join(_STOP_S)
        if self._process.is_alive():
            below = family.below(self.pid)
            self._process.kill()
            self._process.join()
        family.end(below)
        self._line.close()

    def _why(self) -> str:
        self._process.join(_STOP_S)
        code = self._process.exitcode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"signal {signal.Signals(-code).name}"
        return f"exit code {code}"


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Processes started in the block are not told to stop: systemd tells all of a service's, and a worker that loses
    the server of its children could not finish what it is doing. They end when the supervisor does."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started below, it would unblock the signals again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _refused(error: Exception) -> CapacityError:
    return CapacityError(
        f"the system starts no child process: {error or type(error).__name__}",
        "Look at the worker's limits: open files, processes, memory",
    )


def server_pids() -> set[int]:
    """Direct children of this process that belong to multiprocessing itself: they are no orphans."""
    pids = set()
    for module, holder, name in (
        ("multiprocessing.forkserver", "_forkserver", "_forkserver_pid"),
        ("multiprocessing.resource_tracker", "_resource_tracker", "_pid"),
    ):
        pid = getattr(getattr(sys.modules.get(module), holder, None), name, None)
        if isinstance(pid, int):
            pids.add(pid)
    return pids


def answer_of(document: tuple[str, Any]) -> Answer:
    """An answer as it came through the pipe."""
    kind, value = document
    return error_of(value) if kind == "problem" else value


# In the child ----------------------------------------------------------------------------------------


class _Teller:
    """Says down the line how the work is getting on."""

    def __init__(self, say: Callable[[Message], None]) -> None:
        self._say = say

    def stage(self, name: str) -> Callable[[float], None]:
        """A stage begins."""
        self._say(("stage", name))
        last, said_s = 0.0, time.monotonic()

        def advance(share: float) -> None:
            nonlocal last, said_s
            now_s = time.monotonic()
            # The smallest movement counts as one, once a second: the supervisor ends what moves nothing.
            if share >= last + 0.01 or share >= 1.0 > last or (share > last and now_s - said_s > 1.0):
                last, said_s = share, now_s
                self._say(("share", share))

        return advance

    def note(self, text: str) -> None:
        """Something the user should know."""
        self._say(("note", text))


def _serve(line: Connection, settings: ServiceSettings) -> None:
    """The child's life: do what comes down the line until the line ends."""
    with contextlib.suppress(OSError):
        os.setsid()  # a Ctrl-C in the supervisor's terminal is the supervisor's business
    if hasattr(os, "nice"):
        os.nice(NICE)
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    log_to_stderr()
    orders: queue.Queue[list[Task]] = queue.Queue()
    stopping = threading.Event()
    saying = threading.Lock()

    def say(message: Message) -> None:
        with saying, contextlib.suppress(OSError):
            line.send(message)

    threading.Thread(target=_listen, args=(line, orders, stopping), daemon=True).start()
    storage: Storage | None = None
    while True:
        tasks = orders.get()
        if not tasks:
            return
        answers: Sequence[Answer]
        try:
            if storage is None:
                from integrations.storage.opening import open_storage

                storage = open_storage(settings.storage_url, settings.environment)
            answers = _answers(tasks, storage, settings, _Teller(say), stopping.is_set)
        except MemoryError:
            logger(__name__).exception("out of memory", unit=tasks[0].unit_id)
            say(("lost", "out of memory"))
            os._exit(1)  # what is left of the heap is not to be trusted
        except CuesmithError as error:
            answers = [error] * len(tasks)
        except Exception as error:  # the rim of the child: nothing a unit does may end it, and the log says what it was
            logger(__name__).exception("a unit broke", unit=tasks[0].unit_id, job=tasks[0].job_id)
            what = f"{tasks[0].kind} broke: {type(error).__name__}: {error}"
            answers = [EngineError(what[:500], "This is a defect; the worker's log has the trace")] * len(tasks)
        if stopping.is_set():
            return
        answers = [_told(a, settings) if isinstance(a, CuesmithError) else a for a in answers]
        say(("done", [("problem", problem_of(a)) if isinstance(a, CuesmithError) else ("outcome", a) for a in answers]))


def _told(error: CuesmithError, settings: ServiceSettings) -> CuesmithError:
    """An error as the job's owner is told of it: without this machine's folders, and not blaming them for its disks."""
    if isinstance(error, OutputRefused):  # every place that is written to here is the operator's choice
        logger(__name__).warning("a place refuses to be written to", what=error.what)
        return CapacityError(
            "the service could not write where it works", "Try again; its operator finds it in the log"
        )
    what = error.what
    for place in (str(settings.work), settings.storage_url, str(settings.data)):
        what = what.replace(f"{place}/", "").replace(place, "the service's folder")
    return type(error)(what, error.advice)


def _answers(
    tasks: Sequence[Task], storage: Storage, settings: ServiceSettings, tell: Tell, cancelled: Callable[[], bool]
) -> Sequence[Answer]:
    if tasks[0].kind == "fetch":
        from integrations.work.units.fetch import fetch

        return [fetch(tasks[0], storage=storage, settings=settings, tell=tell, cancelled=cancelled)]
    from integrations.work.performing import perform

    media, work = settings.media, settings.work
    return perform(tasks, storage=storage, settings=media, work=work, tell=tell, cancelled=cancelled)


def _listen(line: Connection, orders: queue.Queue[list[Task]], stopping: threading.Event) -> None:
    while True:
        try:
            word, tasks = line.recv()
        except (EOFError, OSError):
            family.end_self_and_below()  # the supervisor died: whoever takes over must find nothing of this one
            return
        if word == "stop":
            stopping.set()
            orders.put([])
        else:
            orders.put(tasks)
