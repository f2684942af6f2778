"""Scenes in the window: stored, listed, gone to, from any surface."""

from support.windows import Stage, stage

__all__ = ["stage"]


def test_a_scene_is_stored_and_gone_to(stage: Stage) -> None:
    scenes = stage.window.scenes
    assert stage.window.mix
    stage.window.mix.move_to(0.4)
    scenes.name.setText("chorus")
    scenes.store()
    stage.until(lambda: "chorus" in scenes.buttons)
    assert abs(stage.controls.kept["chorus"]["/mix/amount"] - 0.4) < 1e-6
    stage.window.mix.move_to(1.0)
    scenes.seconds.setValue(1.5)
    scenes.buttons["chorus"].click()
    stage.until(lambda: ("recall", "chorus", 1.5) in stage.controls.asked)
    stage.until(lambda: abs(stage.window.desk.values["/mix/amount"] - 0.4) < 1e-6)


def test_scenes_of_other_surfaces_appear(stage: Stage) -> None:
    stage.controls.scene_store("verse")
    stage.controls.scene_store("bridge")
    stage.until(lambda: list(stage.window.scenes.buttons) == ["bridge", "verse"])


def test_a_scene_without_a_name_gets_a_free_one(stage: Stage) -> None:
    scenes = stage.window.scenes
    scenes.store()
    stage.until(lambda: list(scenes.buttons) == ["Scene 1"])
    scenes.store()
    stage.until(lambda: list(scenes.buttons) == ["Scene 1", "Scene 2"])
