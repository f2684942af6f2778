"""The command lines of listen and library, as a person types them."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from offline.__main__ import main
from offline.arguments import parse
from offline.library import line
from offline.listen import bars, clock
from rtengine.library import scan as scanning
from rtengine.library.scan import Progress
from rtengine.library.store import Library
from rtengine.models.listen import measures
from rtengine.models.listen.head import load_head

RATE = 16_000


def sound(file: Path, kind: str, n: int) -> Path:
    """Two kinds of sound that no network takes for one another."""
    t, rng = np.arange((4 + 3 * (n % 3)) * RATE) / RATE, np.random.default_rng(n)  # one length would be one recording
    if kind == "noise":
        x = 0.3 * rng.standard_normal(len(t)) * (np.sin(2 * np.pi * (2 + n / 9) * t) > 0)
    else:
        x = 0.2 * sum(np.sin(2 * np.pi * f * (1 + n / 50) * t) for f in (220, 277, 330)) * np.exp(-(t % 1))
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, x, RATE)
    return file


def told(capsys, *arguments: object) -> str:
    assert main([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


def test_listen_says_what_it_hears(tmp_path, capsys):
    file = sound(tmp_path / "chord.wav", "tone", 0)
    (found,) = map(json.loads, told(capsys, "listen", file, "--json").splitlines())
    assert found["seconds"] == 4
    assert len(found["tags"]) == 6
    assert found["genre"]["name"] in ("unsure", *load_head().genres)
    assert found["key"].endswith(("major", "minor"))
    assert -30 < found["loudness"] < -5
    assert len(found["loudness_each_second"]) == 4
    assert [row["until"] for row in found["tags_over_time"]] == [2.98]
    text = told(capsys, "listen", file)
    assert all(word in text for word in ("chord.wav  0:04", "tags", "genre", "tempo", "key", "LUFS"))


def test_silence_and_short_sounds_have_answers(tmp_path, capsys):
    soundfile.write(tmp_path / "silence.wav", np.zeros(RATE), RATE)
    soundfile.write(tmp_path / "one.wav", np.zeros(1), RATE)
    for name in ("silence.wav", "one.wav"):
        found = json.loads(told(capsys, "listen", tmp_path / name, "--json"))
        assert (found["tempo"], found["key"], found["loudness"]) == (None, None, None)
        assert "silence" in told(capsys, "listen", tmp_path / name)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("listen", "none.wav"), "none.wav does not exist"),
        (("listen", "."), "is a folder"),
        (("listen", "good.wav", "--model", "good.wav"), "is not an ONNX model"),
        (("listen", "good.wav", "--head", "good.wav"), "is no genre head"),
        (("listen", "train", "empty"), "holds no folders with sound files"),
        (("listen", "train", "nowhere"), "is no folder"),
        (("library", "similar", "x", "--library", "lib"), "is empty: python -m offline library add"),
        (("library", "add", "nowhere", "--library", "lib"), "is no folder"),
        (("library", "radio", "--m3u8", "list.txt", "--library", "lib"), "does not end in .m3u8"),
        (("library", "serve", "--app", "", "--library", "lib"), "1 to 64 characters"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    sound(Path("good.wav"), "tone", 1)
    Path("empty").mkdir()
    assert main(list(arguments)) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"offline {arguments[0]}")
    assert "_" not in error.partition(":")[0], "the command as one types it"
    assert sentence in error
    assert error.count("\n") == 1


def test_genres_of_ones_own_are_learnt(tmp_path, capsys):
    folder = tmp_path / "mine"
    for n in range(6):
        sound(folder / "hiss" / f"{n}.wav", "noise", n)
        sound(folder / "bells" / f"{n}.wav", "tone", n)
    (folder / "bells" / "broken.mp3").write_text("no sound")
    found = json.loads(told(capsys, "listen", "train", folder, "--json"))
    assert found["pieces"] == 12
    assert found["ten_parts"]["artists_apart"]["share"] > 0.9
    assert found["ten_parts"]["at_random"]["of"] == 12
    fresh = json.loads(
        told(capsys, "listen", sound(tmp_path / "x.wav", "noise", 9), "--head", tmp_path / "mine.npz", "--json")
    )
    assert next(iter(fresh["genre"]["probabilities"])) == "hiss"
    assert main(["listen", "train", str(folder)]) == 2  # it exists
    assert "exists: --force" in capsys.readouterr().err


def test_the_built_in_split_is_used_where_names_match(tmp_path, capsys):
    folder = tmp_path / "gtzan"
    for n, name in enumerate(("blues.00000", "blues.00029", "blues.00030", "blues.00012")):  # valid, train, train, test
        sound(folder / "blues" / f"{name}.wav", "noise", n)
    for n, name in enumerate(("jazz.00012", "jazz.00030", "jazz.00031", "jazz.00000")):
        sound(folder / "jazz" / f"{name}.wav", "tone", n)
    found = json.loads(told(capsys, "listen", "train", folder, "--json"))
    from rtengine.models.listen import gtzan

    test = [f for f in folder.glob("*/*") if gtzan.part(f.name) == "test"]
    assert found["fault_filtered"]["clips"] == len(test) > 0


def test_the_honest_table_is_told(capsys, monkeypatch):
    found = json.loads(told(capsys, "listen", "evaluate", "--json"))
    assert found == json.loads(json.dumps(measures.table(load_head(), load_head().model)))
    assert found["test"]["accuracy"]["share"] >= 0.80
    assert found["all_733"]["at_random"]["share"] > found["all_733"]["artists_apart"]["share"]
    assert "fault-filtered test" in told(capsys, "listen", "evaluate")


@pytest.fixture
def library(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(scanning, "ProcessPoolExecutor", lambda n, *a, **k: ThreadPoolExecutor(n))
    for n in range(3):
        sound(tmp_path / "music" / f"hiss {n}.wav", "noise", n)
        sound(tmp_path / "music" / f"bell {n}.wav", "tone", n)
    (tmp_path / "music" / "broken.wav").write_text("x")
    said = told(capsys, "library", "add", tmp_path / "music", "--library", tmp_path / "lib")
    assert said.startswith("7 files: 6 heard\n1 could not be read")
    return tmp_path / "lib"


def test_a_library_is_filled_searched_and_asked(library, tmp_path, capsys):
    at = ("--library", library)
    assert "/broken.wav is no sound file" in told(capsys, "library", "list", "--errors", *at)
    assert told(capsys, "library", *at).count("\n") == 6
    assert told(capsys, "library", "list", "hiss", *at).count("\n") == 3
    found = json.loads(told(capsys, "library", "similar", "bell 0", "--count", 2, "--json", *at))
    assert {row["title"] for row in found} == {"bell 1", "bell 2"}
    assert found[0]["why"]
    way = json.loads(told(capsys, "library", "path", "bell 0", "hiss 2", "--count", 4, "--json", *at))
    assert (way[0]["title"], way[-1]["title"]) == ("bell 0", "hiss 2")
    first, again = (told(capsys, "library", "radio", "--seed", 3, "--count", 5, *at) for _ in range(2))
    assert first == again
    assert told(capsys, "library", "rate", "dislike", "bell 1", *at) == "dislike: bell 1\n"
    assert "bell 1" not in told(capsys, "library", "similar", "bell 0", *at)
    told(capsys, "library", "similar", "bell 0", "--m3u8", tmp_path / "list.m3u8", *at)
    lines = (tmp_path / "list.m3u8").read_text().splitlines()
    assert lines[0] == "#EXTM3U"
    assert (tmp_path / lines[2]).is_file()
    user = told(capsys, "library", "serve", "--app", "phone", *at)
    assert user.startswith("user name  phone\npassword   ")
    assert json.loads(told(capsys, "library", "serve", "--app", "desk", "--json", *at)).keys() == {
        "user", "password", "apiKey",
    }  # fmt: skip


def test_an_empty_library_says_what_fills_it(tmp_path, capsys):
    at = ("--library", tmp_path / "lib")
    assert told(capsys, "library", "list", *at) == "the library is empty: python -m offline library add FOLDER\n"
    assert json.loads(told(capsys, "library", "list", "--json", *at)) == []


def test_names_do_not_command_the_terminal(library, tmp_path, capsys):
    opened = Library(library)
    with opened.change():
        opened.db.execute("UPDATE tracks SET title = char(27) || '[31m ' || title")
        opened.db.execute("UPDATE errors SET path = ?, why = ?", (b"/x/\x1b[2J\xff.wav", "the decoder crashed on it"))
    opened.close()
    at = ("--library", library)
    for words in (
        ("list",),
        ("list", "--errors"),
        ("radio",),
        ("radio", "--json"),
        ("list", "--json"),
        ("rate", "like", "1"),
    ):
        out = told(capsys, "library", *words, *at)
        assert "\x1b" not in out
        assert out.isascii()
    assert told(capsys, "library", "list", "--errors", *at) == "/x/\\x1b[2J\\udcff.wav: the decoder crashed on it\n"
    assert "\x1b" not in line(Progress(now="\x1b[2J\n", total=1))


def test_commands_of_two_words_are_one():
    assert parse(["listen", "train", "x"]).command == "listen_train"
    assert parse(["listen", "./train", "x"]).files == [Path("train"), Path("x")]
    assert parse(["library"]).action == "library"
    assert parse(["library", "serve"]).port == 4533


def test_courses_are_drawn():
    assert bars([None, -40, -22.5, -5, 3]) == "▁▁▅██"
    assert len(bars(list(range(1000)))) == 60
    assert clock(61.4) == "1:01"
