"""Sleeps, and deadlines that are not reached. As in `src/workloads/timers.rs`."""

import asyncio
import time

from measure import Began, peak, resident

LONG = 10


async def sleeps(n):
    late = [0.0] * n
    done = 0

    async def one(i):
        nonlocal done
        duration = (i * 7919 % 1000 + 1) / 1000
        due = time.perf_counter() + duration
        await asyncio.sleep(duration)
        late[i] = max(time.perf_counter() - due, 0)
        done += 1

    memory, cpu = resident(), time.process_time_ns()
    tasks = [asyncio.create_task(one(i)) for i in range(n)]
    while done < n:
        await asyncio.sleep(0.005)
    cpu, held = time.process_time_ns() - cpu, peak() - memory
    del tasks
    late.sort()
    at = lambda part: int(late[n * part // 100] * 1_000_000)
    return {"cpu-us": cpu // 1000, "peak": held, "late-us": at(50), "late99-us": at(99)}


async def deadlines(n):
    for _ in range(n):
        async with asyncio.timeout(LONG):
            await asyncio.sleep(0)


async def timed(n):
    await deadlines(n // 10)
    began = Began()
    await deadlines(n)
    return {"ps": began.each(n)}


async def timeout_alone(n):
    return await asyncio.create_task(timed(n))


async def timeout_over(n):
    others = [asyncio.create_task(asyncio.sleep((100_000 + i * 7919 % 1_000_000) / 1000)) for i in range(n)]
    await asyncio.sleep(0)
    report = await asyncio.create_task(timed(100_000))
    del others
    return report


async def timeout_tasks(n):
    async def work(each):
        for task in [asyncio.create_task(deadlines(each)) for _ in range(1_000)]:
            await task

    each = n // 1_000
    await work(max(each // 10, 1))
    began = Began()
    await work(each)
    return {"ps": began.each(each * 1_000)}


ALL = [
    ("sleeps", 1_000_000, sleeps),
    ("timeout-alone", 100_000, timeout_alone),
    ("timeout-over", 100_000, timeout_over),
    ("timeout-tasks", 100_000, timeout_tasks),
]
