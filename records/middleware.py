"""What every request carries: the trial's clock, and the person's access at that moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.access import NOBODY, Access
from accounts.attribution import current_request
from records import clock, study

NUL = "\0"
# The largest file that any page takes (imports: 50 MB), with what a form sends around it.
MOST_BYTES: Final = 60 * 1024 * 1024


class BodyLimitMiddleware:
    """Answer 413 to a request that announces more than any page takes, before anything of it is read.

    A body without an announced length is not read at all (WSGI).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isascii() and announced.isdigit() and int(announced) > MOST_BYTES:
            return HttpResponse(status=413)
        return self.get_response(request)


class TrialMiddleware:
    """Put `now` and `access` on the request, each read once; the access only where a page asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        current_request.set(uuid.uuid4().hex)
        _refuse_nul(request)
        # Not lazy: the database driver takes nothing that only looks like a datetime.
        reading = clock.read()
        request.trial_clock = reading  # type: ignore[attr-defined]
        request.now = clock.now(reading)  # type: ignore[attr-defined]

        def access() -> Access:
            if not request.user.is_authenticated:
                return NOBODY
            return Access.of(request.user, clock.day(request.now))  # type: ignore[attr-defined]

        request.access = SimpleLazyObject(access)  # type: ignore[attr-defined]
        with study.reading_once():
            return self.get_response(request)


def _refuse_nul(request: HttpRequest) -> None:
    """Answer 400 to a NUL character: no keyboard types it, and PostgreSQL stores it in no text."""
    for given in (request.GET, request.POST):
        if any(NUL in value for _name, values in given.lists() for value in values):
            raise BadRequest("NUL character")
