"""Tasks woken from another thread. As in `src/workloads/wake.rs`."""

import asyncio
import threading

from measure import Began


class Signal:
    """Set by one thread, waited for by a task of another's loop."""

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.event = asyncio.Event()

    def set(self):
        self.loop.call_soon_threadsafe(self.event.set)

    async def take(self):
        await self.event.wait()
        self.event.clear()


async def other_thread(work):
    """Runs work() in a loop of another thread, and gives what it gives."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def run():
        outcome = asyncio.run(work())
        loop.call_soon_threadsafe(done.set_result, outcome)

    thread = threading.Thread(target=run)
    thread.start()
    outcome = await done
    thread.join()
    return outcome


async def round_trip(n):
    before = n // 10
    back = Signal()
    there = None
    ready = threading.Event()

    async def answer():
        nonlocal there
        there = Signal()
        ready.set()
        for _ in range(before + n):
            await there.take()
            back.set()

    async def ask(times):
        for _ in range(times):
            there.set()
            await back.take()

    answering = asyncio.create_task(other_thread(answer))
    await asyncio.sleep(0)
    ready.wait()
    await ask(before)
    began = Began()
    await ask(n)
    report = {"ps": began.each_by_clock(n)}
    await answering
    return report


async def batched(n):
    tasks = 1_000
    rounds = n // tasks
    before = max(rounds // 10, 1)
    ran = 0
    all_ran = None
    each = [Signal() for _ in range(tasks)]

    async def one(signal):
        nonlocal ran
        for _ in range(before + rounds):
            await signal.take()
            ran += 1
            if ran % tasks == 0:
                all_ran.set()

    async def wake(rounds):
        for _ in range(rounds):
            for signal in each:
                signal.set()
            await all_ran.take()

    async def work():
        nonlocal all_ran
        all_ran = Signal()
        await wake(before)
        began = Began()
        await wake(rounds)
        return began.each_by_clock(rounds * tasks)

    waiting = [asyncio.create_task(one(signal)) for signal in each]
    ps = await other_thread(work)
    for task in waiting:
        await task
    return {"ps": ps}


ALL = [("wake-round-trip", 5_000, round_trip), ("wake-batched", 50_000, batched)]
