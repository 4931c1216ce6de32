"""A demonstration says on every page that its data are fictitious; a real trial never does.

Prints: tests/casebook/test_printing.py; exports: tests/exports/test_writing.py; tables: tests/dashboards/test_pages.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from records import clock
from records.clock import TrialClock

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if "<!doctype" in path.read_text(encoding="utf-8").lower()
)
# Rendered without a database, so that they cannot know; they show nothing of a trial.
WITHOUT_DATA = {"400.html", "500.html"}
RIBBON = re.compile(r'<aside class="demo-ribbon".*?</aside>', re.S)


def marked(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Let the database be of that kind."""
    monkeypatch.setattr(clock, "read", lambda: TrialClock(kind=kind))


def test_one_template_is_the_frame_of_every_page() -> None:
    assert {path.name for path in PAGES} == {
        "base.html",
        "frame.html",
        "phone.html",
        *WITHOUT_DATA,
    }  # frame.html: of a copy, which says it in its own words; phone.html: tests/diary/test_phone.py
    base = (TEMPLATES / "base.html").read_text(encoding="utf-8")
    before = base[: RIBBON.search(base).start()]  # type: ignore[union-attr]
    # In no block, so that no page can leave it out.
    assert len(re.findall(r"{%\s*block ", before)) == len(re.findall(r"{%\s*endblock", before))
    assert "虚构数据" in base
    assert "fictitious data" in base


@pytest.mark.parametrize("name", sorted(WITHOUT_DATA))
def test_a_page_without_data_asks_for_none(name: str) -> None:
    words = (TEMPLATES / name).read_text(encoding="utf-8")
    assert not re.findall(r"{{(?! static_prefix }})", words)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_sign_in_page_of_a_demonstration_says_so(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    client.cookies["django_language"] = language
    for kind, there in ((TrialClock.Kind.DEMO, True), (TrialClock.Kind.TRIAL, False)):
        marked(monkeypatch, kind)
        page = client.get(reverse("login")).content.decode()
        ribbon = RIBBON.search(page)
        assert (ribbon is not None) is there
        if ribbon is not None:
            assert "虚构数据" in ribbon[0]
            assert "ictitious data" in ribbon[0]


def test_a_page_that_does_not_exist_says_so_too(
    client: Client, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked(monkeypatch, TrialClock.Kind.DEMO)
    client.force_login(coordinator)
    for address, status in (("/", 200), ("/nowhere/", 404)):
        answer = client.get(address)
        assert answer.status_code == status
        assert RIBBON.search(answer.content.decode())
