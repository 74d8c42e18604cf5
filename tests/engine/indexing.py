"""`python -m tests.engine.indexing INDEX TREE`: indexes a tree, says when it is done. To be killed in the middle."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from runspect.engine.sync import Syncer
from runspect.index.store import Store


def main() -> int:
    """Index and follow until standard input closes."""
    store = Store.open(Path(sys.argv[1]))
    syncer = Syncer(store, "here", lambda rids, progress: None, time.time)
    syncer.start()
    print("begun", flush=True)
    syncer.sync([sys.argv[2]])
    print("done", flush=True)
    sys.stdin.read()
    syncer.stop()
    store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
