"""Pages: a filled form opened and saved, the participants by visits, the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from time import perf_counter
from typing import Any

from celery import current_app
from django.conf import settings

from bench import trial
from bench.browser import Browser, Compared, Page, Side, Typed, Visitor, compare
from bench.report import Figure
from bench.run import FORMS_A_BROWSER, Run
from dashboards.sections import SECTIONS
from participants.models import Participant

# Everybody on the second page is a copy, so that every row is full.
MATRIX, PEERS_LIST = "/participants/?page=2", "?p=2"


def always(page: Page) -> Visitor:
    return lambda: page


def _people(run: Run) -> list[Participant]:
    """Those whose forms are opened and saved, two for each browser."""
    return list(Participant.objects.filter(site__code="01").order_by("number")[: run.forms])


def _of_browser(number: int, forms: list[Any]) -> list[Any]:
    return forms[number * FORMS_A_BROWSER : (number + 1) * FORMS_A_BROWSER]


def _compared(key: str, what: str, found: Compared, statements: int, peers_statements: int) -> list[Figure]:
    return [
        Figure(
            f"{key}.rate",
            f"{what}, pages/s (ms)",
            f"{found.second_rate:.1f} ({found.second_ms:.1f})",
            found.ratio,
            f"{found.first_rate:.1f} ({found.first_ms:.1f})",
        ),
        Figure(f"{key}.sql", f"{what}, SQL", str(statements), statements, str(peers_statements)),
    ]


def form(run: Run) -> list[Figure]:
    """The largest form, filled and corrected before, opened by somebody who enters data."""
    trial.use(run.few)
    addresses = [trial.address(person) for person in _people(run)]
    desk = trial.client("coordinator")
    desk.get(addresses[0])
    asked = trial.statements(lambda: desk.get(addresses[0]))

    def turning(paths: list[str]) -> Visitor:
        turn = count()
        return lambda: Page(paths[next(turn) % len(paths)])

    browsers = range(run.options.clients)
    peers = [one["path"] for one in run.peer["forms"]]
    found = compare(
        Side(run.peer_port, run.peer["cookie"], [turning(_of_browser(n, peers)) for n in browsers]),
        Side(
            run.product(run.few),
            trial.cookie("coordinator"),
            [turning(_of_browser(n, addresses)) for n in browsers],
        ),
        rounds=run.options.rounds,
        seconds=run.options.seconds,
    )
    return _compared("form", "open a filled form", found, asked, run.peer["sql"]["form"])


def _saver(forms: list[tuple[str, dict[str, Any]]], changed: str, values: tuple[str, str]) -> Visitor:
    """Save some forms in turn, one value of each changed to and fro; counts their revisions along."""
    turn = count()

    def visit() -> Page:
        number = next(turn)
        path, posted = forms[number % len(forms)]
        posted[changed] = values[(number // len(forms)) % 2]
        page = Page(path, dict(posted), 302)
        if "revision" in posted:
            posted["revision"] = str(int(posted["revision"]) + 1)
        return page

    return visit


def save(run: Run) -> list[Figure]:
    """A submitted form corrected in one value, with a reason: every check, the row, the trail."""
    trial.use(run.few)
    port, cookie = run.product(run.few), trial.cookie("coordinator")
    browser = Browser(port, cookie)

    def typed(person: Participant) -> tuple[str, dict[str, Any]]:
        path = trial.address(person)
        values = Typed(browser.ask(Page(path))).values
        posted = {name: given if len(given) > 1 else given[0] for name, given in values.items()}
        return path, {**posted, "action": "save", "reason": "typing error"}

    people = _people(run)
    desk = trial.client("coordinator")

    def correct(value: str) -> Callable[[], Any]:
        path, posted = typed(people[0])
        return lambda: desk.post(path, {**posted, "urea": value})

    trial.statements(correct("5.30"), 302)
    asked = trial.statements(correct("5.40"), 302)
    forms = [typed(person) for person in people]
    peers = [(one["path"], one["posted"]) for one in run.peer["forms"]]
    browsers = range(run.options.clients)
    found = compare(
        Side(
            run.peer_port,
            run.peer["cookie"],
            [_saver(_of_browser(n, peers), "ggt", ("56.0", "55.0")) for n in browsers],
        ),
        Side(port, cookie, [_saver(_of_browser(n, forms), "urea", ("5.20", "5.10")) for n in browsers]),
        rounds=run.options.rounds,
        seconds=run.options.seconds,
    )
    return _compared("save", "correct it with a reason", found, asked, run.peer["sql"]["save"])


def matrix(run: Run) -> list[Figure]:
    """50 participants with all their visits, beside the peer's list of 50; then among ten times as many."""
    rounds, seconds, clients = run.options.rounds, run.options.seconds, run.options.clients
    sides = {}
    for database in (run.few, run.many):
        trial.use(database)
        desk = trial.client("datamanager")
        desk.get(MATRIX)
        asked = trial.statements(lambda: desk.get(MATRIX))  # noqa: B023
        port = run.product(database)
        sides[database] = Side(port, trial.cookie("datamanager"), [always(Page(MATRIX))] * clients)
    peer = Side(run.peer_port, run.peer["cookie"], [always(Page(run.peer["list"] + PEERS_LIST))] * clients)
    beside = compare(peer, sides[run.few], rounds=rounds, seconds=seconds)
    grown = compare(sides[run.few], sides[run.many], rounds=rounds, seconds=seconds)
    return [
        *_compared("matrix", "50 participants by visits", beside, asked, run.peer["sql"]["matrix"]),
        Figure(
            "matrix.growth",
            f"the same among {run.options.many} over {run.options.few}, time",
            f"{grown.second_ms:.1f} over {grown.first_ms:.1f} ms",
            1 / grown.ratio,
        ),
    ]


def dashboard(run: Run) -> list[Figure]:
    """The dashboard of the whole trial, asked for by one person while nobody else asks: each section a page.

    What a worker works out is worked out before, in this process and in both languages, and timed by itself.
    """
    trial.use(run.all)
    desk = trial.client("datamanager")
    desk.get("/dashboard/")
    asked = trial.statements(lambda: desk.get("/dashboard/"))
    took = _dashboard_ms(run, "/dashboard/")
    addresses = [f"/dashboard/{name}/" for name, one in SECTIONS.items() if one.by_worker]
    worked, pages = 0.0, []
    current_app.conf.task_always_eager = True
    for address in addresses:
        for language in ("zh-hans", "en"):
            desk.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            begun = perf_counter()
            desk.get(address)
            worked = max(worked, perf_counter() - begun)
        pages.append(_dashboard_ms(run, address))
    slowest = max(pages)
    return [
        Figure("dashboard.ms", f"dashboard of {run.options.all}, ms", f"{took:.1f}", took),
        Figure("dashboard.sql", "dashboard, SQL", str(asked), asked),
        Figure("dashboard.section.ms", "its slowest other section, ms", f"{slowest:.1f}", slowest),
        Figure("dashboard.worker.s", "a section worked out by a worker, at most, s", f"{worked:.1f}", worked),
    ]


def _dashboard_ms(run: Run, address: str) -> float:
    side = Side(run.product(run.all), trial.cookie("datamanager"), [always(Page(address))])
    side.milliseconds(4)  # every worker has compiled its templates then
    return side.milliseconds(run.options.rounds * 5)
