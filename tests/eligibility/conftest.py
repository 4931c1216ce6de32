from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.browsing import plain_static_files

__all__ = ["plain_static_files"]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences of refusals are compared in English."""
    with translation.override("en"):
        yield
