"""Records runs in an open format. The standard library alone: safe and quick to import inside a training process."""
