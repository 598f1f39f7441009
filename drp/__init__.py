"""The faces of the toolkit: the command `drp`, and what it prints and draws."""

__version__ = "0.1.0"
