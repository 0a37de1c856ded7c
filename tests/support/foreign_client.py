"""A program of somebody else's: a bare Celery client, started as a process, that knows two URLs and docs/tasks.md.

Reads commands as JSON lines, answers each with one. It imports nothing of ours.
"""

import faulthandler
import json
import signal
import sys
import threading
from typing import Any

from celery import Celery
from celery.exceptions import TaskRevokedError


def main() -> None:
    faulthandler.register(signal.SIGUSR1, chain=True)  # who hangs says where, and ends
    app = Celery("foreign", broker=sys.argv[1], backend=sys.argv[2])
    app.conf.update(task_serializer="json", result_serializer="json", accept_content=["json"])
    results: dict[str, Any] = {}
    events: list[dict[str, Any]] = []

    def do(said: dict[str, Any]) -> Any:
        if said["do"] == "send":
            result = app.send_task(
                said["task"], said.get("args"), said.get("kwargs"), **{"queue": "cuesmith", **said.get("options", {})}
            )
            results[result.id] = result
            return result.id
        if said["do"] == "look":
            result = results.get(said["id"]) or app.AsyncResult(said["id"])
            info = result.info
            return {"state": result.state, "info": info if isinstance(info, dict) else repr(info)}
        if said["do"] == "get":
            result = results.get(said["id"]) or app.AsyncResult(said["id"])
            try:
                return {"result": result.get(timeout=said.get("timeout", 30), interval=0.05)}
            except TaskRevokedError as error:
                return {"revoked": str(error)}
            except Exception as error:
                return {"error": type(error).__name__, "args": list(error.args)}
        if said["do"] == "revoke":
            app.control.revoke(said["id"], terminate=said.get("terminate", False))
            return True
        if said["do"] == "ping":
            return app.control.ping(timeout=1.0)
        if said["do"] == "watch":
            ready = threading.Event()

            def watch() -> None:
                with app.connection() as connection:
                    receiver = app.events.Receiver(connection, handlers={"*": events.append})
                    receiver.on_consume_ready = lambda *_, **__: ready.set()
                    receiver.capture(limit=None, timeout=None, wakeup=False)

            threading.Thread(target=watch, daemon=True).start()
            return ready.wait(10)
        assert said["do"] == "events", said
        return [{name: event.get(name) for name in ("type", "uuid", "progress", "state", "job_id")} for event in events]

    for line in sys.stdin:
        try:
            answer = {"ok": do(json.loads(line))}
        except Exception as error:
            answer = {"broke": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
