import threading

import numpy as np

from rtengine.native import ring
from rtengine.native.kernel import kernel
from rtengine.native.record import record

READ_CHUNK = 37


@kernel
def write_all(r, total, chunk, x):
    """Write the numbers 1 to total in chunks, spinning when the ring is full."""
    n = 0
    while n < total:
        for i in range(chunk):
            x[0, i] = n + i + 1
        if ring.write(r, x):
            n += chunk


@kernel
def read_all(r, total, chunk, y):
    """Read as many and return how many were not the next number."""
    n = wrong = 0
    while n < total:
        if ring.read(r, y):
            for i in range(chunk):
                wrong += y[0, i] != n + i + 1
            n += chunk
    return wrong


def test_two_threads_pass_every_sample_once_and_in_order() -> None:
    memory = record({"ring": ring.samples(1, 1000)})
    r = memory["ring"][0]
    total = 64 * READ_CHUNK * 5000  # below 2^24, so that float32 counts exactly
    write_all(r, 0, 64, np.zeros((1, 64), np.float32))
    read_all(r, 0, READ_CHUNK, np.zeros((1, READ_CHUNK), np.float32))
    writer = threading.Thread(target=write_all, args=(r, total, 64, np.zeros((1, 64), np.float32)))
    writer.start()
    wrong = read_all(r, total, READ_CHUNK, np.zeros((1, READ_CHUNK), np.float32))
    writer.join()
    assert wrong == 0


def test_all_or_nothing() -> None:
    r = record({"ring": ring.samples(1, 16, filled=3)})["ring"][0]
    assert ring.write(r, np.ones((1, 14), np.float32)) == 0
    assert ring.write(r, np.ones((1, 13), np.float32)) == 13
    y = np.full((1, 17), 7, np.float32)
    assert ring.read(r, y) == 0
    assert np.all(y == 7)
    y = np.zeros((1, 16), np.float32)
    assert ring.read(r, y) == 16
    assert y.sum() == 13
    assert ring.drop(r, 5) == 0


def test_sizes_are_powers_of_two() -> None:
    assert [ring.power_of_two(n) for n in (0, 1, 2, 3, 1000, 1024, 1025)] == [1, 1, 2, 4, 1024, 1024, 2048]
