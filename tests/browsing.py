"""A person at the pages, without a browser: sign in, fetch, and read what came back as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser

from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client

from accounts.models import User


def at_the_desk(person: User | None, language: str = "en") -> Client:
    """A client of one person's, signed in, with pages in one language."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    if person is not None:
        client.force_login(person)
    return client


VOID = {"input", "meta", "link", "br", "hr", "img", "path", "circle", "rect", "line", "area", "source", "use"}
ADDRESSES = ("href", "action", "src", "hx-get", "hx-post")


class Page(HTMLParser):
    """What a page holds: the values its fields would post, its addresses, its ids, and its words."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.offered: dict[str, list[str]] = {}  # what each select, radio group or set of boxes offers
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.readonly: set[str] = set()
        self.buttons: list[tuple[str, str]] = []
        self.lang = ""
        self._words: list[str] = []
        self._select = self._textarea = ""
        self._silent = self._aside = 0
        self.feed(response.content.decode())  # type: ignore[attr-defined]
        self.close()

    @property
    def text(self) -> str:
        """The words of the page, spaces made single."""
        return " ".join(" ".join(self._words).split())

    def value(self, name: str) -> str:
        """What a field with one value would post; "" where it would post nothing."""
        (given,) = self.values.get(name, [""])
        return given

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._aside += 1
        if self._aside:
            return  # nothing of it is on the page
        if tag == "html":
            self.lang = given.get("lang", "")
        if "id" in given:
            self.ids.append(given["id"])
        self.addresses += [given[name] for name in ADDRESSES if name in given]
        name = given.get("name", "")
        if name and ("disabled" in given or "readonly" in given):
            self.readonly.add(name)
        if tag == "input" and given.get("type") in ("checkbox", "radio"):
            self.offered.setdefault(name, []).append(given.get("value", ""))
            if "checked" in given:
                self.values.setdefault(name, []).append(given.get("value", ""))
        elif tag == "input" and name:
            self.values.setdefault(name, []).append(given.get("value", ""))
        elif tag == "select":
            self._select = name
            self.offered.setdefault(name, [])
        elif tag == "option" and self._select:
            self.offered[self._select].append(given.get("value", ""))
            if "selected" in given:
                self.values.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._textarea = name
            self.values.setdefault(name, [""])
        elif tag == "button" and name:
            self.buttons.append((name, given.get("value", "")))
        if tag in ("script", "style"):
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._aside -= 1
        elif self._aside:
            pass
        elif tag == "select":
            # A browser posts the first option of a list of one choice in which none is chosen.
            if self._select and self.offered[self._select]:
                self.values.setdefault(self._select, [self.offered[self._select][0]])
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""
        elif tag in ("script", "style"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea][0] += data
        elif not self._silent and not self._aside:
            self._words.append(data)
