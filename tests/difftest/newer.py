"""What asyncio's queues and conditions do since CPython 3.13, where those of 3.11 do otherwise, and where everloop's do so on purpose.

Each stands on what 3.11 has, and says what it changes.
"""

import asyncio
from asyncio import CancelledError

# ---- queues: `shutdown` is of 3.13

class QueueShutDown(Exception):
    pass


class Shutdown:
    _shut = False

    def shutdown(self, immediate=False):
        self._shut = True
        if immediate:
            while not self.empty():
                self._get()
                if self._unfinished_tasks > 0:
                    self.task_done()
        # All look again.
        for line in (self._getters, self._putters):
            while line:
                waiter = line.popleft()
                if not waiter.done():
                    waiter.set_result(None)

    async def get(self):
        while self.empty():
            if self._shut:
                raise QueueShutDown
            waiter = self._get_loop().create_future()
            self._getters.append(waiter)
            try:
                await waiter
            except CancelledError:
                waiter.cancel()
                if waiter in self._getters:
                    self._getters.remove(waiter)
                if not self.empty() and not waiter.cancelled():
                    self._wakeup_next(self._getters)
                raise
        return self.get_nowait()

    async def put(self, item):
        while self.full():
            if self._shut:
                raise QueueShutDown
            waiter = self._get_loop().create_future()
            self._putters.append(waiter)
            try:
                await waiter
            except CancelledError:
                waiter.cancel()
                if waiter in self._putters:
                    self._putters.remove(waiter)
                if not self.full() and not waiter.cancelled():
                    self._wakeup_next(self._putters)
                raise
        return self.put_nowait(item)

    def get_nowait(self):
        if self._shut and self.empty():
            raise QueueShutDown
        return super().get_nowait()

    def put_nowait(self, item):
        if self._shut:
            raise QueueShutDown
        super().put_nowait(item)


class Queue(Shutdown, asyncio.Queue):
    pass


class LifoQueue(Shutdown, asyncio.LifoQueue):
    pass


class PriorityQueue(Shutdown, asyncio.PriorityQueue):
    pass


class Condition(asyncio.Condition):
    """3.13: a notification that was given to one that is cancelled goes to another.

    Rule `no-spurious-notification`: only if one was given; there, also if none was.
    """

    async def wait(self):
        waiter = self._get_loop().create_future()
        cancelled = None
        self.release()
        self._waiters.append(waiter)
        try:
            await waiter
        except CancelledError as error:
            cancelled = error
        self._waiters.remove(waiter)
        passed = cancelled is not None and not waiter.cancelled()
        if passed:
            # Rule `notification-passes-at-once`: before it takes the lock again.
            self._pass_on()
        while True:
            try:
                await self.acquire()
                break
            except CancelledError as error:
                cancelled = error
                if self._lock._waiters:
                    self.parted("condition-keeps-its-place")
        if cancelled is not None:
            if not waiter.cancelled() and not passed:
                self._pass_on()
            raise cancelled
        return True

    def _pass_on(self):
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(False)
                return
