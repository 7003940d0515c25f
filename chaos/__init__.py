"""Chaos: what runs replicas under traffic, breaks them, and judges what their clients were told."""

import os

# Processes are started beside calls here, and gRPC would have each fork wait for it. It looks when it is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
