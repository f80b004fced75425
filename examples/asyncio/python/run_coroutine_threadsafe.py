import asyncio
import threading

def in_thread(loop):
    # Create a coroutine
    coro = asyncio.sleep(1, result=3)

    # Submit the coroutine to a given loop
    future = asyncio.run_coroutine_threadsafe(coro, loop)

    # Wait for the result with an optional timeout argument
    timeout = 60
    assert future.result(timeout) == 3
    print("The coroutine returned 3")

async def main():
    loop = asyncio.get_running_loop()
    thread = threading.Thread(target=in_thread, args=(loop,))
    thread.start()
    await asyncio.to_thread(thread.join)

asyncio.run(main())
