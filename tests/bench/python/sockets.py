"""TCP by streams. As in `src/workloads/echo.rs` and `server.rs`."""

import asyncio
import os
import resource
import socket
import subprocess
import time

from measure import Began, resident

MESSAGE = 64
CONNECTIONS = 64


async def answer(reader, writer):
    while message := await reader.read(MESSAGE):
        writer.write(message)
        await writer.drain()
    writer.close()


async def ask(reader, writer, times):
    message = bytes(MESSAGE)
    for _ in range(times):
        writer.write(message)
        await writer.drain()
        await reader.readexactly(MESSAGE)


async def listen(handler):
    server = await asyncio.start_server(handler, "127.0.0.1", 0, backlog=1024)
    return server, server.sockets[0].getsockname()[1]


async def echo(n):
    server, port = await listen(answer)
    clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]

    async def work(each):
        for task in [asyncio.create_task(ask(*client, each)) for client in clients]:
            await task

    each = n // CONNECTIONS
    await work(max(each // 10, 1))
    began = Began()
    await work(each)
    return {"ps": began.each(each * CONNECTIONS)}


async def echo_server(n):
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])
    loop = asyncio.get_running_loop()
    begun = closed = 0
    cpu = None
    over = loop.create_future()

    async def handler(reader, writer):
        nonlocal begun, closed, cpu
        begun += 1
        if begun == CONNECTIONS:
            cpu = time.process_time_ns()
        await answer(reader, writer)
        closed += 1
        if closed == CONNECTIONS:
            over.set_result(time.process_time_ns() - cpu)

    server, port = await listen(handler)
    load = [os.environ["EVERLOOP_BENCH"], "load", str(port), str(CONNECTIONS), str(n), str(cores[-1])]
    load = subprocess.Popen(load, stdout=subprocess.PIPE)
    took = await over
    output, _ = load.communicate()
    assert load.returncode == 0
    return {"rate": n * 1_000_000_000 // int(output), "cpu-ps": took * 1000 // (n + n // 10)}


async def idle_connection(n):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    begun = 0

    async def handler(reader, writer):
        nonlocal begun
        begun += 1
        await answer(reader, writer)

    server, port = await listen(handler)
    clients = []

    async def connect(n):
        for _ in range(n):
            clients.append(socket.create_connection(("127.0.0.1", port)))
            while begun < len(clients):
                await asyncio.sleep(0)

    await connect(16)
    before = resident()
    await connect(n)
    return {"bytes": (resident() - before) // n}


ALL = [
    ("echo", 20_000, echo),
    ("echo-server", 50_000, echo_server),
    ("idle-connection", 1_000, idle_connection),
]
