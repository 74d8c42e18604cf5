"""What is said in the README of a figure that is beyond its budget: the profile of its path, the floor, what was tried.

By the line's words in `lines.py`. Only what is missed in the last measurement is printed; a miss without a note says so.
"""

from __future__ import annotations

_TRUE_FRAME = (
    "the screen takes 0.25 s of CPU until then, 0.19 of them to import; the floor is Textual alone, 0.16. Tried: dataclasses that"
    " are defined in a fraction of the time (0.06 s less), the first rows without waiting for what there is to choose from"
    " (0.25 s of the engine after a change), the run under the cursor resolved alone, watching only once the rows are there,"
    " stand-ins for what Textual and asyncio import in vain (0.02 s), no hashes (0.005 s): 0.51 and 0.98 s before. It is 0.29 to"
    " 0.32 s from one measurement to the next. Left: panes imported later, some 15 ms."
)

MISSED: dict[str, str] = {
    "first true frame, 10,000 runs, engine up / not yet up": _TRUE_FRAME,
    "the same at 200x60 in 256 colours, engine up": "as above; a larger screen asks for more rows.",
    "sort / filter of 100,000 runs, key → frame": (
        "a sort is 78 ms where the cursor is on the first row: the query takes 45, 100,000 ids on their way 8, the table 9, the"
        " frame 6. Further down the cursor's run stands elsewhere in the new order, and the rows around it are a second"
        " question, 35 ms more. Tried: rows that count found without looking for the newest of all (order by a metric 66 → 38"
        " ms, filter by two params 51 → 30), order and first rows in one question, ids taken in without looking each of them up"
        " (22 → 9 ms on the event loop); params kept as Arrow's columns (18 instead of 24 ms for 4 MB a param, not kept). Not"
        " done: a question that finds the window around a run by itself."
    ),
    "memory of the engine that has just indexed 10,000 runs": (
        "340 to 380 MB from one time to the next; some 220 once the engine was started anew. What each run told is kept, so"
        " that the next line of any of them needs no question (100 MB), DuckDB keeps what it wrote. Tried: no pandas (50 MB"
        " less), fewer arenas of the allocator (15 less), giving freed memory back at once (15 less, not kept)."
    ),
    "at rest, 10,000 runs: CPU of screen and engine": (
        "the engine takes 0.15 for clocks and states and 0.1 for the sweep that compares 20,000 files with the disk, the screen"
        " 0.17, of which 0.12 are ten looks a second for keys by Textual. Tried: states decided again of unended runs alone (a"
        " quarter percent less), a screen that nobody wakes where there is no news, sweeps a quarter as often where the kernel"
        " tells of everything (0.3 less)."
    ),
    "the same, times idle": (
        "the median is the same as at rest; at rest 99 of 100 keys are painted within 5 ms (24 until a list that scrolls was drawn"
        " anew no more), here two of 231 waited 15 to 19 ms, half of what is allowed, while the screen took in the order of its"
        " runs, which it asks for after news of other trees, too. Tried: an interpreter that changes hands after 1 ms, engine and"
        " workers at a lower priority. Not done: an engine that tells each screen only of its own directories."
    ),
    "one live run open, CPU of screen and engine": (
        "twice a second beside 1,000 others; once a second it is 2.7 %. A line costs 20 ms of the engine, 10 of them to store"
        " it (half in BEGIN and COMMIT, half in four INSERTs of 1 ms: DuckDB's floor here), 2.5 in DuckDB's own threads, 6 for"
        " the questions of the screen, and 9 of the screen. Tried: prepared statements (no gain), arrays instead of values (2.9"
        " ms an INSERT), telling the list what was written instead of asking for it (kept), charts below the table every two"
        " seconds (kept), the best values every five seconds (kept)."
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
        "with the engine up 0.36 s; its start takes 0.3 s of CPU, half of them to import NumPy and DuckDB, beside a screen that"
        " takes 0.2 s to import. Tried: curves without pandas in engine and screen (0.15 s of CPU each), outlines out of the"
        " index (54 → 30 ms for ten series), the lower pane filled as soon as the rows are painted (0.15 s), what draws imported"
        " while the engine starts (0.06 s), in two threads with the rest of the screen (no gain: the interpreter's lock): 0.73"
        " and 1.15 s before. It is 0.5 to 0.54 s from one measurement to the next."
    ),
    "100 M points: list filtered, sorted / its window / both": (
        "each alone is within it; together they are one question, whose window is of runs that stand apart, where reading five"
        " tables takes 28 ms instead of 24: some 40 ms at 10,000 runs x 60 params, 47 before. Tried: the usual order handed to the"
        " query as a table (37 → 18 ms), rows that count found without the newest of all (25 → 17 ms of CPU), one look at a"
        " table for a window's runs (39 → 28 ms, kept). Left: DuckDB plans each of the five statements for 1 to 3 ms."
    ),
    "100 M points: one series / 20 series": (
        "9.5 ms in the measurement before, 11.5 in this one, 13 of them CPU on both cores: most is to unpack the row groups in which"
        " its thousand points lie. Tried: the run found without its name in the view of all runs (8 ms less), its metric without"
        " the summaries of all its metrics. At 10 steps a run it is within the budget."
    ),
    "the same, both cores busy, 2,000 runs being indexed": (
        "thirty appends, so that p95 is the second slowest: 0.18 to 0.31 s from one measurement to the next, 0.34 before. The"
        " slow ones wait while the other tree is walked, or for a commit of a handful of runs beside two processes that burn"
        " both cores. Tried: news of the other tree that hold up no question for the rows (0.06 s less), an interpreter that"
        " changes hands after half a millisecond (0.07 s less), handfuls of 25 to 100 runs by what they cost lately (no"
        " difference). Workers and engine run at a lower priority than the trainings."
    ),
    "append → painted, 50 runs at 10 Hz, p50 / p95": (
        "a round of 50 files takes 29 ms, 14 of them four INSERTs and a COMMIT; rows are asked for every 0.14 s, so that the"
        " terminal gets less than 5 kB/s."
    ),
}
