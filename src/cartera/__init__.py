"""Cartera routes contacts to the right agent: owners first, then everyone who fits."""

from importlib.metadata import version

__version__ = version("cartera")
