"""The web server's way in; without the key of the trail's seals it does not start."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from records.seals import good_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial_edc.settings")

good_key(settings.TRAIL_SEAL_KEY)
application = get_wsgi_application()
# What is loaded by now lives as long as the process: the collector need not look through it again and again.
gc.collect()
gc.freeze()
