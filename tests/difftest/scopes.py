"""What cancels its own task, or tasks of its own: what asyncio's rules are since CPython 3.12 and 3.13, where those of 3.11 are
others, and where everloop's are on purpose.
"""

import asyncio
import weakref
from asyncio import CancelledError, tasks

# Those of each task that have begun, outermost first.
_scopes = {}
# Cancellations of each task that do not count.
_uncounted = weakref.WeakKeyDictionary()


class Scope:
    """What asks what is inside it to end: a timeout, a group."""

    # It has cancelled its own task.
    _fired = False

    def _begin(self, task):
        self._scope_task = task
        self._stack = _scopes.setdefault(task, [])
        self._stack.append(self)
        # Whether a cancellation came from outside. Rule `pending-request-counts`: also one that is yet to be delivered.
        self._asked = task._must_cancel
        self._message = None

    def _end(self):
        self._stack.remove(self)
        if not self._stack:
            del _scopes[self._scope_task]

    def _fire(self):
        self._fired = True
        self._scope_task.cancel(inside=self)

    def _take_back(self):
        if self._fired:
            self._fired = False
            self._scope_task.uncancel()

    def _cancel_again(self):
        """The cancellation is delivered at the next await, and counts once all the same."""
        task = self._scope_task
        asyncio.Task.cancel(task, self._message)
        if task.cancelling() > 1:
            task.uncancel()
        else:
            # Since 3.13 that would take it back.
            _uncounted[task] = _uncounted.get(task, 0) + 1


class Task(asyncio.Task):
    def cancel(self, msg=None, inside=None):
        """Rule `group-is-asked-whole`: a request that reaches a group's task reaches the children together with the body."""
        if self.done():
            return False
        scopes = list(_scopes.get(self, ()))
        scopes = scopes[scopes.index(inside) + 1 if inside else 0:]
        result = super().cancel(msg)
        for scope in scopes:
            scope._asked = True
            scope._message = msg
            if hasattr(scope, "ask"):
                scope.ask(msg)
        return result


def cancelling(task):
    """Rule `own-requests-do-not-count`: how often it was cancelled from outside."""
    own = sum(scope._fired for scope in _scopes.get(task, ()))
    return task.cancelling() - own - _uncounted.get(task, 0)


def cancelled_error(message):
    return CancelledError() if message is None else CancelledError(message)


def create_eager_task(loop, body):
    """Rule `newer-eager`: the first step runs at once."""
    steps = []

    def keep(callback, *args, context=None):
        steps.append(callback)

    current = asyncio.current_task()
    loop.call_soon = keep
    try:
        task = Task(body, loop=loop)
    finally:
        del loop.call_soon
    tasks._leave_task(loop, current)
    try:
        steps[0]()
    finally:
        tasks._enter_task(loop, current)
    return task


class Timeout(Scope):
    """As asyncio's. Rule `deadline-after-cancel`: once a cancellation came from outside, the deadline cuts nothing."""

    def __init__(self, delay):
        self._delay = delay
        self._handle = None
        self._state = "created"

    async def __aenter__(self):
        self._begin(asyncio.current_task())
        self._state = "active"
        self.reschedule(asyncio.get_running_loop().time() + self._delay)
        return self

    def reschedule(self, when):
        """False where asyncio raises an error."""
        if self._state != "active":
            return False
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None if when is None else asyncio.get_running_loop().call_at(when, self._on_timeout)
        return True

    def expired(self):
        return self._state == "expired"

    def _on_timeout(self):
        self._handle = None
        if not self._asked:
            self._state = "expired"
            self._fire()

    async def __aexit__(self, kind, error, _):
        if self._handle is not None:
            self._handle.cancel()
        timed_out = self._fired and not self._asked and kind is CancelledError
        self._take_back()
        if self._state == "active":
            self._state = "finished"
        self._end()
        if timed_out:
            raise TimeoutError from error
        return False


async def wait_for(future, delay):
    """3.12: the future runs in the task that waits, so its cleanup has ended when this does, and a value of it wins."""
    async with Timeout(delay):
        return await future


class TaskGroup(Scope):
    """3.13, and everloop's rule `group-is-asked-whole`: and it goes on outwards when all have ended, whatever they
    made of it."""

    def __init__(self):
        self._children = []
        self._errors = []
        self._idle = None
        self._failed = self._exiting = False

    async def __aenter__(self):
        self._begin(asyncio.current_task())
        return self

    def create_task(self, body):
        task = asyncio.get_running_loop().create_task(body)
        self._children.append(task)
        task.add_done_callback(self._ended)
        return task

    def ask(self, msg):
        self._cancel_children(msg)

    def _cancel_children(self, msg=None):
        for child in list(self._children):
            child.cancel(msg)

    def _fail(self, error):
        self._errors.append(error)
        if not self._failed:
            self._failed = True
            self._cancel_children()
            if not self._exiting and not self._asked:
                self._fire()

    def _ended(self, child):
        self._children.remove(child)
        if not self._children and self._idle and not self._idle.done():
            self._idle.set_result(None)
        if not child.cancelled() and child.exception():
            self._fail(child.exception())

    async def __aexit__(self, kind, error, _):
        self._exiting = True
        own = self._fired
        self._take_back()
        cancelled = kind is CancelledError
        if cancelled and not self._asked and not own:
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
        if self._errors:
            if self._asked:
                # 3.13: a cancellation that came together with an error is not lost.
                self._cancel_again()
            raise ExceptionGroup("", self._errors) from None
        if self._asked and not cancelled:
            raise CancelledError
        return False


class Gather(Scope):
    """Rule `cancelled-gather-waits`: cancelled, it waits for all tasks. Then it gives the first error in order, and is
    cancelled at the next await; without one it goes on outwards, whatever they made of it."""

    async def run(self, tasks):
        for task in tasks:
            if task.done() and not task.cancelled() and task.exception():
                # Rule `error-before-cancellation`: of what is there at once, an error wins.
                raise task.exception()
        self._begin(asyncio.current_task())
        try:
            return await asyncio.gather(*tasks)
        except (CancelledError, Exception):
            if not self._asked:
                raise
            while pending := [task for task in tasks if not task.done()]:
                try:
                    await asyncio.wait(pending)
                except CancelledError:
                    for task in pending:
                        task.cancel()
            for task in tasks:
                if not task.cancelled() and task.exception():
                    self._cancel_again()
                    raise task.exception()
            raise CancelledError from None
        finally:
            self._end()


class Race(Scope):
    """everloop's `select`: the first that gives something, a value or an error, has the others cancelled, and waits for them."""

    def ask(self, msg):
        for part in self._parts:
            part.cancel(msg)

    async def run(self, bodies):
        loop = asyncio.get_running_loop()
        self._parts = [loop.create_task(body) for body in bodies]
        self._begin(asyncio.current_task())
        won = False
        try:
            while pending := [part for part in self._parts if not part.done()]:
                try:
                    await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                except CancelledError:
                    pass  # the parts were asked already
                if not won and any(part.done() and not part.cancelled() for part in self._parts):
                    won = True
                    if not self._asked:
                        self.ask(None)
        finally:
            self._end()
        if self._asked or not won:
            raise CancelledError
        return [CancelledError() if part.cancelled() else part.exception() or part.result() for part in self._parts]
