"""A value on its way to a target, at a limited speed."""

from rtengine.native.kernel import kernel


@kernel
def slew(value, target, down, up):
    """One step towards the target: at most `down` below the value or `up` above it."""
    return min(max(target, value - down), value + up)
