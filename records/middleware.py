"""What every request carries: the trial's clock, and the person's access at that moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.access import NOBODY, Access
from records import clock
from records.trail import current_request


class TrialMiddleware:
    """Put `now` and `access` on the request, each read once; the access only where a page asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        current_request.set(uuid.uuid4().hex)
        # Not lazy: the database driver takes nothing that only looks like a datetime.
        reading = clock.read()
        request.trial_clock = reading  # type: ignore[attr-defined]
        request.now = clock.now(reading)  # type: ignore[attr-defined]

        def access() -> Access:
            if not request.user.is_authenticated:
                return NOBODY
            return Access.of(request.user, clock.day(request.now))  # type: ignore[attr-defined]

        request.access = SimpleLazyObject(access)  # type: ignore[attr-defined]
        return self.get_response(request)
