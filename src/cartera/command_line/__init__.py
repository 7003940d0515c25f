"""The command line: `cartera serve`, `cartera apply`, `cartera route` and the others."""

import os

# gRPC's own core writes to stderr what it thinks of the bytes that anybody sends, those bytes included, past the log.
# It looks at this when it is first imported; who mends a connection says GRPC_VERBOSITY=ERROR.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
