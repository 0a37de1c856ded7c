"""Made by deploy/proto/generate.py from deploy/proto/compose.proto. Never edited by hand."""
