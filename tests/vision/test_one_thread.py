from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

THREADS = Path("/proc/self/task")


@pytest.mark.skipif(not THREADS.is_dir(), reason="this system does not list a process's threads")
def test_listening_for_speech_starts_no_thread(tmp_path: Path) -> None:
    script = f"""
import numpy as np
from pathlib import Path
from vision.speech import SpeechDetector
sound = np.random.default_rng(1).uniform(-0.1, 0.1, 16_000).astype(np.float32)
before = len(list(Path({str(THREADS)!r}).iterdir()))
detector = SpeechDetector()
detector.put(sound)
assert len(detector.probability) > 20
assert len(list(Path({str(THREADS)!r}).iterdir())) == before
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
