"""Declarations: a tenant's configuration in YAML, and every mistake in it with its line."""

from cartera.command_line.declaration.document import ROOT, Declaration, read_declaration
from cartera.command_line.declaration.mistakes import Mistake, Mistakes

__all__ = ["ROOT", "Declaration", "Mistake", "Mistakes", "read_declaration"]
