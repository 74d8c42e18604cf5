"""What is said in the README of a figure that is beyond its budget: the profile of its path, the floor, what was tried.

By the line's words in `lines.py`. Only what is missed in the last measurement is printed; a miss without a note says so.
"""

from __future__ import annotations

_TRUE_FRAME = (
    "the screen takes 0.28 s of CPU until then, 0.22 of them to import; the floor is Textual alone, 0.16. Tried: dataclasses that"
    " are defined in a fraction of the time (0.06 s less), the first rows without waiting for what there is to choose from"
    " (0.25 s of the engine after a change), the run under the cursor resolved alone, watching only once the rows are there:"
    " 0.51 and 0.98 s before. Left: panes imported later, some 15 ms."
)

MISSED: dict[str, str] = {
    "first true frame, 10,000 runs, engine up / not yet up": _TRUE_FRAME,
    "the same at 200x60 in 256 colours, engine up": "as above; a larger screen asks for more rows.",
    "sort / filter of 10,000 runs, key → frame": (
        "10 ms of rest behind the key, 20 of the query, 25 to read 50 rows that were not shown before, then the frame. Tried:"
        " the usual order handed to the query as a table (51 ms before), a shorter rest (80 ms before)."
    ),
    "sort / filter of 100,000 runs, key → frame": (
        "10 ms of rest behind the key, 30 of the query with its order by a metric, 5 to send it and to take it over, 15 for the"
        " frame. Tried: parameter lists, JSON and a registered table for the runs (the last one is kept); the keys that were"
        " written more than once remembered, so that the newest of 600,000 rows need not be found (51 → 30 ms of CPU, kept); the"
        " columns of both params in memory as Arrow (18 instead of 24, not kept: they take 3 MB a param, and 60 ms at first);"
        " values that are offered remembered (25 ms beside each query before). The floor of the query is some 15: joining"
        " 100,000 runs twice, and putting them in order."
    ),
    "key → frame, 100,000 runs, p50 / p99": (
        "3.1 ms at 10,000 runs; where the other 3 ms come from is not found out yet."
    ),
    "at rest, 10,000 runs: CPU of screen and engine": (
        "the engine takes 0.7, 0.4 of them for the sweep that compares 20,000 files with the disk to find what inotify missed"
        " (one part in 250 of the time at most), the rest for clocks and states; the screen 0.2. Tried: states decided again of"
        " unended runs alone (a quarter percent less), a screen that nobody wakes where there is no news. Left: to sweep more"
        " rarely would find later what a full queue of the kernel hid."
    ),
    "one live run open, CPU of screen and engine": (
        "twice a second beside 1,000 others; once a second it is 2.9 %. A line costs 7 ms: four INSERTs of 1 ms and a COMMIT of"
        " 1.7, which is DuckDB's floor here, then the questions of the screen. Tried: prepared statements (no gain), arrays"
        " instead of values (2.9 ms an INSERT), telling the list what was written instead of asking for it (kept), charts"
        " below the table every two seconds (kept)."
    ),
    "event files, records: regular, torch / TF2": (
        "TF2: of 75 ns a record the look-ups and cuts take 18, comparing 3, waiting on memory 10 to 15, the first thousand records of"
        " a file the rest; the floor is some 20, each number copied once. Tried: one pass that folds and decodes a block in"
        " the cache (62 → 50 ns, kept), cuts found instead of sorted (15 → 3, kept), the end of a stretch bisected (kept),"
        " blocks of 128 kB (97 ns), chunks of 4 MB (torch faster, TF2 slower), shorter stretches (no gain)."
    ),
    "cold, 10,000 runs, 305 MB: first rows / all rows visible": (
        "the engine starts meanwhile (0.45 s of CPU, imports), then walks for 0.1 s before it shows the newest. All rows: 20,000"
        " files are walked (0.5 s), opened and shown to the readers (1.1 s), resolved (0.5 s) and stored in one thread; the"
        " floor of walk and heads alone is 0.9 s. Tried: reading the newest directories first (kept), the first rows after"
        " 0.1 s (kept), readers asked by name and by beginning (kept), fewer looks on the way (kept, 16th part of the walk)."
    ),
    "cold, 10,000 runs, 305 MB, 12 M points: all indexed": (
        "18 s of CPU on two cores: workers 6.4 (parsing), the storing thread 8 (taking, summaries, rows), DuckDB 3.5 (12 M rows"
        " at 3 M/s). The floor of parsing and inserting alone is 5 s. Tried: summaries and outlines of a commit's series made"
        " together (43 → 4 us each), commits half as often, a row a run once, times compared once a run, workers that do not"
        " wait for the storing thread: 22 s of CPU before."
    ),
    "10 series x 1 M points, thinned and drawn: first / again": (
        "0.1 s of the engine's CPU, 6 ms a series out of the outline that the index keeps of it, the rest for the answer and"
        " the picture. Tried: outlines stored when a series is at rest (0.25 s before, all points read), columns of Arrow taken"
        " from their buffers (0.39 s before: Arrow loaded pandas), two threads (no gain), one statement for all series (half as"
        " much again). A series whose outline was not stored before its engine left is read in full, 20 ms."
    ),
    "run of 100k steps x 10 metrics reopened, engine up / not up": (
        "0.3 s until the first rows, 0.2 s of rest before the lower pane is filled; then the engine answers in 2 ms where it drew"
        " the run before and with 35 ms of CPU otherwise, and the modules that draw are loaded; the engine's start takes 0.3 to"
        " 0.4 s more, of which 0.24 are CPU, most of it imports. Tried: curves that load no pandas in engine and screen (0.15 s"
        " of CPU each), outlines out of the index (54 → 30 ms for ten series). The rest is there for the cursor that moves on; to"
        " fill the pane without it at the first time would save it."
    ),
    "100 M points: list filtered, sorted / its window / both": (
        "each alone is within it; together they are one question, whose window is of runs that stand apart, where reading five"
        " tables takes 28 ms instead of 24: some 40 ms at 10,000 runs x 60 params, 47 before. Tried: the usual order handed to the"
        " query as a table (37 → 18 ms), rows that count found without the newest of all (25 → 17 ms of CPU), one look at a"
        " table for a window's runs (39 → 28 ms, kept). Left: DuckDB plans each of the five statements for 1 to 3 ms."
    ),
    "the same, both cores busy, 2,000 runs being indexed": (
        "while others are indexed what is live is looked at every 50 ms and between handfuls of runs, 100 where something is live"
        " and 1,000 otherwise; a commit of such a handful beside two processes that burn both cores takes 0.2 to 0.3 s, and an"
        " append waits for it. Workers and engine run at a lower priority than the trainings."
    ),
    "append → painted, 50 runs at 10 Hz, p50 / p95": (
        "a round of 50 files takes 29 ms, 14 of them four INSERTs and a COMMIT; rows are asked for every 0.14 s, so that the"
        " terminal gets less than 5 kB/s."
    ),
}
