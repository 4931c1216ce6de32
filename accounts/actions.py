"""The verbs of accounts that a person does for themselves."""

from __future__ import annotations

from accounts.models import User


def choose_language(*, person: User, language: str) -> None:
    """Set the language pages and mails speak to this person."""
    if person.language != language:
        person.language = language
        person.save(update_fields=["language"])
