"""The generated modules are what the proto says, and made as the script makes them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from google.protobuf import descriptor_pb2

from integrations.rpc.generated import compose_pb2 as pb

ROOT = Path(__file__).parents[3]
GENERATED = ROOT / "integrations/rpc/generated"


def test_generating_again_gives_the_same_descriptors_and_the_same_service(tmp_path: Path) -> None:
    script = ROOT / "deploy/proto/generate.py"
    done = subprocess.run([sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = tmp_path / "integrations/rpc/generated"
    found = (made / "compose_pb2.py").read_text(encoding="utf-8")
    assert _descriptor(found) == _descriptor((GENERATED / "compose_pb2.py").read_text(encoding="utf-8"))
    for name in ("compose_pb2.py", "compose_pb2.pyi", "compose_pb2_grpc.py"):
        assert (made / name).read_bytes() == (GENERATED / name).read_bytes(), f"run make proto: {name} is not of today"


def test_the_package_and_the_method_are_called_as_documented() -> None:
    service = pb.DESCRIPTOR.services_by_name["Composer"]
    assert service.full_name == "cuesmith.compose.v1.Composer"
    assert [(method.name, method.server_streaming) for method in service.methods] == [("ComposeCue", True)]


def _descriptor(module: str) -> descriptor_pb2.FileDescriptorProto:
    """What a generated module registers, read from its text."""
    line = next(line for line in module.splitlines() if "AddSerializedFile(" in line)
    data = ast.literal_eval(line.split("AddSerializedFile(", 1)[1].rsplit(")", 1)[0])
    return descriptor_pb2.FileDescriptorProto.FromString(data)
