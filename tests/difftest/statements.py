"""What the statements of a program do: one function each, and the table of them by their codes in src/code.rs."""

import asyncio
from asyncio import CancelledError

import scopes
from objects import Named, UserError

MESSAGES = (None, "enough", "again", "too late")
FIRST_INDEX = 200
FIRST_MESSAGE = 400
FIRST_COMPLETED = 500


class Held:
    """The handle of a task that is waited for. It goes back if that is cancelled."""

    def __init__(self, run, body, keep=False):
        self.run, self.body, self.keep = run, body, keep

    def __enter__(self):
        run, body = self.run, self.body
        task = run.handles[body]
        if task is None:
            raise Named("NoTask")
        run.handles[body] = None
        run.held[body] = True
        self.task = task
        return task

    def __exit__(self, kind=None, *_):
        self.run.held[self.body] = False
        if self.keep or kind is CancelledError:
            self.run.handles[self.body] = self.task


class HeldAll:
    """Those of several: if they are to be kept they go back in any case, and else in none."""

    def __init__(self, run, bodies, keep=False):
        self.all = [Held(run, body, keep) for body in bodies]
        self.entered = []

    def __enter__(self):
        try:
            for each in self.all:
                each.__enter__()
                self.entered.append(each)
        except Named:
            for each in self.entered:
                each.__exit__(CancelledError)
            raise
        return [each.task for each in self.all]

    def __exit__(self, *_):
        for each in self.entered:
            each.__exit__()


class Said(scopes.Scope):
    """Rule `message-is-kept`: what was said with a task's cancellation is told to all who await it."""

    def __init__(self, run, tasks):
        self.run, self.tasks = run, tasks

    def __enter__(self):
        self._begin(asyncio.current_task())

    def __exit__(self, kind, error, _):
        self._end()
        if kind is CancelledError and not self._asked:
            gone = [task for task in self.tasks if task.done() and task.cancelled()]
            if gone:
                raise scopes.cancelled_error(self.run.said.get(gone[0])) from None


def fold(outcomes):
    sum = 0
    for outcome in outcomes:
        if isinstance(outcome, CancelledError):
            what = 3
        elif isinstance(outcome, Exception):
            what = 7
        else:
            what = outcome + 100
        sum = (sum * 31 + what) & 0x7FFFFFFF
    return sum


# ---- statements

async def sleep(run, id, ticks):
    await asyncio.sleep(ticks)
    return 0


async def raise_(run, id, number):
    raise UserError(number)


async def spawn(run, id, body):
    if not run.closing:
        run.spawn(body)
    return 0


async def spawn_eager(run, id, body):
    if not run.closing:
        run.spawn(body, eager=True)
    return 0


async def cancel(run, id, body, message=0):
    task = run.tasks[body]
    return int(task is not None and task.cancel(MESSAGES[message]))


async def uncancel(run, id, body):
    task = run.handles[body]
    if task is None:
        return -1
    # Rule `own-requests-do-not-count`.
    if scopes.cancelling(task) > 0:
        task.uncancel()
    return scopes.cancelling(task)


async def cancelling(run, id, body):
    task = run.handles[body]
    return -1 if task is None else scopes.cancelling(task)


async def await_(run, id, body):
    with Held(run, body) as task, Said(run, [task]):
        return await task


async def shield(run, id, body):
    with Held(run, body) as task, Said(run, [task]):
        return await asyncio.shield(task)


async def wait_for_task(run, id, body, ticks):
    with Held(run, body) as task:
        async with scopes.Timeout(ticks):
            with Said(run, [task]):
                return await task


WHEN = (asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED)


async def wait(run, id, when, ticks, bodies):
    with HeldAll(run, bodies, True) as tasks:
        if not tasks:
            raise Named("NoTask")
        done = [task for task in tasks if task.done()]
        failed = any(not task.cancelled() and task.exception() for task in done)
        # Rule `wait-over-at-once`: if there is nothing to wait for, it does not wait.
        if not (len(done) == len(tasks) or (when == 0 and done) or (when == 1 and failed)):
            await asyncio.wait(tasks, timeout=ticks or None, return_when=WHEN[when])
        return sum(task.done() << n for n, task in enumerate(tasks))


