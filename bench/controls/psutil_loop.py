"""psutil_loop.py HZ: what one would write in Python to watch a machine, as a control for benchmarks.

Every tick reads what hzstat's collectors read, perf events apart, and keeps nothing: no stream, no history.
Prints a line once it runs, and the number of ticks so far whenever it receives SIGUSR1. Needs psutil.
"""

import signal
import sys
import time

import psutil


def read_everything():
    with open("/proc/vmstat") as lines:
        paging = {name: int(value) for name, value in map(str.split, lines)}
    return {
        "usage": psutil.cpu_percent(),
        "per_core": psutil.cpu_percent(percpu=True),
        "kinds": psutil.cpu_times_percent(),
        "frequency": psutil.cpu_freq(),
        "load": psutil.getloadavg(),
        "memory": psutil.virtual_memory(),
        "swap": psutil.swap_memory(),
        "network": psutil.net_io_counters(pernic=True),
        "disk": psutil.disk_io_counters(),
        "root": psutil.disk_usage("/"),
        "paging": paging,
    }


def main():
    interval = 1 / float(sys.argv[1])
    ticks = 0
    signal.signal(signal.SIGUSR1, lambda *_: print(ticks, flush=True))
    read_everything()
    print("running", flush=True)
    due = time.monotonic()
    while True:
        due += interval
        now = time.monotonic()
        if due > now:
            time.sleep(due - now)
        elif now - due > interval:
            due = now  # Held up for long: ticks that have passed are not made up for.
        read_everything()
        ticks += 1


main()
