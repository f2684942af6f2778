"""Refusals: a status and one sentence, as RFC 9457 has them."""

import json
import math

from aiohttp import web


class Problem(Exception):  # noqa: N818  # an answer, not an error
    """Answer with this status and sentence. code: a word for programs. after: seconds for Retry-After."""

    def __init__(self, status: int, detail: str, code: str = "", after: float | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code, self.after = status, detail, code, after

    def answer(self) -> web.Response:
        """The response."""
        body = {"title": self.detail, "status": self.status, "detail": self.detail, "code": self.code}
        headers = {} if self.after is None else {"Retry-After": str(max(math.ceil(self.after), 1))}
        return web.Response(
            status=self.status, text=json.dumps(body), content_type="application/problem+json", headers=headers
        )
