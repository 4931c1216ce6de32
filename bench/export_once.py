"""Write one export that is queued, and tell the time and memory it took: `python -m bench.export_once JOB`."""

from __future__ import annotations

import json
import os
import resource
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "trial_edc.settings"
django.setup()

from exports import running  # noqa: E402 – models can be imported from here on
from exports.models import ExportJob  # noqa: E402
from trial_edc.celery import give_memory_back  # noqa: E402


def main(job_id: int) -> None:
    give_memory_back()
    started = time.perf_counter()
    running.run(job_id)
    seconds = time.perf_counter() - started
    job = ExportJob.objects.get(pk=job_id)
    if job.rows is None:
        raise SystemExit(f"The export ended as {job.status}.")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": job.rows, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
