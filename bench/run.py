"""One run of the bench: what is asked for, the databases and servers it stands on, made when first needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bench import servers, trial
from bench.report import CHECKOUT


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured; the defaults take some minutes."""

    rounds: int = 7
    seconds: float = 4.0
    workers: int = 2
    clients: int = 4
    few: int = 500  # participants
    many: int = 5_000
    all: int = 10_000
    rows: int = 10_000  # saved with and without the trail


QUICK = Options(rounds=3, seconds=1.0, few=100, many=1_000, all=1_000, rows=1_000)

FORMS_A_BROWSER = 2
FORMS_FOR_ENROLMENT = 3


@dataclass
class Run:
    """Databases and servers of one run; leaving it ends the servers."""

    options: Options
    _open: ExitStack = field(default_factory=ExitStack)
    _ports: dict[str, int] = field(default_factory=dict)

    def __enter__(self) -> Run:
        self.say("Walking the participants that are copied")
        trial.make_base(self.options.all, self.forms + FORMS_FOR_ENROLMENT)
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def say(self, words: str) -> None:
        print(words, flush=True, file=sys.stderr)

    @property
    def forms(self) -> int:
        return self.options.clients * FORMS_A_BROWSER

    def _copy(self, name: str, participants: int) -> str:
        self.say(f"Copying {participants} participants")
        trial.make_copy(name, participants)
        return name

    @cached_property
    def few(self) -> str:
        """The database with few participants."""
        return self._copy("bench_few", self.options.few)

    @cached_property
    def many(self) -> str:
        return self._copy("bench_many", self.options.many)

    @cached_property
    def all(self) -> str:
        return self._copy("bench_all", self.options.all)

    def product(self, database: str) -> int:
        """The port of the product over one of the databases."""
        if database not in self._ports:
            serving = servers.serving("trial_edc.wsgi", trial.environment(database), self.options.workers)
            self._ports[database] = self._open.enter_context(serving)
        return self._ports[database]

    @cached_property
    def _peer_environment(self) -> dict[str, str]:
        return {
            "PEER_DATABASE_URL": servers.make_peer_database(),
            "DJANGO_SETTINGS_MODULE": "bench.peer.settings",
        }

    def _ask_peer(self, *words: str) -> dict[str, Any]:
        """Run one of the peer's commands and read what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "django", *words],
            cwd=CHECKOUT,
            env={**os.environ, **self._peer_environment},
            stdout=subprocess.PIPE,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    @cached_property
    def peer(self) -> dict[str, Any]:
        """What bench/peer's command peer_prepare says of its pages; its tables are filled then."""
        self.say("Filling the peer")
        return self._ask_peer(
            "peer_prepare", f"--participants={self.options.few}", f"--forms={self.forms + 1}"
        )

    @cached_property
    def peer_audit(self) -> dict[str, Any]:
        assert self.peer
        return self._ask_peer("peer_audit", f"--rows={self.options.rows}", f"--rounds={self.options.rounds}")

    @cached_property
    def peer_port(self) -> int:
        assert self.peer
        serving = servers.serving("bench.peer.wsgi", self._peer_environment, self.options.workers)
        return self._open.enter_context(serving)
