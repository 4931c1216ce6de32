"""The page on a participant's phone: a shell that works without a connection, and what it asks the server.

The link's token stands in the fragment of its address, which no browser sends; the page posts it once, with the year of
birth, for a cookie. What the server answers is JSON; a refusal is one sentence in the language of the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import VISITOR, participant_at
from accounts.door import Origin
from accounts.pages import PageRequest, for_anyone_signed_in, machine_now
from diary.actions import limits_on, note_use, open_link, receive_entry
from diary.actions.links import ended
from diary.forms import EntryFromPhone
from diary.models import DiaryLink
from diary.models.entries import COLDEST, HOTTEST, SYMPTOMS, WORST
from diary.policies import LinkEnded, TooMany
from diary.selectors import in_use, link_of_device, sent_lately
from diary.tokens import hash_of, name_of_diary
from followup import codelists
from records.clock import TrialClock
from records.findings import Refused

COOKIE = "diary"
LANGUAGES = {"zh-hans": "diary:phone", "en": "diary:phone_en"}
SCRIPTS = ("js/diary/keep.js", "js/diary/photo.js", "js/diary/send.js", "js/diary/page.js")
STYLES = ("css/diary.css",)
ICON = "icons/trial.svg"

View = Callable[..., HttpResponse]


def for_participants(view: View) -> View:
    """Declare a page that participants open without an account, in the language their page says it is in."""

    @wraps(view)
    def spoken(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        english = request.headers.get("Accept-Language", "").startswith("en")
        with translation.override("en" if english else "zh-hans"):
            return view(request, *args, **kwargs)

    return login_not_required(for_anyone_signed_in(spoken))  # type: ignore[return-value]


# -- the shell -----------------------------------------------------------------------------------------


@cache
def _shell(language: str, demo: bool) -> str:
    """The page without anything of anybody; the same for all, so that a phone may keep it."""
    other = "en" if language == "zh-hans" else "zh-hans"
    with translation.override(language):
        return render_to_string(
            "diary/phone.html",
            {
                "language": language,
                "other": reverse(LANGUAGES[other]),
                "demo": demo,
                "scripts": [static(one) for one in SCRIPTS],
                "styles": [static(one) for one in STYLES],
                "icon": static(ICON),
                "symptoms": list(SYMPTOMS.items()),
                "degrees": range(WORST + 1),
                "tests": list(codelists.OWN_TEST),
                "coldest": COLDEST,
                "hottest": HOTTEST,
            },
        )


@require_safe
@for_participants
def shell(request: PageRequest, language: str) -> HttpResponse:
    return HttpResponse(_shell(language, _is_demo(request)))


@require_safe
@for_participants
def worker(request: PageRequest) -> HttpResponse:
    """The service worker: it keeps the shell, so that the page opens without a connection. Another shell, another worker."""
    demo = _is_demo(request)
    pages = [_shell(language, demo) for language in LANGUAGES]
    files = [static(one) for one in (*SCRIPTS, *STYLES, ICON)]
    made_of = hashlib.sha256("".join([*pages, *files]).encode()).hexdigest()[:16]
    content = render_to_string(
        "diary/worker.js",
        {
            "version": made_of,
            "pages": [reverse(name) for name in LANGUAGES.values()],
            "files": files,
        },
    )
    return HttpResponse(content, content_type="text/javascript; charset=utf-8")


def _is_demo(request: PageRequest) -> bool:
    return bool(request.trial_clock.kind == TrialClock.Kind.DEMO)


# -- what the page asks --------------------------------------------------------------------------------


@never_cache
@require_safe
@for_participants
def state(request: PageRequest) -> JsonResponse:
    """Whether this phone's link is in force, and what the page needs: the time, limits, the number to call, its token.

    Of what was sent before only keys and times.
    """
    link = link_of_device(request.COOKIES.get(COOKIE, ""))
    answer: dict[str, Any] = {"csrf": get_token(request), "now": request.now.isoformat(), "open": False}
    if link is None:
        return JsonResponse(answer)
    if not in_use(link, request.now):
        return JsonResponse({**answer, "sentence": str(ended(link).sentence)})
    note_use(link=link, by=participant_at(link.participant.site_id), now=request.now)
    return JsonResponse({**answer, **_of_the_diary(link, request)})


def _of_the_diary(link: DiaryLink, request: PageRequest) -> dict[str, Any]:
    limits = limits_on(request.now)
    return {
        "open": True,
        "diary": name_of_diary(link.participant_id),
        "call": link.call,
        "sent": sent_lately(link),
        "severe": {"symptom": limits.symptom, "temperature": float(limits.temperature)},
    }


@never_cache
@require_POST
@for_participants
def open_on_phone(request: PageRequest) -> JsonResponse:
    """Exchange the token and the year of birth for this phone's cookie; a phone that has the link open is let in."""
    token = request.POST.get("token", "")[:100]
    link = link_of_device(request.COOKIES.get(COOKIE, ""))
    if link is not None and link.token_hash == hash_of(token) and in_use(link, request.now):
        return JsonResponse(_of_the_diary(link, request))
    opening = open_link(
        token=token,
        year=request.POST.get("year", "")[:4],
        address=Origin.of(request).address,
        by=VISITOR,
        now=request.now,
    )
    if opening.refused is not None:
        return _refusal(opening.refused)
    assert opening.link is not None
    response = JsonResponse(_of_the_diary(opening.link, request))
    response.set_cookie(
        COOKIE,
        opening.device,
        expires=opening.link.expires - (request.now - machine_now(request)),
        path=reverse("diary:phone"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@never_cache
@require_POST
@for_participants
def entries(request: PageRequest) -> JsonResponse:
    """Take one entry; the same one again is answered as the first time."""
    link = link_of_device(request.COOKIES.get(COOKIE, ""))
    if link is None:
        return _refusal(ended(None))
    form = EntryFromPhone(request.POST, request.FILES)
    if not form.is_valid():
        return _refusal(Refused(form.sentence))
    photo = form.cleaned_data["photo"]
    try:
        entry = receive_entry(
            link=link,
            written=form.written,
            photo=photo,
            size=photo.size if photo else 0,
            by=participant_at(link.participant.site_id),
            now=request.now,
        )
    except Refused as refused:
        return _refusal(refused)
    return JsonResponse({"key": str(entry.key)})


def _refusal(refused: Refused) -> JsonResponse:
    """401: the link opens nothing; 429: later; 422: this cannot be taken, and would not be another time."""
    status = 401 if isinstance(refused, LinkEnded) else 429 if isinstance(refused, TooMany) else 422
    return JsonResponse({"sentence": str(refused.sentence)}, status=status)
