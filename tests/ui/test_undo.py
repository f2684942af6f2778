"""The way back: each movement of the hand is one step, however many messages it was."""

from support.windows import Stage, stage

from ui.host.undo import GESTURE

__all__ = ["stage"]


def test_a_movement_is_one_step_and_can_be_had_again(stage: Stage) -> None:
    window, time = stage.window, [10.0]
    window.undo._now = lambda: time[0]
    assert window.mix
    for position in (0.9, 0.7, 0.5):
        window.mix.move_to(position)
        time[0] += 0.1
    time[0] += 2 * GESTURE
    window.mix.move_to(0.2)
    values = window.desk.values
    window.undo.back()
    assert values["/mix/amount"] == 0.5
    window.undo.back()
    assert values["/mix/amount"] == 1.0
    assert not window.back.isEnabled()
    window.undo.back()
    window.undo.forth()
    window.undo.forth()
    assert values["/mix/amount"] == 0.2
    stage.until(lambda: abs(stage.controls["/mix/amount"] - 0.2) < 1e-6)
    window.undo.back()
    window.mix.move_to(0.3)
    assert not window.undo.can_go_forth, "another way was taken"


def test_a_blend_that_is_dragged_goes_back_as_a_whole(stage: Stage) -> None:
    before = dict(stage.window.desk.values)
    for point in ((0.5, 0.9), (0.2, 0.2), (0.6, 0.4)):
        stage.window.morph.move_to(point)
    assert stage.window.desk.values != before
    stage.window.undo.back()
    assert stage.window.desk.values == before


def test_a_scene_can_be_left_again(stage: Stage) -> None:
    window = stage.window
    assert window.mix
    window.scenes.store("whole")
    window.mix.move_to(0.25)
    window.scenes.show_names(("whole",))
    window.scenes.recall("whole")
    stage.until(lambda: window.desk.values["/mix/amount"] == 1.0)
    window.undo.back()
    assert window.desk.values["/mix/amount"] == 0.25
    stage.until(lambda: abs(stage.controls["/mix/amount"] - 0.25) < 1e-6)
