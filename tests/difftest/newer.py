"""What asyncio's rules are since CPython 3.12 to 3.14, where those of 3.11 are others, and where everloop's are on purpose.

Each stands on what 3.11 has, and says what it changes.
"""

import asyncio
from asyncio import CancelledError, timeouts

# ---- scopes
#
# For the rule `deadline-after-cancel` it must be known whether a request comes from outside a scope: of a task's cancellations those
# count that were not made by a scope inside.

_scopes = {}


class Scope:
    """Mixed into what cancels its own task: a timeout, a group."""

    _fired = False

    def _begin(self, task):
        self._scope_task = task
        self._stack = _scopes.setdefault(task, [])
        self._stack.append(self)
        self._before = self._outside()

    def _end(self):
        self._stack.remove(self)
        if not self._stack:
            del _scopes[self._scope_task]

    def _outside(self):
        at = self._stack.index(self)
        return self._scope_task.cancelling() - sum(scope._fired for scope in self._stack[at:])

    def _asked_from_outside(self):
        return self._outside() > self._before


class Timeout(Scope, timeouts.Timeout):
    async def __aenter__(self):
        self._begin(asyncio.current_task())
        return await super().__aenter__()

    async def __aexit__(self, *args):
        try:
            return await super().__aexit__(*args)
        finally:
            self._end()

    def _on_timeout(self):
        # Rule `deadline-after-cancel`: once a cancellation came from outside, the deadline cuts nothing.
        if not self._asked_from_outside():
            self._fired = True
            super()._on_timeout()


def timeout(delay):
    return Timeout(asyncio.get_running_loop().time() + delay)


async def wait_for(future, delay):
    """3.12: the future runs in the task that waits, so its cleanup has ended when this does, and a value of it wins."""
    async with timeout(delay):
        return await future


class TaskGroup(Scope, asyncio.TaskGroup):
    async def __aenter__(self):
        self._begin(asyncio.current_task())
        return await super().__aenter__()

    def _on_task_done(self, task):
        requested = self._parent_cancel_requested
        super()._on_task_done(task)
        if self._parent_cancel_requested and not requested:
            self._fired = True

    async def __aexit__(self, *args):
        asked = self._asked_from_outside()
        try:
            result = await super().__aexit__(*args)
        except BaseExceptionGroup:
            self._fired = False
            # 3.13: a cancellation from outside that came together with an error is not lost.
            if asked or self._asked_from_outside():
                self._parent_task.uncancel()
                self._parent_task.cancel()
            raise
        finally:
            self._fired = False
            self._end()
        return result


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
    """3.13: a notification that was given to one that is cancelled goes to another."""

    async def wait(self):
        notified = []
        waiters = self._waiters
        cancelled = None
        self.release()
        try:
            waiter = self._get_loop().create_future()
            waiters.append(waiter)
            try:
                await waiter
            except CancelledError as error:
                cancelled = error
            finally:
                waiters.remove(waiter)
            notified = waiter.done() and not waiter.cancelled()
        finally:
            while True:
                try:
                    await self.acquire()
                    break
                except CancelledError as error:
                    cancelled = error
        if cancelled is not None:
            if notified:
                self.notify(1)
            raise cancelled
        return True
