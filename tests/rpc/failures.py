"""What a failed call says."""

from contextlib import asynccontextmanager

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status


class Failed:
    """A failed call, taken apart."""

    def __init__(self, error):
        self.code = error.code()
        self.message = error.details()
        self.status = rpc_status.from_call(error)
        self.details = {} if self.status is None else dict(map(opened, self.status.details))

    @property
    def reason(self):
        return self.details["ErrorInfo"].reason

    @property
    def fields(self):
        return {each.field for each in self.details["BadRequest"].field_violations}

    @property
    def preconditions(self):
        return [(each.type, each.subject) for each in self.details["PreconditionFailure"].violations]


def opened(packed):
    name = packed.type_url.rpartition(".")[2]
    detail = getattr(error_details_pb2, name)()
    packed.Unpack(detail)
    return name, detail


@asynccontextmanager
async def failing(code, reason=None):
    """The calls within fail with that code and reason; what they say is filled in at the end."""
    found = Found()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        yield found
    found.failed = Failed(caught.value)
    assert found.failed.code is code, found.failed.message
    if reason is not None:
        assert found.failed.reason == reason


class Found:
    failed = None

    def __getattr__(self, name):
        return getattr(self.failed, name)
