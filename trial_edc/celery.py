"""The Celery application: worker and beat of the trial."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

from records.seals import NoKey, good_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial_edc.settings")

app = Celery("trial_edc")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_without_key(**_kwargs: Any) -> None:
    """A worker that could not seal the trail does not start."""
    try:
        good_key(settings.TRAIL_SEAL_KEY)
    except NoKey as missing:
        raise SystemExit(str(missing)) from None
