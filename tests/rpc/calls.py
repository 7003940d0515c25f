"""Calls as servicers get them, without a server."""

from cartera.core.caller import Caller
from cartera.core.records import Actor
from cartera.core.vocabulary import Role
from cartera.rpc.call import Call
from cartera.rpc.methods import all_methods

METHODS = {method.name: method for method in all_methods()}


def call_of(name, actor=Actor(Role.ADMINISTRATOR), **fields):
    method = METHODS[name]
    return Call(method, method.request(tenant_id="acme", **fields), Caller(actor))
