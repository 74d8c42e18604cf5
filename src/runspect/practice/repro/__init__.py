"""How to rebuild a run: what is recorded of it (`origin`), what is there of that (`found`), the gaps (`gaps`), the shell
script (`script`), and whether what came of it is the same (`same`). Pure functions; the disk is looked at elsewhere.
"""
