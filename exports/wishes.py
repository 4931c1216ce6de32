"""What was asked of an export, and why a format could not hold it, in words for the screen."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exports.asked import CSV, Asked
from exports.formats.base import CANNOT_WORDS, Cannot
from exports.formats.registry import label_of
from exports.models import ExportJob

SHOWN = 12


def wishes_in_words(asked: Asked, *, historical: bool) -> list[str]:
    """Each wish that differs from the whole trial as CSV with codes."""
    found = [str(label_of(asked.format))] if asked.format != CSV else []
    if asked.forms:
        found.append(_("forms %(codes)s") % {"codes": ", ".join(asked.forms)})
    if asked.visits:
        found.append(_("visits %(codes)s") % {"codes": ", ".join(asked.visits)})
    if asked.since or asked.until:
        found.append(
            _("entered %(since)s to %(until)s") % {"since": asked.since or "…", "until": asked.until or "…"}
        )
    said = [
        (not asked.queries, _("without queries")),
        (not asked.reasons, _("without reasons for missing answers")),
        (asked.trail, _("with the audit trail")),
        (historical, _("with historical screening entries")),
        (asked.labels == "en", _("words in English")),
        (asked.labels == "zh", _("words in Chinese")),
        (asked.deidentified, _("de-identified")),
        (asked.masked, _("sites masked")),
        (asked.leave_out, _("without what the format cannot hold")),
    ]
    return [*found, *(words for holds, words in said if holds)]


def refusals_in_words(job: ExportJob) -> list[str]:
    """The columns that stood in the way of an export, each with its reason, the first dozen of them."""
    words = []
    refused = job.failure_detail.split()
    for one in refused[:SHOWN]:
        place, _colon, why = one.rpartition(":")
        if why in CANNOT_WORDS:
            words.append(f"{place.rstrip('.')}: {CANNOT_WORDS[Cannot(why)]}")
    more = len(refused) - SHOWN
    if more > 0:
        words.append(ngettext("%(n)s more column", "%(n)s more columns", more) % {"n": more})
    return words
