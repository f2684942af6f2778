"""Scenes in the window: stored, listed, gone to, from any surface."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMessageBox
from support.windows import Stage, stage

__all__ = ["stage"]


def test_a_scene_is_stored_and_gone_to(stage: Stage) -> None:
    scenes = stage.window.scenes
    assert stage.window.mix
    stage.window.mix.move_to(0.4)
    scenes.name.setText("chorus")
    scenes.store_typed()
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
    scenes.store_typed()
    stage.until(lambda: list(scenes.buttons) == ["Scene 1"])
    scenes.store_typed()
    stage.until(lambda: list(scenes.buttons) == ["Scene 1", "Scene 2"])


def test_a_scene_is_renamed_and_deleted(stage: Stage) -> None:
    scenes = stage.window.scenes
    scenes.store("verse")
    stage.until(lambda: "verse" in scenes.buttons)
    button = scenes.buttons["verse"]
    button.rename()
    entry = button.findChild(QLineEdit)
    assert entry
    entry.setText("chorus")
    stage.qtbot.keyClick(entry, Qt.Key.Key_Return)
    stage.until(lambda: list(scenes.buttons) == ["chorus"])
    assert list(stage.controls.kept) == ["chorus"]
    stage.qtbot.keyClick(scenes.buttons["chorus"], Qt.Key.Key_Delete)
    (question,) = scenes.findChildren(QMessageBox)
    next(b for b in question.buttons() if b.text() == "Delete").click()
    stage.until(lambda: not scenes.buttons)
    assert not stage.controls.kept
