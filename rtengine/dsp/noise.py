"""White noise that is a function of its seed and the sample's number, so that every render repeats."""

import numpy as np

from rtengine.native.kernel import kernel

SCALE = np.float32(np.sqrt(12) / 2**24)  # uniform over 2^24 steps, to variance 1


@kernel
def white_noise(seed, first, y):
    """Fill y (channels, n) float32 with uniform white noise of mean 0 and variance 1, samples `first` onwards.

    Channels are independent of each other. A counter-based generator: the number is hashed by two rounds of
    multiply and xor-shift, "lowbias32" of C. Wellons, "Prospecting for hash functions", 2018 (public domain).
    """
    for c in range(y.shape[0]):
        stream = np.uint32(seed) * np.uint32(0x9E3779B9) + np.uint32(c + 1) * np.uint32(0x85EBCA6B)
        for n in range(y.shape[1]):
            h = np.uint32(first + n) + stream
            h = np.uint32(h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
            h = np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
            h = np.uint32(h ^ (h >> np.uint32(16)))
            y[c, n] = (np.float32(h >> np.uint32(8)) - np.float32(8388607.5)) * SCALE