async def as_completed(run, id, ticks, bodies):
    with HeldAll(run, bodies, True) as tasks:
        if not tasks:
            raise Named("NoTask")
        # Their ends, which are never an error: a cancellation is then that of this task.
        ends = [run.loop.create_future() for _ in tasks]
        for body, task, end in zip(bodies, tasks, ends):
            task.add_done_callback(lambda _, body=body, end=end: end.done() or end.set_result(body))
        for each in asyncio.as_completed(ends, timeout=ticks or None):
            run.grant(0, FIRST_COMPLETED + await each, id)
        return fold(map(outcome, tasks))


def outcome(task):
    return CancelledError() if task.cancelled() else task.exception() or task.result()


async def select(run, id, blocks):
    if not blocks:
        raise Named("NoTask")
    return fold(await scopes.Race().run(map(run.block, blocks)))


async def wait_for(run, id, ticks, block):
    return await scopes.wait_for(run.block(block), ticks)


async def timeout(run, id, name, ticks, block):
    async with scopes.Timeout(ticks) as run.timeouts[name]:
        return await run.block(block)


async def reschedule(run, id, name, ticks):
    timeout = run.timeouts.get(name)
    if timeout is None:
        return -1
    moved = timeout.reschedule(run.loop.now + ticks if ticks else None)
    return moved + 2 * timeout.expired()


async def gather(run, id, blocks):
    return fold(await asyncio.gather(*map(run.block, blocks), return_exceptions=True))


async def try_gather(run, id, bodies):
    with HeldAll(run, bodies) as tasks:
        return fold(await scopes.Gather().run(tasks))


async def group(run, id, block, children):
    async with scopes.TaskGroup() as group:
        for child in children:
            group.create_task(run.block(child))
        return await run.block(block)


async def catch(run, id, block, cleanup, resume):
    try:
        return await run.block(block)
    except CancelledError as error:
        if error.args and error.args[0]:
            run.grant(0, FIRST_MESSAGE + MESSAGES.index(error.args[0]), id)
        await run.block(cleanup)
        if resume:
            raise
        return -1


async def catch_error(run, id, block, handler):
    try:
        return await run.block(block)
    except Exception:
        await run.block(handler)
        return -2


async def finally_(run, id, block, cleanup):
    try:
        return await run.block(block)
    finally:
        await run.block(cleanup)


async def with_(run, id, object, block):
    async with run.objects[object].guard:
        run.grant(object, 100, id)
        return await run.block(block)


async def cond_wait(run, id, object, before, after):
    condition = run.objects[object].guard
    async with condition:
        run.grant(object, 100, id)
        await run.block(before)
        await condition.wait()
        run.grant(object, 101, id)
        return await run.block(after)


async def cond_wait_for(run, id, object, times, before, after):
    thing = run.objects[object]
    condition = thing.guard
    async with condition:
        run.grant(object, 100, id)
        await run.block(before)
        enough = thing.notified + times
        await condition.wait_for(lambda: thing.notified >= enough)
        run.grant(object, 101, id)
        return await run.block(after)


GRANTED = {0, 1, 4, 9, 11, 13, 20}


async def do(run, id, object, action, number):
    value = await run.objects[object].act(action, number)
    if action in GRANTED:
        run.grant(object, action, id)
    if action == 13:
        run.grant(object, FIRST_INDEX + value, id)
        return 0
    return value or 0


STATEMENTS = (
    (sleep, ("number",)),
    (raise_, ("number",)),
    (spawn, ("number",)),
    (cancel, ("number",)),
    (await_, ("number",)),
    (shield, ("number",)),
    (wait_for_task, ("number", "number")),
    (wait, ("number", "number", "list")),
    (wait_for, ("number", "block")),
    (timeout, ("number", "number", "block")),
    (gather, ("blocks",)),
    (try_gather, ("list",)),
    (group, ("block", "blocks")),
    (catch, ("block", "block", "number")),
    (catch_error, ("block", "block")),
    (finally_, ("block", "block")),
    (with_, ("number", "block")),
    (cond_wait, ("number", "block", "block")),
    (do, ("number", "number", "number")),
    (spawn_eager, ("number",)),
    (cancel, ("number", "number")),
    (uncancel, ("number",)),
    (cancelling, ("number",)),
    (reschedule, ("number", "number")),
    (as_completed, ("number", "list")),
    (select, ("blocks",)),
    (group, ("block", "blocks")),
    (cond_wait_for, ("number", "number", "block", "block")),
)
