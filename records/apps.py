from django.apps import AppConfig
from django.utils.translation import get_language

from records import text


def _active_language() -> str:
    return get_language() or text.ENGLISH


class RecordsConfig(AppConfig):
    name = "records"

    def ready(self) -> None:
        text.read_language_from(_active_language)
