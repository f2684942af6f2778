"""A file that names other files is no sound: it would have them read in its place."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtengine.files.source import open_source

ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\0" * 10  # which FFmpeg skips when it looks what a file is


@pytest.mark.parametrize("before", [b"", ID3], ids=["plain", "behind ID3"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{}'\n",
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{}</BaseURL></MPD>',
    ],
    ids=["hls", "concat", "dash"],
)
def test_a_playlist_is_refused(tmp_path: Path, text: str, before: bytes) -> None:
    soundfile.write(tmp_path / "secret.wav", np.ones(4410, np.float32) / 2, 44_100)
    song = tmp_path / "song"
    song.write_bytes(before + text.format("secret.wav").encode())
    with pytest.raises(ValueError, match="no sound file that can be read"):
        open_source(song)
