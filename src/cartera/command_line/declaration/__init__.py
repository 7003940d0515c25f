"""Declarations: a tenant's configuration in YAML, and every mistake in it with its line."""

from cartera.command_line.declaration.document import Declaration, read_declaration
from cartera.command_line.declaration.mistakes import Mistake, Mistakes

__all__ = ["Declaration", "Mistake", "Mistakes", "read_declaration"]
