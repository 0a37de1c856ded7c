"""Makes integrations/rpc/generated/ from compose.proto: `python deploy/proto/generate.py [FOLDER]`.

FOLDER: the root under which the package's folders are made, this repository without it. Needs grpcio-tools.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = "integrations/rpc/generated"


def generate(root: Path) -> Path:
    """Write the modules under a root; the folder they are in. Raises SystemExit where protoc refuses."""
    well_known = resources.files("grpc_tools") / "_proto"
    # Seen by protoc as a file of the package, so that what it writes imports absolutely.
    options = [f"-I{PACKAGE}={HERE}", f"-I{well_known}"]
    options += [f"--{kind}_out={root}" for kind in ("python", "pyi", "grpc_python")]
    code = protoc.main(["protoc", *options, f"{PACKAGE}/compose.proto"])
    if code:
        raise SystemExit(code)
    return root / PACKAGE


if __name__ == "__main__":
    print(generate(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
