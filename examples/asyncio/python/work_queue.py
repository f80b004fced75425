import asyncio
import time

# The documentation draws these at random; here they are the same in every run.
TIMES = [0.16, 0.64, 0.52, 0.57, 0.39, 0.41, 0.09, 0.37, 0.69, 0.46,
         0.09, 0.09, 0.53, 0.19, 0.20, 0.70, 0.29, 0.09, 0.31, 0.11]

async def worker(name, queue):
    while True:
        # Get a "work item" out of the queue.
        sleep_for = await queue.get()

        # Sleep for the "sleep_for" seconds.
        await asyncio.sleep(sleep_for)

        # Notify the queue that the "work item" has been processed.
        queue.task_done()

        print(f'{name} has slept for {sleep_for:.2f} seconds')

async def main():
    # Create a queue that we will use to store our "workload".
    queue = asyncio.Queue()

    # Put the timings into the queue.
    total_sleep_time = 0
    for sleep_for in TIMES:
        total_sleep_time += sleep_for
        queue.put_nowait(sleep_for)

    # Create three worker tasks to process the queue concurrently.
    tasks = []
    for i in range(3):
        task = asyncio.create_task(worker(f'worker-{i}', queue))
        tasks.append(task)

    # Wait until the queue is fully processed.
    started_at = time.monotonic()
    await queue.join()
    total_slept_for = time.monotonic() - started_at

    # Cancel our worker tasks.
    for task in tasks:
        task.cancel()
    # Wait until all worker tasks are cancelled.
    await asyncio.gather(*tasks, return_exceptions=True)

    print('====')
    # In whole seconds, since no two runs take the same time.
    print(f'3 workers slept in parallel for {int(total_slept_for)} seconds')
    print(f'total expected sleep time: {total_sleep_time:.2f} seconds')

asyncio.run(main())
