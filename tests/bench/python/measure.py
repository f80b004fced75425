"""What is measured, and how: as in `src/measure.rs`."""

import time


class Began:
    """Since when something is measured."""

    def __init__(self):
        self.wall = time.perf_counter_ns()
        self.cpu = time.process_time_ns()

    def each(self, n):
        """The picoseconds of each of n: of the clock, or of the processor if that is less."""
        wall = time.perf_counter_ns() - self.wall
        cpu = time.process_time_ns() - self.cpu
        return min(wall, cpu) * 1000 // n

    def each_by_clock(self, n):
        """Likewise by the clock alone."""
        return (time.perf_counter_ns() - self.wall) * 1000 // n


def status(key):
    """A line of /proc/self/status that is in kilobytes, in bytes."""
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    return 0


def resident():
    return status("VmRSS")


def peak():
    return status("VmHWM")
