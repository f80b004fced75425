import asyncio
from asyncio import as_completed, create_task

async def open_connection(version, delay):
    await asyncio.sleep(delay)
    return version

async def main():
    ipv4_connect = create_task(open_connection("IPv4", 1))
    ipv6_connect = create_task(open_connection("IPv6", 0.5))
    tasks = [ipv4_connect, ipv6_connect]

    for next_connect in as_completed(tasks):
        # next_connect must be awaited to obtain the result value or
        # raise the exception of the awaitable that finishes next.
        version = await next_connect
        print(f"{version} connection established.")

asyncio.run(main())
