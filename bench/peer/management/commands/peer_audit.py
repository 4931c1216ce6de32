"""What django-simple-history costs: saves, bulk_create and a set-based change with and without it, as JSON."""

from __future__ import annotations

import json
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from bench.peer.filling import stored
from bench.peer.models import Laboratory, Participant


class Command(BaseCommand):
    help = "Measures what django-simple-history costs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, required=True)
        parser.add_argument("--rounds", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        rows, rounds = options["rows"], options["rounds"]
        participant = Participant.objects.all()[0]
        made = Laboratory.objects.bulk_create(_new(participant, rows))
        ours = Laboratory.objects.filter(pk__range=(made[0].pk, made[-1].pk))
        ratios: dict[str, list[float]] = {"saves": [], "bulk": [], "update": []}
        for number in range(rounds):
            part = made[number * rows // rounds : (number + 1) * rows // rounds]
            without = _time(Laboratory.save_without_historical_record, part)
            ratios["saves"].append(_time(Laboratory.save, part) / without)
            plain, kept = _new(participant, rows), _new(participant, rows)
            started = time.perf_counter()
            Laboratory.objects.bulk_create(plain)
            without = time.perf_counter() - started
            started = time.perf_counter()
            bulk_create_with_history(kept, Laboratory)
            ratios["bulk"].append((time.perf_counter() - started) / without)
            started = time.perf_counter()
            ours.update(ggt=Decimal(60))
            without = time.perf_counter() - started
            started = time.perf_counter()
            bulk_update_with_history(made, Laboratory, ["ggt"])
            ratios["update"].append((time.perf_counter() - started) / without)
        before = Laboratory.history.count()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE peer_laboratory SET ggt = 61")
        captured = Laboratory.history.count() > before
        medians = {name: statistics.median(found) for name, found in ratios.items()}
        self.stdout.write(json.dumps({**medians, "raw_sql_captured": captured}))


def _new(participant: Participant, rows: int) -> list[Laboratory]:
    return [Laboratory(participant=participant, **stored()) for _row in range(rows)]


def _time(save: Callable[[Laboratory], Any], forms: list[Laboratory]) -> float:
    """Save forms one by one, each in its own transaction; gives the seconds."""
    started = time.perf_counter()
    for form in forms:
        form.ggt = Decimal(57) if form.ggt == Decimal(56) else Decimal(56)
        with transaction.atomic():
            save(form)
    return time.perf_counter() - started
