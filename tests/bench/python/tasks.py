"""Tasks: made, awaited, taking turns, idle; and what they wait for. As in `src/workloads`."""

import asyncio

from measure import Began, peak, resident


async def nothing(i=0):
    return i


async def spawn_await(n):
    async def work(n):
        for i in range(n):
            await asyncio.create_task(nothing(i))

    await work(n // 10)
    began = Began()
    await work(n)
    return {"ps": began.each(n)}


async def at_once(n):
    for task in [asyncio.create_task(nothing(i)) for i in range(n)]:
        await task


async def spawn_all(n):
    rounds = max(200_000 // n, 1)
    await at_once(n)
    began = Began()
    for _ in range(rounds):
        await at_once(n)
    return {"ps": began.each(n * rounds)}


async def spawn_million(n):
    before = resident()
    began = Began()
    await at_once(n)
    return {"ps": began.each(n), "peak": peak() - before}


async def yields(times):
    for _ in range(times):
        await asyncio.sleep(0)


async def yield_all(n):
    async def work(times):
        for task in [asyncio.create_task(yields(times)) for _ in range(n)]:
            await task

    times = max(500_000 // n, 1)
    await work(max(times // 10, 1))
    began = Began()
    await work(times)
    return {"ps": began.each(n * times)}


async def yield_alone(n):
    async def work():
        began = Began()
        await yields(n)
        return {"ps": began.each(n)}

    return await asyncio.create_task(work())


async def idle(n):
    async def wait():
        await asyncio.Future()

    before = resident()
    tasks = [asyncio.create_task(wait()) for _ in range(n)]
    await asyncio.sleep(0)
    held = (resident() - before) // n
    del tasks
    return {"bytes": held}


async def parked(n):
    event = asyncio.Event()
    done = 0

    async def wait():
        nonlocal done
        await event.wait()
        done += 1

    before = resident()
    tasks = [asyncio.create_task(wait()) for _ in range(n)]
    await asyncio.sleep(0)
    held = (resident() - before) // n
    began = Began()
    event.set()
    while done < n:
        await asyncio.sleep(0)
    ps = began.each(n)
    del tasks
    return {"bytes": held, "ps": ps}


def ping_pong(size):
    async def run(n):
        there, back = asyncio.Queue(size), asyncio.Queue(size)

        async def answer():
            for _ in range(n):
                await back.put(await there.get() + 1)

        async def ask():
            began = Began()
            for i in range(n):
                await there.put(i)
                assert await back.get() == i + 1
            return {"ps": began.each(n)}

        other = asyncio.create_task(answer())
        report = await asyncio.create_task(ask())
        await other
        return report

    return run


def throughput(size):
    async def run(n):
        queue = asyncio.Queue(size)

        async def source():
            for i in range(n):
                await queue.put(i)

        async def sink():
            for i in range(n):
                assert await queue.get() == i

        began = Began()
        for task in [asyncio.create_task(source()), asyncio.create_task(sink())]:
            await task
        return {"ps": began.each(n)}

    return run


async def lock(n):
    async def work():
        lock = asyncio.Lock()
        began = Began()
        for _ in range(n):
            async with lock:
                pass
        return {"ps": began.each(n)}

    return await asyncio.create_task(work())


async def semaphore(n):
    async def work():
        semaphore = asyncio.Semaphore(10)
        began = Began()
        for _ in range(n):
            async with semaphore:
                pass
        return {"ps": began.each(n)}

    return await asyncio.create_task(work())


async def lock_handed_on(n):
    tasks, rounds = 100, n // 100
    lock = asyncio.Lock()
    last = barged = 0

    async def work(me):
        nonlocal last, barged
        for round in range(rounds):
            async with lock:
                if (last + 1) % tasks != me and round > 0:
                    barged += 1
                last = me

    await lock.acquire()
    all = [asyncio.create_task(work(me)) for me in range(tasks)]
    for _ in range(3):
        await asyncio.sleep(0)
    began = Began()
    lock.release()
    for task in all:
        await task
    return {"ps": began.each(rounds * tasks), "barged": barged}


# Name, how much, and what.
ALL = [
    ("spawn-await", 200_000, spawn_await),
    ("spawn-all", 1_000, spawn_all),
    ("spawn-million", 1_000_000, spawn_million),
    ("yield-all", 1_000, yield_all),
    ("yield-alone", 500_000, yield_alone),
    ("idle", 200_000, idle),
    ("parked", 200_000, parked),
    ("bounded-ping-pong", 100_000, ping_pong(64)),
    ("bounded-throughput", 500_000, throughput(64)),
    ("unbounded-ping-pong", 100_000, ping_pong(0)),
    ("unbounded-throughput", 500_000, throughput(0)),
    ("lock", 500_000, lock),
    ("semaphore", 500_000, semaphore),
    ("lock-handed-on", 100_000, lock_handed_on),
]
