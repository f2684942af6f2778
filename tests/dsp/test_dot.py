import numpy as np
import pytest

from rtengine.dsp.vector.dot import LANES, dot
from rtengine.native.kernel import kernel


@kernel
def product(a, b, start, n):
    return dot(a, b, start, n)


@pytest.mark.parametrize("start", [0, 1, 7])
@pytest.mark.parametrize("n", [0, 16, 80, 256])
def test_every_bit_is_that_of_the_order_written_down(n, start):
    a, b = np.random.default_rng(0).standard_normal((2, 300)).astype(np.float32)
    lanes = np.zeros(LANES, np.float32)
    for k in range(0, n, LANES):
        lanes += a[k : k + LANES] * b[start + k : start + k + LANES]
    while len(lanes) > 1:
        lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
    assert product(a, b, start, n) == lanes[0]
