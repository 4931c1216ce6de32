"""On whose behalf a transaction works: what the audit trail is told.

Rows are written by triggers alone (records/install.py). This module tells them on whose behalf a
transaction works; a change made without that is kept all the same, as unattributed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from accounts.access import Actor

Params = ParamSpec("Params")
Result = TypeVar("Result")

# The page request being answered, for the trail; set by the middleware.
current_request: ContextVar[str] = ContextVar("current_request", default="")
_context: ContextVar[str] = ContextVar("trail_context", default="")


@contextmanager
def attributed(by: Actor, reason: str = "", *, joins: bool = False) -> Iterator[None]:
    """Open a transaction whose changes the trail attributes to `by`, with `reason`.

    Inside another attributed transaction the inner words hold until it ends; same words cost nothing. There
    the inner block is undone by itself where it fails, or, where it `joins`, together with all around it.
    """
    words = json.dumps(
        {
            "person": by.person_id,
            "role": by.role,
            "site": by.site_id,
            "reason": reason,
            "request": current_request.get(),
        }
    )
    inside = connection.in_atomic_block
    outer = _context.get() if inside else ""
    with transaction.atomic(savepoint=not (joins and outer)):
        if words != outer:
            _tell(words)
        token = _context.set(words)
        try:
            yield
        finally:
            _context.reset(token)
        if inside and words != outer:
            # The transaction goes on: what follows is not this person's.
            _tell(outer)


def _tell(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('trail.context', %s, true)", [words])


def action(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Make a verb of the trial: atomic, and attributed to its `by` with its `reason`, if it takes one.

    A verb within a verb is part of it: both are done, or neither. Who goes on after a verb that was refused
    within their own puts it into a `transaction.atomic()`.
    """

    @wraps(function)
    def attributed_action(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        by: Any = kwargs["by"]
        reason: Any = kwargs.get("reason", "")
        with attributed(by, str(reason), joins=True):
            return function(*args, **kwargs)

    return attributed_action
