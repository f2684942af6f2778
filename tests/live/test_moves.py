"""The machine's moves at the host: proposed, accepted, refused, undone, done again; over OSC as well."""

import numpy as np
import pytest

from rtengine.live.engine import Engine
from rtengine.live.moves import Moves
from rtengine.osc.packet import Message, decode, encode
from rtengine.osc.server import Server
from rtengine.patches.console import console

RATE = 48_000


def noise(level: float, seed: int, seconds: float) -> np.ndarray:
    x = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (10 ** (level / 20) * x).astype(np.float32)


def band(seconds: float) -> np.ndarray:
    """Two stereo strips, the second 30 dB louder."""
    return np.repeat(np.stack([noise(-50, 0, seconds), noise(-20, 1, seconds)]), 2, axis=0)


class Desk:
    """A graph as the host shows it; what it is told takes effect with the next sound."""

    def __init__(self) -> None:
        self.graph = console(RATE, 2, automatic=True)
        self.graph["/automix/mind"] = 0
        self.parameters, self.release = self.graph.parameters, self.graph.release
        self.reading, self.automatic = self.graph.reading, self.graph.automatic

    def __getitem__(self, address: str) -> float:
        return self.graph[address]

    def __setitem__(self, address: str, value: float) -> None:
        self.graph[address] = value

    def play(self, seconds: float) -> None:
        self.graph.process(band(seconds))


def faders(moves: Moves) -> dict[str, float]:
    return {m.address: m.wanted for m in moves.wanted() if m.address.endswith("fader")}


def test_what_is_wanted_is_proposed_with_its_reason_and_made_when_accepted() -> None:
    desk = Desk()
    moves = Moves(desk)
    assert moves.wanted() == []  # nothing was heard
    desk.graph["/automix/propose"] = 1
    desk.play(3)
    assert desk["/strip/2/fader"] == 0
    assert faders(moves)["/strip/2/fader"] < -5
    assert any("strip 2 (other) is" in m.reason and "dB too loud" in m.reason for m in moves.wanted())
    made = moves.accept(["/strip/2/fader"])
    desk.play(0.2)
    assert abs(desk["/strip/2/fader"] - made[0].wanted) < 1e-3
    assert "/strip/2/fader" not in faders(moves)


def test_what_was_accepted_is_taken_back_and_made_again_like_any_other_move() -> None:
    desk, told = Desk(), []
    moves = Moves(desk, lambda: told.append(1))
    desk.graph["/automix/propose"] = 1
    desk.play(3)
    made = moves.accept()
    assert told == [1]
    assert [m.address for m in moves.done] == [m.address for m in made]
    for move in reversed(made):
        assert moves.undo().address == move.address
    desk.play(0.5)
    assert all(abs(desk[m.address] - m.value) < 1e-3 for m in made)
    moves.redo()
    desk.play(0.5)
    assert abs(desk[made[0].address] - made[0].wanted) < 1e-3


def test_what_is_refused_is_not_proposed_until_it_is_asked_again() -> None:
    desk = Desk()
    moves = Moves(desk)
    desk.graph["/automix/propose"] = 1
    desk.play(2)
    moves.refuse(["/strip/2/fader"])
    assert "/strip/2/fader" not in faders(moves)
    moves.refuse()
    assert moves.wanted() == []
    moves.ask_again()
    assert "/strip/2/fader" in faders(moves)
    with pytest.raises(KeyError, match="no move of /strip/9/fader is proposed"):
        moves.accept(["/strip/9/fader"])


def test_a_move_that_came_to_rest_is_taken_back_and_done_again() -> None:
    desk, told = Desk(), []
    moves = Moves(desk, lambda: told.append(1))
    with pytest.raises(ValueError, match="no move that could be taken back"):
        moves.undo()
    moves.look()
    for _ in range(20):
        desk.play(0.7)
        moves.look()
    addresses = {m.address for m in moves.done}
    assert "/strip/2/fader" in addresses
    assert told
    rested = desk["/strip/2/fader"]
    while (move := moves.undo()).address != "/strip/2/fader":
        pass
    desk.play(0.7)
    assert abs(desk["/strip/2/fader"] - move.before) < 1e-3
    assert not desk.automatic("/strip/2/fader")
    desk.play(0.7)
    moves.look()
    assert moves.redo().address == "/strip/2/fader"
    desk.play(0.7)
    assert desk.automatic("/strip/2/fader")
    assert abs(desk["/strip/2/fader"] - rested) < 1


def test_a_hand_is_no_move_of_the_machine() -> None:
    desk = Desk()
    moves = Moves(desk)
    moves.look()
    desk["/strip/1/fader"] = -40
    for _ in range(3):
        desk.play(0.2)
        moves.look()
    assert all(m.address != "/strip/1/fader" for m in moves.done)


class Peer:
    def __init__(self) -> None:
        self.heard: list[Message] = []

    def send(self, packet: bytes) -> None:
        self.heard += decode(packet)


def test_they_are_commands_of_the_host() -> None:
    graph = console(RATE, 2, automatic=True)
    graph["/automix/mind"], graph["/automix/propose"] = 0, 1
    graph.process(band(2))
    with_desk = Engine(graph, sink="null")
    server, peer = Server(with_desk), Peer()
    try:
        server.dispatch(encode("/moves/list"), peer)
        (reply,) = peer.heard
        assert reply.address == "/moves/list.reply"
        assert "/strip/2/fader" in reply.arguments
        server.dispatch(encode("/moves/accept", "/strip/2/fader"), peer)
        wanted = reply.arguments[reply.arguments.index("/strip/2/fader") + 2]
        assert abs(with_desk["/strip/2/fader"] - wanted) < 0.5
        server.dispatch(encode("/moves/undo"), peer)
        assert with_desk["/strip/2/fader"] == 0
        server.dispatch(encode("/moves/undone"), peer)
        assert peer.heard[-1].address == "/moves/undone.reply"
        assert peer.heard[-1].arguments[0] == "/strip/2/fader"
        server.dispatch(encode("/moves/redo"), peer)
        assert abs(with_desk["/strip/2/fader"] - wanted) < 0.5
        server.dispatch(encode("/moves/undone"), peer)
        assert peer.heard[-1].arguments == ()
        server.dispatch(encode("/moves/undo"), peer)
        server.dispatch(encode("/moves/undo"), peer)
        assert peer.heard[-1].address == "/error"
        assert "no move that could be taken back" in str(peer.heard[-1].arguments)
    finally:
        with_desk.close()
