"""Browsers that ask one server again and again: how long an answer takes, and how many come in a second."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

# Django takes the secret itself as a form's token.
CSRF = "c" * 32


class WrongAnswer(Exception):
    """A page answered with another status than it should."""


@dataclass(frozen=True, slots=True)
class Page:
    """One request: where, what is posted (None: nothing), and the status it is answered with."""

    path: str
    posted: dict[str, str | list[str]] | None = None
    status: int = 200


# Gives the next page one browser asks for.
Visitor = Callable[[], Page]


class Browser:
    """A person who is signed in; gunicorn's plain workers take each request on a connection of its own."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": f"{cookie}; csrftoken={CSRF}; django_language=en"}

    def ask(self, page: Page) -> bytes:
        if page.posted is None:
            self._connection.request("GET", page.path, headers=self._headers)
        else:
            body = urlencode({**page.posted, "csrfmiddlewaretoken": CSRF}, doseq=True)
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            self._connection.request("POST", page.path, body, {**self._headers, **form})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != page.status:
            words = content.decode(errors="replace")[:3000]
            raise WrongAnswer(f"{page.path} answered {answer.status}, not {page.status}:\n{words}")
        return content

    def close(self) -> None:
        self._connection.close()


class Typed(HTMLParser):
    """What a browser would post of one form of a page as it stands; the form is known by its id."""

    def __init__(self, content: bytes, form: str = "crf") -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._wanted, self._inside = form, False
        self._select = self._textarea = ""
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self._inside = given.get("id") == self._wanted
        if not self._inside or "disabled" in given:
            return
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.values[self._select] = [*self.values.get(self._select, []), value]
        elif tag == "textarea":
            self._textarea = name
            self.values[name] = [""]
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.values[name] = [*self.values.get(name, []), value]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea][0] += data


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two being compared: its server, whoever is signed in there, and what each browser asks for."""

    port: int
    cookie: str
    visitors: Sequence[Visitor]

    def milliseconds(self, times: int) -> float:
        """The median time of an answer while nobody else asks."""
        browser = Browser(self.port, self.cookie)
        found = []
        for _time in range(times):
            page = self.visitors[0]()
            started = time.perf_counter()
            browser.ask(page)
            found.append(1000 * (time.perf_counter() - started))
        browser.close()
        return statistics.median(found)

    def rate(self, seconds: float) -> float:
        """The answers in a second while every browser asks as fast as it is answered."""
        counts = [0] * len(self.visitors)
        wrong: list[BaseException] = []
        started = time.perf_counter()
        end = started + seconds

        def browse(number: int) -> None:
            browser = Browser(self.port, self.cookie)
            try:
                while time.perf_counter() < end:
                    browser.ask(self.visitors[number]())
                    counts[number] += 1
            except (WrongAnswer, OSError) as error:
                wrong.append(error)
            finally:
                browser.close()

        threads = [
            threading.Thread(target=browse, args=(number,), daemon=True)
            for number in range(len(self.visitors))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise wrong[0]
        return sum(counts) / (time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians over the rounds, of the first and the second side; `ratio` is that of each round's own."""

    first_ms: float
    second_ms: float
    first_rate: float
    second_rate: float
    ratio: float  # of the rates, the second over the first


def compare(first: Side, second: Side, *, rounds: int, seconds: float) -> Compared:
    """Let both sides answer in turn, the one that begins changing from round to round."""
    sides = (first, second)
    times: tuple[list[float], list[float]] = ([], [])
    rates: tuple[list[float], list[float]] = ([], [])
    for side in sides:
        side.rate(min(seconds, 1.0))  # every worker has compiled its templates then
    for number in range(rounds):
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            times[which].append(sides[which].milliseconds(max(5, int(4 * seconds))))
            rates[which].append(sides[which].rate(seconds))
    ratios = [after / before for before, after in zip(*rates, strict=True)]
    return Compared(*map(statistics.median, (*times, *rates, ratios)))
