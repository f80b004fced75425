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
import scopes
from objects import Named, UserError, make
from statements import STATEMENTS

HORIZON = 1 << 40
SETTLE = 2_000_003
SETTLE_STEP = 4_099
base_events.MAXIMUM_SELECT_TIMEOUT = 1 << 62


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
        self.set_task_factory(lambda loop, body: scopes.Task(body, loop=loop))
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now

    def _process_events(self, events):
        pass


# ---- programs

Stmt = namedtuple("Stmt", "id execute args")
Block = namedtuple("Block", "data at id")


class Reader:
    """Reads a program: of a block only where it is, until it is executed, since most are not."""

    def __init__(self, data, at=0, id=0):
        self.data = data
        self.at = at
        self.id = id

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
        count, length = self.number(), self.number()
        block = Block(self.data, self.at, self.id)
        self.at += length
        self.id += count
        return block

    def stmts(self):
        for _ in range(self.number()):
            yield self.stmt()

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
        self.timeouts = {}
        self.said = {}
        self.records = []
        self.grants = []
        self.left = ()
        self.deadlock = False
        self.closing = False

    def spawn(self, body, eager=False):
        main = self.body(self.bodies[body])
        task = scopes.create_eager_task(self.loop, main) if eager else self.loop.create_task(main)
        self.tasks[body] = self.handles[body] = task

    async def body(self, block):
        try:
            return await self.block(block)
        except Exception:
            # Rule `cancelled-at-its-end`: a request that comes too late to be delivered counts, also beside an error.
            if asyncio.current_task()._must_cancel:
                return 0
            raise
        except CancelledError as error:
            self.said[asyncio.current_task()] = error.args[0] if error.args else None
            raise

    async def block(self, block):
        last = 0
        loop = self.loop
        for id, execute, args in Reader(*block).stmts():
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
