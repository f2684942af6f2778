"""The best way to lead a beat through moments that matter: dynamic programming over anchors.

An anchor is taken or left out. Between two taken ones lies a whole number of half beats, each at most BEND longer or
shorter than at the chosen tempo. A path earns each taken anchor's weight times what its place in the bar is worth, less
a little for the bending. Kept for each anchor and each of the eight places is the best path that ends there.
"""

import numpy as np

from rtengine.native.kernel import kernel

PLACES = 8  # half beats of a bar of four
BEND = 0.04  # share by which the tempo may give way
STRAIN = 0.25  # of an anchor's weight: the cost of bending by all of BEND
BACK = 16  # anchors looked back over
NEAR = 4  # half beats on each side of the straight number that are tried
STRONG = 0.6  # weight from which an anchor wants a downbeat
WORTH = np.array([1.0, 0.5, 0.75, 0.5, 0.85, 0.5, 0.75, 0.5])  # of the places, for an anchor
WORTH_STRONG = np.array([1.3, 0.45, 0.75, 0.45, 0.95, 0.45, 0.75, 0.45])


@kernel
def lead(times, weights, half, worth, worth_strong, score, origin, steps):
    """Fill the tables for one length of a half beat (seconds); returns the best score.

    times: ascending, seconds.  score: (anchors, PLACES).  origin: the anchor and place before, as anchor * PLACES +
    place, or -1.  steps: half beats since there.
    """
    best = 0.0
    for i in range(times.shape[0]):
        for place in range(PLACES):
            value = worth_strong[place] if weights[i] >= STRONG else worth[place]
            score[i, place] = weights[i] * value
            origin[i, place] = -1
            steps[i, place] = 0
        for j in range(max(i - BACK, 0), i):
            gap = times[i] - times[j]
            straight = round(gap / half)
            for n in range(max(straight - NEAR, 1), straight + NEAR + 1):
                bend = abs(gap / (n * half) - 1)
                if bend > BEND:
                    continue
                for place in range(PLACES):
                    before = (place - n) % PLACES
                    value = worth_strong[place] if weights[i] >= STRONG else worth[place]
                    total = score[j, before] + weights[i] * (value - STRAIN * bend / BEND)
                    if total > score[i, place]:
                        score[i, place] = total
                        origin[i, place] = j * PLACES + before
                        steps[i, place] = n
        for place in range(PLACES):
            best = max(best, score[i, place])
    return best
