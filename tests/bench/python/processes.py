"""Subprocesses. As in `src/workloads/processes.rs`."""

import asyncio
from asyncio.subprocess import PIPE

from measure import Began

BLOCK = 256 * 1024
AT_ONCE = 64


async def process():
    process = await asyncio.create_subprocess_exec("/bin/true")
    assert await process.wait() == 0


async def one_at_a_time(n):
    await process()
    began = Began()
    for _ in range(n):
        await process()
    return {"ps": began.each_by_clock(n)}


async def at_once(n):
    await process()
    rounds = max(n // AT_ONCE, 1)
    began = Began()
    for _ in range(rounds):
        for task in [asyncio.create_task(process()) for _ in range(AT_ONCE)]:
            await task
    return {"ps": began.each_by_clock(rounds * AT_ONCE)}


async def resident(n):
    memory = bytearray(1 << 30)
    for place in range(0, len(memory), 4096):
        memory[place] = 1
    report = await one_at_a_time(n)
    del memory
    return report


async def cat(n):
    began = Began()
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)

    async def feed():
        block = bytes(BLOCK)
        for _ in range(n // BLOCK):
            process.stdin.write(block)
            await process.stdin.drain()
        process.stdin.close()

    source = asyncio.create_task(feed())
    came = 0
    while block := await process.stdout.read(BLOCK):
        came += len(block)
    await source
    assert await process.wait() == 0
    assert came == n
    return {"rate": n * 1_000_000_000_000 // began.each_by_clock(1)}


ALL = [
    ("process", 300, one_at_a_time),
    ("processes", 320, at_once),
    ("process-resident", 100, resident),
    ("cat", 256 << 20, cat),
]
