"""The parts of benchmarks/service.py, one measurement a file; they start processes as the tests do."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "support"))
