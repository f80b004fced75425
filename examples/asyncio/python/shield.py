import asyncio
from asyncio import CancelledError, shield

async def something():
    await asyncio.sleep(1)
    print("something(): done")
    return 42

async def caller(task):
    try:
        res = await shield(task)
    except CancelledError:
        res = None
    print(f"caller(): {res}")

async def main():
    task = asyncio.create_task(something())
    outer = asyncio.create_task(caller(task))
    await asyncio.sleep(0.5)

    outer.cancel()
    await outer
    print(f"main(): {await task}")

asyncio.run(main())
