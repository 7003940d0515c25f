"""The assignment methods. To add one: a file beside these, and a line here."""

from cartera.core.methods.least_load import LEAST_LOAD
from cartera.core.methods.manual import MANUAL
from cartera.core.methods.method import Method
from cartera.core.methods.round_robin import ROUND_ROBIN
from cartera.core.vocabulary import AssignmentMethod

METHODS: dict[AssignmentMethod, Method] = {
    AssignmentMethod.ROUND_ROBIN: ROUND_ROBIN,
    AssignmentMethod.LEAST_LOAD: LEAST_LOAD,
    AssignmentMethod.MANUAL: MANUAL,
}
"""Every method by its name in the contract."""
