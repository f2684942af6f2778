"""What a training keeps: the network as it was when it came nearest."""

from typing import Any

from rtengine.models.texture.training.ear import Ear
from rtengine.models.texture.training.network import TextureNetwork


class Best:
    """The nearest state of a network so far, by an ear: look at it first, or restore it."""

    def __init__(self, ear: Ear, network: TextureNetwork) -> None:
        self._ear, self._network = ear, network
        self.score = -1.0
        self._state: dict[str, Any] = {}

    def look(self, known: float | None = None) -> None:
        """Keep what the network is now, if it is nearer than all before; known: how near, if the ear has said so."""
        if (score := self._ear.mean(self._network) if known is None else known) > self.score:
            self.score = score
            self._state = {name: value.detach().clone() for name, value in self._network.state_dict().items()}

    def take(self) -> None:
        """Let the network be what it was then."""
        self._network.load_state_dict(self._state)

    def plan(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"score": self.score, "state": self._state, "middles": self._network.middles}

    def restore(self, plan: dict[str, Any]) -> None:
        """Go on from a checkpoint's plan."""
        self.score, self._state = plan["score"], plan["state"]
        self._network.middles |= plan["middles"]
