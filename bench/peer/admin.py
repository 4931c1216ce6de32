from typing import Any

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from bench.peer.models import Laboratory, Participant, Site

admin.site.register(Site)


@admin.register(Participant)
class ParticipantAdmin(SimpleHistoryAdmin):
    list_display = ("number", "initials", "site", "status", "arm", "registered_at")
    list_filter = ("site", "status", "arm")
    list_select_related = ("site",)
    search_fields = ("number", "initials")
    list_per_page = 50


@admin.register(Laboratory)
class LaboratoryAdmin(SimpleHistoryAdmin):
    raw_id_fields = ("participant",)  # a list of every participant would make the page slower

    def save_model(self, request: Any, obj: Laboratory, form: Any, change: bool) -> None:
        obj._change_reason = request.POST.get("reason", "")  # what django-simple-history keeps as the reason
        super().save_model(request, obj, form, change)
