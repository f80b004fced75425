"""The objects that the tasks of a program share, with one `act` for all that is done to them."""

import asyncio
from asyncio import CancelledError

import newer


class Named(Exception):
    """An error that is known by its name."""


class UserError(Exception):
    """One that a program raises, with its number."""


class Thing:
    def __init__(self):
        self.rules = []

    def parted(self, rule):
        """From here on the two go different ways."""
        self.rules.append((asyncio.get_running_loop().now, rule))

    async def act(self, action, number):
        return self.look()


class QueueThing(Thing):
    def __init__(self, kind, size):
        super().__init__()
        self.queue = kind(size)

    async def act(self, action, number):
        queue = self.queue
        match action:
            case 0:
                await queue.put(number)
            case 1:
                return await queue.get()
            case 2:
                queue.put_nowait(number)
            case 3:
                return queue.get_nowait()
            case 4:
                await queue.join()
            case 5:
                try:
                    queue.task_done()
                except ValueError:
                    raise Named("TaskDone") from None
            case 6:
                queue.shutdown(number != 0)
            case _:
                return self.look()

    def look(self):
        return self.queue.qsize()


class LockThing(Thing):
    def __init__(self, size):
        super().__init__()
        self.guard = asyncio.Lock()

    def look(self):
        return int(self.guard.locked())


class EventThing(Thing):
    def __init__(self, size):
        super().__init__()
        self.event = asyncio.Event()

    async def act(self, action, number):
        match action:
            case 7:
                self.event.set()
            case 8:
                self.event.clear()
            case 9:
                await self.event.wait()
            case _:
                return self.look()

    def look(self):
        return int(self.event.is_set())


class ConditionThing(Thing):
    def __init__(self, size):
        super().__init__()
        self.guard = newer.Condition()
        self.notified = 0
        self.guard.parted = self.parted

    async def act(self, action, number):
        if action != 10:
            return self.look()
        if self.guard.locked():
            return -1
        async with self.guard:
            self.notified += 1
            self.guard.notify(number)

    def look(self):
        return int(self.guard.locked())


class SemaphoreThing(Thing):
    def __init__(self, size):
        super().__init__()
        self.guard = asyncio.Semaphore(size)

    async def act(self, action, number):
        match action:
            case 11:
                await self.guard.acquire()
                self.kept()
            case 12:
                self.release()
            case _:
                return self.look()

    def kept(self):
        pass

    def release(self):
        self.guard.release()

    def look(self):
        return self.guard._value


class BoundedThing(SemaphoreThing):
    def __init__(self, size):
        super().__init__(size)
        self.guard = asyncio.BoundedSemaphore(size)
        self.loose = 0

    def kept(self):
        self.loose += 1

    def release(self):
        # Rule `held-permits-count`: what is held by a guard can't be released by somebody else.
        if self.loose == 0:
            raise Named("Release")
        self.loose -= 1
        super().release()


class BarrierThing(Thing):
    def __init__(self, size):
        super().__init__()
        self.barrier = asyncio.Barrier(size)

    async def act(self, action, number):
        match action:
            case 13:
                try:
                    return await self.barrier.wait()
                except CancelledError:
                    # From here on CPython gives indices twice.
                    self.parted("barrier-index")
                    raise
            case 14:
                await self.barrier.reset()
            case 15:
                await self.barrier.abort()
            case _:
                return self.look()

    def look(self):
        return self.barrier.n_waiting + (100 if self.barrier.broken else 0)


class FutureThing(Thing):
    def __init__(self, size):
        super().__init__()
        self.future = asyncio.get_event_loop().create_future()

    async def act(self, action, number):
        try:
            match action:
                case 17:
                    self.future.set_result(number)
                case 18:
                    self.future.set_exception(UserError(number))
                case 19:
                    return int(self.future.cancel())
                case 20:
                    return await self.wait()
                case _:
                    return self.look()
        except asyncio.InvalidStateError:
            raise Named("InvalidState") from None

    async def wait(self):
        future = self.future
        if not future.done():
            # Rule `cancelled-wait-leaves-the-cell`.
            waiter = asyncio.get_running_loop().create_future()

            def wake(_):
                if not waiter.done():
                    waiter.set_result(None)

            future.add_done_callback(wake)
            try:
                await waiter
            finally:
                future.remove_done_callback(wake)
        if future.cancelled():
            # Rule `cancelled-cell-is-an-error`.
            raise Named("FutureCancelled")
        return future.result()

    def look(self):
        return self.future.done() + self.future.cancelled()


CLASSES = (
    lambda size: QueueThing(newer.Queue, size),
    lambda size: QueueThing(newer.LifoQueue, size),
    lambda size: QueueThing(newer.PriorityQueue, size),
    LockThing, EventThing, ConditionThing, SemaphoreThing, BoundedThing, BarrierThing,
    FutureThing,
)


def make(kind, size):
    return CLASSES[kind](size)
