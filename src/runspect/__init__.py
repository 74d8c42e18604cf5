"""Terminal explorer of training runs. Importing this package loads the standard library alone."""

__version__ = "0.1.0"
