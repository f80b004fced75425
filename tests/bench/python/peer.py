"""`peer.py RUNTIME WORKLOAD [N]`: as `everloop-bench`, on Python's asyncio with its own loop or with uvloop's.

`peer.py list` prints every pair that there is. For the load, EVERLOOP_BENCH is that program.
"""

import asyncio
import os
import sys

import processes
import sockets
import tasks
import threads
import timers

RUNTIMES = ["asyncio"]
try:
    import uvloop

    RUNTIMES.append("uvloop")
except ImportError:
    pass

WORKLOADS = [work for part in (tasks, timers, sockets, threads, processes) for work in part.ALL]


def main(args):
    if args == ["list"]:
        for runtime in RUNTIMES:
            for name, _, _ in WORKLOADS:
                print(runtime, name)
        return
    runtime, workload, *n = args
    found = [(known, run) for name, known, run in WORKLOADS if name == workload]
    if runtime not in RUNTIMES or not found:
        sys.exit(f"error: there is no {workload} on {runtime}: see `peer.py list`")
    known, run = found[0]
    if runtime == "uvloop":
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

    async def measured():
        report = await run(int(n[0]) if n else known)
        numbers = " ".join(f"{key}={number}" for key, number in report.items())
        print(f"row {runtime}|{workload}|{numbers}", flush=True)
        # As there: what is left is not part of the work.
        os._exit(0)

    asyncio.run(measured())


main(sys.argv[1:])
