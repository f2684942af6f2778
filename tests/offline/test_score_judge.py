"""Judging: blind pages, and figures of the votes."""

import csv
import json
from pathlib import Path

import pytest

from offline.__main__ import main
from offline.score.votes import Vote, interval, preference


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for film in ("forest", "harbour"):
        for system in ("ours", "theirs", "random"):
            (tmp_path / "f" / film).mkdir(parents=True, exist_ok=True)
            (tmp_path / "f" / film / f"{system}.mp4").write_bytes(f"{film} {system}".encode())
    return tmp_path / "f"


def test_pages_are_blind_and_have_every_pair(folder: Path) -> None:
    assert main(["score", "judge", str(folder)]) == 0
    key = json.loads((folder / "judge" / "key.json").read_text())
    assert len(key) == 6
    for view in ("creators", "audience"):
        text = (folder / "judge" / f"{view}.html").read_text()
        assert not any(name in text for name in ("ours", "theirs", "harbour"))
        facts = json.loads(text.split("const facts = ")[1].split(";\n")[0])
        assert len(facts["pairs"]) == 6
        assert all(key[a]["film"] == key[b]["film"] and key[a]["system"] != key[b]["system"] for a, b in facts["pairs"])
        assert all((folder / "judge" / "media" / code).is_file() for pair in facts["pairs"] for code in pair)
    assert main(["score", "judge", str(folder)]) == 2, "a new key would make old votes worthless"


def test_votes_become_figures(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["score", "judge", str(folder)])
    key = json.loads((folder / "judge" / "key.json").read_text())
    codes = {v["system"]: code for code, v in key.items() if v["film"] == "forest"}
    rows = []
    for rater in ("ann", "bo", "cy"):
        common = {"time": "t", "rater": rater, "role": "lay", "view": "audience"}
        for system, score in (("ours", "4.5"), ("random", "1")):
            other = codes["random" if system == "ours" else "ours"]
            rows.append(
                {**common, "code": codes[system], "other": other, "side": "A", "scale": "overall", "score": score}
            )
        rows.append({**common, "code": codes["ours"], "other": codes["random"], "side": "", "scale": "preferred",
                     "score": codes["ours"]})  # fmt: skip
    with (tmp_path / "v.csv").open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows + rows[:1])  # one twice counts once
    assert (
        main(["score", "judge", str(folder), "--votes", str(tmp_path / "v.csv"), "--out", str(tmp_path / "r.csv")]) == 0
    )
    with (tmp_path / "r.csv").open() as opened:
        table = {(r["role"], r["scale"], r["system"]): r for r in csv.DictReader(opened)}
    assert float(table["all", "overall", "ours"]["mean"]) == 4.5
    assert float(table["all", "overall", "ours"]["votes"]) == 3
    assert float(table["all", "preferred", "ours"]["mean"]) == 1
    assert float(table["lay", "preferred", "random"]["high"]) < 0.6


def test_a_vote_of_other_pages_is_refused_with_its_line(folder: Path, tmp_path: Path,
                                                        capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    main(["score", "judge", str(folder)])
    (tmp_path / "v.csv").write_text(
        "time,rater,role,view,code,other,side,scale,score\nt,a,lay,audience,x,y,A,overall,3\n"
    )
    assert main(["score", "judge", str(folder), "--votes", str(tmp_path / "v.csv")]) == 2
    assert "line 2" in capsys.readouterr().err


def test_intervals_hold_what_they_say() -> None:
    """Wilson, 8 of 10: 0.49 to 0.94 (L. Brown and others, 2001); raters, not votes, are drawn."""
    won = [Vote(str(i), "lay", "audience", "preferred", "a", float(i < 8)) for i in range(10)]
    assert preference(won) == pytest.approx((0.8, 0.490, 0.943), abs=0.001)
    same = [Vote(r, "lay", "audience", "overall", "a", s) for r, s in (("x", 1.0), ("y", 5.0)) for _ in range(50)]
    mean, low, high = interval(same)
    assert (mean, low, high) == (3.0, 1.0, 5.0)


def test_a_folder_with_nothing_to_compare_is_refused(tmp_path: Path) -> None:
    assert main(["score", "judge", str(tmp_path)]) == 2
