"""What can be held or signed, from the widest to the narrowest: the trial, a site, a participant, a visit, a form at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import Site
from monitoring.trust import LEVEL_WORDS, Level
from participants.models import Participant, Visit
from records.definition import forms
from records.text import Text


@dataclass(frozen=True, slots=True)
class Extent:
    """One extent, with what it lies in; `form` and `repeat` name one record at a visit, entered or not."""

    level: Level
    site: Site | None = None
    participant: Participant | None = None
    visit: Visit | None = None
    form: str = ""
    repeat: int = 0

    @classmethod
    def of_trial(cls) -> Extent:
        return cls(Level.TRIAL)

    @classmethod
    def of_site(cls, site: Site) -> Extent:
        return cls(Level.SITE, site)

    @classmethod
    def of_participant(cls, participant: Participant) -> Extent:
        return cls(Level.PARTICIPANT, participant.site, participant)

    @classmethod
    def of_visit(cls, visit: Visit) -> Extent:
        return cls(Level.VISIT, visit.participant.site, visit.participant, visit)

    @classmethod
    def of_form(cls, visit: Visit, form: str, repeat: int) -> Extent:
        return cls(Level.FORM, visit.participant.site, visit.participant, visit, form, repeat)

    @property
    def site_id(self) -> int | None:
        return self.site.pk if self.site else None

    @property
    def key(self) -> str:
        """What names the extent in the tables of holds and signatures."""
        match self.level:
            case Level.TRIAL:
                return "TRIAL"
            case Level.SITE:
                return f"S{self.site_id}"
            case Level.PARTICIPANT:
                assert self.participant
                return f"P{self.participant.pk}"
            case Level.VISIT:
                assert self.visit
                return f"V{self.visit.pk}"
            case Level.FORM:
                assert self.visit
                return form_key(self.visit.pk, self.form, self.repeat)

    @property
    def columns(self) -> dict[str, Any]:
        """The extent as the columns of a hold."""
        return {
            "level": str(self.level),
            "site": self.site,
            "participant": self.participant,
            "visit": self.visit,
            "form": self.form,
            "repeat": self.repeat,
        }

    @property
    def words(self) -> Text:
        """The extent in words: "01-014 · Month 1 · Laboratory"."""
        parts: list[Text] = []
        if self.participant:
            parts.append(Text(self.participant.number, self.participant.number))
        elif self.site:
            parts.append(
                Text(f"{self.site.code} {self.site.name_en}", f"{self.site.code} {self.site.name_zh}")
            )
        else:
            parts.append(LEVEL_WORDS[Level.TRIAL])
        if self.visit:
            parts.append(self.visit.label)
        if self.form:
            model = forms()[self.form]
            number = f" {self.repeat}" if model.form.several else ""
            parts.append(model.form.title + Text(number, number))
        return Text.join(parts, en=" · ", zh=" · ")

    def address(self, name: str = "extent") -> str:
        """The address of one of the extent's own pages."""
        given: list[Any] = []
        if self.form and self.visit:
            given = [self.visit.pk, self.form, self.repeat]
        elif self.visit:
            given = [self.visit.pk]
        elif self.participant:
            given = [self.participant.pk]
        elif self.site:
            given = [self.site.pk]
        return reverse(f"monitoring:{str(self.level).lower()}_{name}", args=given)

    @property
    def home(self) -> str:
        """Where a person goes back to: for a form its own page, otherwise the page of the extent."""
        if self.form and self.visit:
            several = [self.repeat] if forms()[self.form].form.several else []
            return reverse("casebook:entry", args=[self.visit.pk, self.form, *several])
        return self.address()


def form_key(visit_id: int, form: str, repeat: int) -> str:
    return f"F{visit_id}:{form}:{repeat}"


def keys_around(site_id: int, participant_id: int, visit_id: int, form: str, repeat: int) -> list[str]:
    """The keys of a record's extent and of all it lies in, the widest first."""
    return [
        "TRIAL",
        f"S{site_id}",
        f"P{participant_id}",
        f"V{visit_id}",
        form_key(visit_id, form, repeat),
    ]
