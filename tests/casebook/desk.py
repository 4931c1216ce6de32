"""Working at the pages of the casebook as a browser would."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from participants.models import Participant, Visit
from tests.browsing import Page

# Fields of the frame around the form, not of the form.
OF_THE_FRAME = {"q", "next", "csrfmiddlewaretoken", "site", "language"}


def visit_of(participant: Participant, code: str = "SCR") -> Visit:
    return Visit.objects.select_related("participant__site").get(participant=participant, code=code)


def form_address(participant: Participant, form: str, visit: str = "SCR") -> str:
    return f"/visits/{visit_of(participant, visit).pk}/{form}/"


def on_the_page(page: Page) -> dict[str, list[str]]:
    """What a browser would post of the form as it stands."""
    return {name: values for name, values in page.values.items() if name not in OF_THE_FRAME}


def send(client: Client, address: str, answers: dict[str, Any], action: str = "save") -> HttpResponse:
    """Open a form, type over what stands there, and press a button."""
    typed: dict[str, Any] = on_the_page(Page(client.get(address)))
    return client.post(address, {**typed, **answers, "action": action})  # type: ignore[return-value]
