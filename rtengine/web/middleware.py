"""The guards for aiohttp, and the headers that tell a browser to be careful."""

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from rtengine.web.guards import Guard, Refusal

CAREFUL = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def nothing(request: web.Request) -> bool:
    """No request is answered without the token."""
    return False


def guarded(guard: Guard, public: Callable[[web.Request], bool] = nothing) -> Middleware:
    """A middleware that answers only what the guard lets pass, WebSockets too.

    public: requests that need no token, as for a page that shows nothing before it is told the token.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        wrong = refusal(guard, request, public)
        if wrong:
            return refused(wrong)
        return await handler(request)

    return check


def refusal(guard: Guard, request: web.Request, public: Callable[[web.Request], bool] = nothing) -> Refusal | None:
    """What keeps a request from being answered, or None."""
    headers = request.headers
    if wrong := guard.refusal(headers.getall("Host", []), headers.getall("Origin", [])):
        return wrong
    if public(request) or (request.method in ("GET", "HEAD") and with_ticket(guard, request)):
        return None
    return guard.unknown(headers.get("Authorization", ""), headers.get("Sec-WebSocket-Protocol", ""))


def with_ticket(guard: Guard, request: web.Request) -> bool:
    """Whether the address has a ticket for itself."""
    ticket = request.query.get("ticket", "")
    return bool(ticket) and guard.opens(ticket, request.path)


def refused(wrong: Refusal) -> web.Response:
    """The answer to what the guard does not let pass."""
    headers = {"WWW-Authenticate": "Bearer"} if wrong.status == 401 else {}
    return web.Response(status=wrong.status, text=wrong.reason + "\n", headers=CAREFUL | headers)


async def carefully(request: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`: give every answer the headers of CAREFUL, but keep those it has."""
    for name, value in CAREFUL.items():
        response.headers.setdefault(name, value)
