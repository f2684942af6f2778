"""Answers in the two forms that players ask for: JSON, and XML with numbers and texts as attributes.

Source: opensubsonic.netlify.app, docs/responses/subsonic-response and docs/responses/error.
"""

import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any
from xml.etree import ElementTree as Xml

from aiohttp import web

PROTOCOL = "1.16.1"
TYPE = "rtengine"
GENERIC, MISSING, WRONG, CONFLICT, BAD_KEY, FORBIDDEN, NOT_FOUND = 0, 10, 40, 43, 44, 50, 70
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAMESPACE = "http://subsonic.org/restapi"

Payload = Mapping[str, Any]  # texts, numbers, booleans, and lists and mappings of them


class ProtocolError(ValueError):
    """What a player is told instead of an answer: a code of the protocol and a sentence."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def answered(form: str, payload: Payload) -> web.Response:
    """The answer to a request that went well; form: "json" or "xml"."""
    return _response(form, "ok", payload)


def failed(form: str, trouble: ProtocolError) -> web.Response:
    """The answer to one that did not: status 200, as the protocol wants it."""
    return _response(form, "failed", {"error": {"code": trouble.code, "message": trouble.sentence}})


def _response(form: str, status: str, payload: Payload) -> web.Response:
    base = {"status": status, "version": PROTOCOL, "type": TYPE, "serverVersion": version("rtengine")}
    whole = base | {"openSubsonic": True} | dict(payload)
    if form == "json":
        return web.json_response({"subsonic-response": whole})
    root = element("subsonic-response", whole)
    root.set("xmlns", NAMESPACE)
    return web.Response(
        body=Xml.tostring(root, "utf-8", xml_declaration=True), content_type="text/xml", charset="utf-8"
    )


def element(name: str, value: Any) -> Xml.Element:
    """A value as an element: a mapping's plain values are attributes, "value" its text, the rest elements in it."""
    made = Xml.Element(name)
    if not isinstance(value, Mapping):
        made.text = _text(value)
        return made
    for key, inner in value.items():
        if isinstance(inner, list | tuple):
            made.extend(element(key, item) for item in inner)
        elif isinstance(inner, Mapping):
            made.append(element(key, inner))
        elif key == "value":
            made.text = _text(inner)
        else:
            made.set(key, _text(inner))
    return made


def _text(value: Any) -> str:
    """As XML may hold it: without the characters that it forbids."""
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    return NO_XML.sub("", text)
