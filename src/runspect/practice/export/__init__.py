"""Runs of any tool as records of the open format and as tables: what is written, in what words."""
