"""Composing a cue over gRPC: deploy/proto/compose.proto, served. Needs the libraries of `cuesmith[service]`."""
