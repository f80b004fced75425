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
EVERY = -1


class Scope:
    """Mixed into what cancels its own task: a timeout, a group."""

    _fired = False

    def _begin(self, task):
        self._scope_task = task
        self._stack = _scopes.setdefault(task, [])
        self._stack.append(self)
        # Rule `pending-request-counts`: one that is yet to be delivered comes from outside whatever begins before it is.
        self._before = EVERY if task._must_cancel else self._outside()

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
        task = asyncio.current_task()
        self._begin(task)
        await super().__aenter__()
        if task._must_cancel:
            self._cancelling = EVERY
        return self

    async def __aexit__(self, *args):
        try:
            return await super().__aexit__(*args)
        finally:
            self._end()

    def _on_timeout(self):
        # Rule `deadline-after-cancel`: once a cancellation came from outside, the deadline cuts nothing.
        if not self._asked_from_outside():
            self._fired = True
            self._task.cancel(inside=self)
            self._state = timeouts._State.EXPIRING
            self._timeout_handler = None


def timeout(delay):
    return Timeout(asyncio.get_running_loop().time() + delay)


async def wait_for(future, delay):
    """3.12: the future runs in the task that waits, so its cleanup has ended when this does, and a value of it wins."""
    async with timeout(delay):
        return await future


class Task(asyncio.Task):
    def cancel(self, msg=None, inside=None):
        """Rule `group-is-asked-whole`: a request that reaches a group's task reaches the children together with the body."""
        if self.done():
            return False
        scopes = _scopes.get(self, ())
        begin = scopes.index(inside) + 1 if inside else 0
        groups = [scope for scope in scopes[begin:] if hasattr(scope, "ask")]
        result = super().cancel(msg)
        for group in groups:
            group.ask()
        return result


class TaskGroup(Scope):
    """3.13, and everloop's rule `group-is-asked-whole`: and it goes on outwards when all have ended, whatever they
    made of it."""

    def __init__(self):
        self._children = []
        self._errors = []
        self._idle = None
        self._failed = self._exiting = False
        self._outside_request = False

    async def __aenter__(self):
        self._begin(asyncio.current_task())
        return self

    def create_task(self, body):
        task = asyncio.get_running_loop().create_task(body)
        self._children.append(task)
        task.add_done_callback(self._ended)
        return task

    def ask(self):
        self._outside_request = True
        self._cancel_children()

    def _cancel_children(self):
        for child in list(self._children):
            child.cancel()

    def _fail(self, error):
        self._errors.append(error)
        if not self._failed:
            self._failed = True
            self._cancel_children()
            if not self._exiting and not self._outside_request:
                self._fired = True
                self._scope_task.cancel(inside=self)

    def _ended(self, child):
        self._children.remove(child)
        if not self._children and self._idle and not self._idle.done():
            self._idle.set_result(None)
        if not child.cancelled() and child.exception():
            self._fail(child.exception())

    async def __aexit__(self, kind, error, _):
        self._exiting = True
        task = self._scope_task
        own = self._fired
        if own:
            self._fired = False
            task.uncancel()
        cancelled = kind is CancelledError
        if cancelled and not self._outside_request and not own:
            self._cancel_children()  # a cancellation that the body raised
        if kind and not cancelled:
            self._fail(error)
        while self._children:
            self._idle = asyncio.get_running_loop().create_future()
            try:
                await self._idle
            except CancelledError:
                pass  # the children were asked already
        self._end()
        asked = self._outside_request
        if self._errors:
            if asked:
                # 3.13: a cancellation that came together with an error is not lost.
                task.uncancel()
                asyncio.Task.cancel(task)
            raise ExceptionGroup("", self._errors) from None
        if asked and not cancelled:
            raise CancelledError
        return False


class Gather(Scope):
    """Rule `cancelled-gather-waits`: cancelled, it waits for all tasks. Then it gives the first error in order, and is
    cancelled at the next await; without one it goes on outwards, whatever they made of it."""

    asked = False

    def ask(self):
        self.asked = True

    async def run(self, tasks):
        for task in tasks:
            if task.done() and not task.cancelled() and task.exception():
                # Rule `error-before-cancellation`: of what is there at once, an error wins.
                raise task.exception()
        self._begin(asyncio.current_task())
        try:
            return await asyncio.gather(*tasks)
        except (CancelledError, Exception):
            if not self.asked:
                raise
            while pending := [task for task in tasks if not task.done()]:
                try:
                    await asyncio.wait(pending)
                except CancelledError:
                    for task in pending:
                        task.cancel()
            for task in tasks:
                if not task.cancelled() and task.exception():
                    self._scope_task.uncancel()
                    asyncio.Task.cancel(self._scope_task)
                    raise task.exception()
            raise CancelledError from None
        finally:
            self._end()


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
