"""Runs programs on CPython's asyncio, in virtual time.

A program comes on standard input as a length of four bytes, lowest first, and the bytes that src/code.rs writes; what came of it
goes to standard output as a line (see `Run.line`). asyncio is CPython 3.11's; what 3.12 to 3.14 changed stands in newer.py.
"""

import asyncio
import gc
import sys
from asyncio import CancelledError, base_events
from collections import namedtuple

import newer
from objects import Named, make

HORIZON = 1 << 40
SETTLE = 2_000_003
SETTLE_STEP = 4_099
base_events.MAXIMUM_SELECT_TIMEOUT = 1 << 62


class UserError(Exception):
    pass


class Deadlock(BaseException):
    """Every task waits, and no timer is set."""


class Clock:
    """In place of a selector: waiting for it moves the time on."""

    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.loop.now += timeout
        return ()


class VirtualLoop(base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self.now = 0
        self._clock_resolution = 1  # what is due now runs now
        self._selector = Clock(self)
        self.set_task_factory(lambda loop, body: newer.Task(body, loop=loop))
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now

    def _process_events(self, events):
        pass


# ---- programs

Stmt = namedtuple("Stmt", "id execute args")


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.id = 0

    def number(self):
        data, at = self.data, self.at
        byte = data[at]
        at += 1
        number = byte & 0x7F
        shift = 7
        while byte & 0x80:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
        self.at = at
        return number

    def list(self):
        return [self.number() for _ in range(self.number())]

    def blocks(self):
        return [self.block() for _ in range(self.number())]

    def block(self):
        return [self.stmt() for _ in range(self.number())]

    def stmt(self):
        self.id += 1
        id = self.id
        execute, fields = STATEMENTS[self.number()]
        return Stmt(id, execute, [getattr(self, field)() for field in fields])


def code(error):
    if isinstance(error, UserError):
        return "U%d" % error.args
    if isinstance(error, Named):
        return error.args[0]
    if isinstance(error, BaseExceptionGroup):
        return "Group(" + "".join(each + " " for each in sorted(map(code, error.exceptions))) + ")"
    if isinstance(error, TimeoutError):
        return "Timeout"
    if isinstance(error, asyncio.QueueFull):
        return "QueueFull"
    if isinstance(error, asyncio.QueueEmpty):
        return "QueueEmpty"
    if isinstance(error, newer.QueueShutDown):
        return "QueueShutDown"
    if isinstance(error, asyncio.BrokenBarrierError):
        return "BrokenBarrier"
    raise error


class Run:
    """One run of a program."""

    def __init__(self, data, loop):
        reader = Reader(data)
        self.objects = [make(reader.number(), reader.number()) for _ in range(reader.number())]
        self.roots = reader.number()
        self.bodies = reader.blocks()
        self.loop = loop
        self.handles = [None] * len(self.bodies)
        self.tasks = [None] * len(self.bodies)
        self.held = [False] * len(self.bodies)
        self.records = []
        self.grants = []
        self.left = ()
        self.deadlock = False
        self.closing = False

    def spawn(self, body):
        task = self.loop.create_task(self.body(self.bodies[body]))
        self.tasks[body] = self.handles[body] = task

    async def body(self, block):
        try:
            return await self.block(block)
        except Exception:
            # Rule `cancelled-at-its-end`: a request that comes too late to be delivered counts, also beside an error.
            if asyncio.current_task()._must_cancel:
                return 0
            raise

    async def block(self, block):
        last = 0
        loop = self.loop
        for id, execute, args in block:
            start = loop.now
            failed = ""
            try:
                try:
                    last = await execute(self, id, *args)
                except Exception as error:
                    failed = " after " + code(error)
                    # At this moment others may go on with what was done before, or with what this lets go of.
                    await asyncio.sleep(SETTLE + id * SETTLE_STEP)
                    raise
            except CancelledError:
                self.records.append((id, start, loop.now, "cancelled" + failed))
                raise
            except Exception as error:
                self.records.append((id, start, loop.now, code(error)))
                raise
            self.records.append((id, start, loop.now, last))
        return last

    def grant(self, object, line, id):
        self.grants.append((object, line, self.loop.now, id))

    async def main(self):
        for body in range(self.roots):
            self.spawn(body)
        await asyncio.sleep(HORIZON)
        self.left = [self.state(body) for body in range(len(self.bodies))]
        self.left += [str(each.look()) for each in self.objects]
        self.closing = True

    def state(self, body):
        task = self.handles[body]
        if task is None:
            return "held" if self.held[body] else "-"
        if not task.done():
            return "pending"
        if task.cancelled():
            return "cancelled"
        error = task.exception()
        return str(task.result()) if error is None else code(error)

    def run(self):
        loop = self.loop
        main = loop.create_task(self.main())
        try:
            loop.run_until_complete(main)
            left = [task for task in self.tasks if task and not task.done()]
            if left:
                # What those gather, and the children of their groups, are tasks here: they reach them.
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        except Deadlock:
            self.deadlock = True
        return self

    def line(self):
        return "|".join((
            ";".join("%d,%d,%d,%s" % record for record in self.records),
            ";".join("%d,%d,%d,%d" % grant for grant in self.grants),
            ";".join(self.left),
            "%d,%d" % (self.loop.now, self.deadlock),
            ";".join(sorted({"%d,%s" % (time, rule) for each in self.objects for time, rule in each.rules})),
        ))


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


async def cancel(run, id, body):
    task = run.tasks[body]
    return int(task is not None and task.cancel())


async def await_(run, id, body):
    with Held(run, body) as task:
        return await task


async def shield(run, id, body):
    with Held(run, body) as task:
        return await asyncio.shield(task)


async def wait_for_task(run, id, body, ticks):
    with Held(run, body) as task:
        return await newer.wait_for(task, ticks)


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


async def wait_for(run, id, ticks, block):
    return await newer.wait_for(run.block(block), ticks)


async def timeout(run, id, ticks, block):
    async with newer.timeout(ticks):
        return await run.block(block)


async def gather(run, id, blocks):
    return fold(await asyncio.gather(*map(run.block, blocks), return_exceptions=True))


async def try_gather(run, id, bodies):
    with HeldAll(run, bodies) as tasks:
        return fold(await newer.Gather().run(tasks))


async def group(run, id, block, children):
    async with newer.TaskGroup() as group:
        for child in children:
            group.create_task(run.block(child))
        return await run.block(block)


async def catch(run, id, block, cleanup, resume):
    try:
        return await run.block(block)
    except CancelledError:
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


FIRST_INDEX = 200
GRANTED = {0, 1, 4, 9, 11, 13}


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
    (timeout, ("number", "block")),
    (gather, ("blocks",)),
    (try_gather, ("list",)),
    (group, ("block", "blocks")),
    (catch, ("block", "block", "number")),
    (catch_error, ("block", "block")),
    (finally_, ("block", "block")),
    (with_, ("number", "block")),
    (cond_wait, ("number", "block", "block")),
    (do, ("number", "number", "number")),
)


def main():
    read, write = sys.stdin.buffer.read, sys.stdout.write
    sys.unraisablehook = lambda _: None
    gc.disable()
    loop = None
    count = 0
    while len(head := read(4)) == 4:
        data = read(int.from_bytes(head, "little"))
        if loop is None:
            loop = VirtualLoop()
            asyncio.set_event_loop(loop)
        loop.now = 0
        run = Run(data, loop).run()
        write(run.line() + "\n")
        sys.stdout.flush()
        if run.deadlock:
            for task in asyncio.all_tasks(loop):
                task._log_destroy_pending = False
            loop.close()
            loop = None
        count += 1
        if count % 500 == 0:
            gc.collect()


if __name__ == "__main__":
    main()
