"""The other slow parts of Texture: from textured spectra to samples, and back to where they are played."""

from rtengine.blocks.texture.analysis import SLOTS
from rtengine.dsp import griffin_lim, resample, rtisi
from rtengine.models.texture import fit as fitting
from rtengine.native import ring
from rtengine.native.kernel import kernel


@kernel
def synthesise(state):
    """Take one spectrum to the hop of samples that it makes final."""
    if ring.filled(state.spectra.index) == 0 or ring.free(state.hops.index, SLOTS) == 0:
        return False
    source = state.spectra.index[ring.READ] % SLOTS
    target = state.hops.index[ring.WRITE] % SLOTS
    magnitude = state.spectra.magnitude[source]
    rtisi.step(
        state.rtisi,
        magnitude,
        state.spectra.start[source],
        rtisi.BOTH,
        state.spectra.n_iter[source],
        state.hops.y[target],
    )
    channels, bins = magnitude.shape
    newest, final = state.made % state.recent.shape[0], (state.made + 1) % state.recent.shape[0]
    for c in range(channels):
        for k in range(bins):
            state.recent[newest, c, k] = magnitude[c, k]
            state.hops.magnitude[target, c, k] = state.recent[final, c, k]
        for n in range(state.songs.shape[2]):  # of both there is nothing but for `fit`
            state.songs[newest, c, n] = state.spectra.song[source, c, n]
            state.hops.song[target, c, n] = state.songs[final, c, n]
    for t in range(state.plays.shape[1]):
        state.plays[newest, t] = state.spectra.played[source, t]
        state.hops.played[target, t] = state.plays[final, t]
    state.made += 1
    ring.release(state.spectra.index, 1)
    ring.publish(state.hops.index, 1)
    return True


@kernel
def deliver(state):
    """Hand one hop back."""
    if not room(state, state.hops):
        return False
    send_back(state, state.hops.y[state.hops.index[ring.READ] % SLOTS])
    ring.release(state.hops.index, 1)
    return True


@kernel
def fit(state):
    """Fit the gains of bands to the texture, window by window; a call does one step of that, or moves one hop."""
    windows = state.fit
    if windows.step >= 0:
        fitting.descend(windows)
        return True
    if windows.given < windows.fitted * fitting.NEXT:
        if ring.free(state.fitted.index, SLOTS) == 0:
            return False
        slot = state.fitted.index[ring.WRITE] % SLOTS
        fitting.give(windows, state.fitted.y[slot], state.fitted.magnitude[slot])
        ring.publish(state.fitted.index, 1)
        return True
    if fitting.complete(windows):
        fitting.begin(windows, state.modulators, state.embeddings)
        return True
    if ring.filled(state.hops.index) == 0:
        return False
    slot = state.hops.index[ring.READ] % SLOTS
    fitting.take(windows, state.hops.y[slot], state.hops.song[slot], state.hops.played[slot])
    ring.release(state.hops.index, 1)
    return True


@kernel
def refine(state):
    """Improve the phases further by Griffin-Lim, then hand the hop that comes out back."""
    return refine_from(state, state.hops)


@kernel
def refine_fitted(state):
    """The same with hops that are fitted."""
    return refine_from(state, state.fitted)


@kernel
def refine_from(state, hops):
    """Refine what a ring of hops holds."""
    if not room(state, hops):
        return False
    source = hops.index[ring.READ] % SLOTS
    griffin_lim.step(state.refine, hops.magnitude[source], hops.y[source], state.refined)
    send_back(state, state.refined)
    ring.release(hops.index, 1)
    return True


@kernel
def room(state, hops):
    """Whether there is a hop to hand back, and room for it."""
    down = state.ends.down
    return ring.filled(hops.index) > 0 and ring.free(down.index, down.data.shape[1]) >= state.outer.shape[1]


@kernel
def send_back(state, y):
    """Write a hop to the ring that leads down, at the rate of the device, from the moment of its first sample on."""
    if state.resampled:
        _, made = resample.stream(state.back, y, y.shape[1], state.outer, state.outer.shape[1])
        ring.write(state.ends.down, state.outer[:, :made])
    else:
        early = min(state.skip, y.shape[1])
        state.skip -= early
        ring.write(state.ends.down, y[:, early:])
