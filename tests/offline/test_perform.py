"""What the workers of `serve` do beside renders: the same as the command line, in a folder of the job's own."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.films import Scene, pictures, write_film

from offline import perform as module
from offline.perform import linked, perform
from rtengine.cli.compiling import KERNELS
from rtengine.jobs import sounds


def never() -> bool:
    return False


def test_links_are_called_as_the_songs_are_and_lead_nowhere_else(tmp_path: Path) -> None:
    song = tmp_path / "song"
    song.touch()
    names = ["../../etc/passwd", "C:\\x\\drums.wav", "drums.wav", "-o.wav", "贝斯 1.flac", "", "a" * 300 + ".wav", ".."]
    links = linked(tmp_path, [str(song)] * len(names), names)
    assert len(set(links)) == len(names)
    assert all(link.parent == tmp_path and link.resolve() == song and not link.name.startswith("-") for link in links)
    assert [link.name for link in links[1:3]] == ["drums.wav", "drums 3.wav"]
    assert links[4].name == "贝斯 1.flac"


def test_what_cannot_be_mixed_is_a_sentence(tmp_path: Path) -> None:
    song, out = tmp_path / "song", tmp_path / "out"
    out.mkdir()
    soundfile.write(song, np.zeros((100, 2)), 44_100, format="WAV")
    spec = {"do": "mix", "stems": [str(song)], "names": ["vocals.wav"], "like": [], "longest": 60.0, "deadline": 600.0}
    with pytest.raises(ValueError, match="silent: there is nothing to mix") as refused:
        perform(spec, out, lambda done: None, never)
    assert str(tmp_path) not in str(refused.value)


def test_a_mix_that_is_not_wanted_any_more_ends_at_once(tmp_path: Path) -> None:
    song, out = tmp_path / "song", tmp_path / "out"
    out.mkdir()
    soundfile.write(song, np.random.default_rng(0).normal(0, 0.1, (44_100, 2)), 44_100, format="WAV")
    spec = {"do": "mix", "stems": [str(song)], "names": ["vocals.wav"], "like": [], "longest": 60.0, "deadline": 600.0}
    began = time.monotonic()
    perform(spec, out, lambda done: None, lambda: time.monotonic() > began + 0.3)
    assert time.monotonic() - began < 2
    assert not (out / sounds.MASTER).exists()


def test_a_mix_has_the_time_that_its_job_has_and_no_more_sound(tmp_path: Path) -> None:
    song, out = tmp_path / "song", tmp_path / "out"
    out.mkdir()
    soundfile.write(song, np.random.default_rng(0).normal(0, 0.1, (44_100, 2)), 44_100, format="WAV")
    spec = {"do": "mix", "stems": [str(song)], "names": ["vocals.wav"], "like": [], "longest": 60.0, "deadline": 1.0}
    with pytest.raises(ValueError, match="it took longer than a job of its length may"):
        perform(spec, out, lambda done: None, never)
    for file in out.iterdir():
        file.unlink()
    with pytest.raises(ValueError, match=r"^vocals\.wav is longer than the 0\.5 seconds that are taken$"):
        perform(spec | {"longest": 0.5}, out, lambda done: None, never)


def test_a_score_tells_how_far_it_is_and_takes_no_longer_film(tmp_path: Path) -> None:
    out, told = tmp_path / "out", [0.0]
    out.mkdir()
    film = write_film(tmp_path / "film.mp4", pictures((Scene(40, 75), Scene(200, 75))))
    spec = {"do": "score", "film": str(film), "name": "film.mp4", "seed": 0, "sound": "replace", "sensitivity": 0.5}
    spec |= {"emotion": None, "tempo": None, "longest": 4.0, "deadline": 600.0}
    with pytest.raises(ValueError, match=r"^film\.mp4 is longer than the 4 seconds that are taken$"):
        perform(spec, out, told.append, never)
    (out / "film.mp4").unlink()
    perform(spec | {"longest": 60.0}, out, told.append, never)
    assert (out / "result.mp4").is_file()
    assert told == sorted(told)
    assert [x for x in told if 0 < x < 0.6], "while the film is read"
    assert told[-1] > 0.6


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of the dead")
def test_a_mix_does_not_outlive_its_worker(tmp_path: Path) -> None:
    song, out = tmp_path / "song", tmp_path / "out"
    out.mkdir()
    soundfile.write(song, np.random.default_rng(0).normal(0, 0.1, (44_100, 2)), 44_100, format="WAV")
    spec = {"do": "mix", "stems": [str(song)], "names": ["vocals.wav"], "like": [], "longest": 60.0, "deadline": 600.0}
    script = "import json, sys\nfrom pathlib import Path\nfrom offline.perform import perform\n"
    script += "perform(json.loads(sys.argv[1]), Path(sys.argv[2]), lambda done: None, lambda: False)"
    worker = subprocess.Popen([sys.executable, "-c", script, json.dumps(spec), str(out)])
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    end = time.monotonic() + 60
    while not (child := children.read_text().strip()):
        assert time.monotonic() < end
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    while (stat := Path(f"/proc/{child}/stat")).exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_said_of_a_result_is_of_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        f"offline automix: {KERNELS.doing}: 6 of 55 functions, about 148 s left",
        "offline automix: drums counts as drums",
    ]
    monkeypatch.setattr(module, "OURS", f"import sys; sys.stderr.write({chr(10).join(lines)!r})")
    said = module._run(["automix"], tmp_path, lambda done: None, lambda: False, 60)
    assert said == ["drums counts as drums"]
