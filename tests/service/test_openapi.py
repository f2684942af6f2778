"""The service against its own OpenAPI document, asked by schemathesis: what it says it does, and nothing else."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

from support.services import Service

EXAMPLES = int(os.environ.get("RTENGINE_EXAMPLES", "12"))  # requests of each kind, for each operation
HERE = Path(__file__).parent
HOOKS = """
import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
"""


def with_examples(document: dict[str, Any], known: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The document with things that are there, so that more than refusals is tried."""
    for path, operations in document["paths"].items():
        for parameter in operations.get("parameters", []):
            first = path.split("/")[1]
            if parameter["name"] in known.get(first, {}):
                parameter["example"] = known[first][parameter["name"]]
    events = document["paths"]["/events"]["get"]["parameters"][0]
    events["example"] = [known["jobs"]["id"]]
    schemas = document["components"]["schemas"]
    schemas["Render"]["properties"]["song"] = {"enum": [known["songs"]["song"], "0" * 64]}
    schemas["Mix"]["properties"]["stems"]["items"] = schemas["Score"]["properties"]["film"] = {
        "enum": [known["songs"]["song"], "0" * 64]
    }
    schemas["Convert"]["properties"]["job"] = {"enum": [known["jobs"]["id"], str(uuid.uuid4())]}
    return document


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS)
    with Service(tmp_path / "service", rate=1e6, burst=1e6, uploads=10_000, places=("mix", "film")) as service:
        song = b"a song" * 1000
        job = service.ended(service.render(song))
        where = service.upload(b"another")
        known = {
            "jobs": {"id": job["id"]},
            "songs": {"song": job["request"]["song"]},
            "uploads": {"id": where.rpartition("/")[2]},
            "textures": {"name": "water"},
        }
        document = with_examples(service.json("GET", "/openapi.json")[1], known)
        (tmp_path / "openapi.json").write_text(json.dumps(document))
        asked = subprocess.run(
            [Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run",
             tmp_path / "openapi.json", "--url", service.url, "--max-examples", str(EXAMPLES), "--seed", "1",
             "--workers", "1", "--no-color"],
            env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)}, cwd=tmp_path,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert asked.returncode == 0, asked.stdout[-8000:]
        assert "26 selected / 26 total" in asked.stdout
        assert service.json("GET", f"/jobs/{uuid.uuid4()}")[0] == 404, "it is still there"
