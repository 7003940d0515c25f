"""Between the core's values and the contract's messages, by their names and nothing else.

A field added on one side only fails a test.
"""

from cartera.contract.changes import decode_change, decode_event, encode_change, encode_event
from cartera.contract.decoding import decode
from cartera.contract.encoding import encode, fields_to_bytes, to_bytes

__all__ = [
    "decode",
    "decode_change",
    "decode_event",
    "encode",
    "encode_change",
    "encode_event",
    "fields_to_bytes",
    "to_bytes",
]
