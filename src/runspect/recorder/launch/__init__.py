"""Records a command while it runs as it would without: `front` stands for it, `keeper` starts and records it.

Three processes in one process group, that of the caller: the front, which is what the shell, Slurm or CI started and
waits for; the keeper, its child; and the program, the keeper's child. What reaches the group reaches the program itself
(ctrl+c, ctrl+z, a resize, a closed terminal), so it is never passed on twice; what only the front got is passed on. The
program has the caller's own stdin and controlling terminal. Either of the two may be killed with signal 9: the other one
goes on to empty the program's console, so that it is not held up and gets no SIGPIPE.
"""
