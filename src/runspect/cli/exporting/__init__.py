"""Writing exported runs to the disk."""
