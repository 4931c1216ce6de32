from django.urls import path

from casebook.views import discrepancies, entry, lists, participant, printing, response, schedules, unsaved

app_name = "casebook"
urlpatterns = [
    path("", lists.home, name="home"),
    path("search/", lists.search, name="search"),
    path("participants/", lists.matrix, name="matrix"),
    path("participants/new/", participant.register_participant, name="register"),
    path("participants/<int:pk>/", participant.overview, name="participant"),
    path("participants/<int:pk>/unscheduled/", participant.unscheduled, name="unscheduled"),
    path("participants/<int:pk>/response/", response.response, name="response"),
    path("participants/<int:pk>/trail/", participant.trail, name="trail"),
    path("participants/<int:pk>/casebook/", printing.filled, name="print"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/new/", schedules.new_schedule, name="new_schedule"),
    path("schedules/<int:number>/", schedules.schedule, name="schedule"),
    path("schedules/<int:number>/file/", schedules.schedule_source, name="schedule_source"),
    path("casebook/blank/", printing.blank, name="blank"),
    path("visits/<int:visit_id>/<slug:code>/", entry.entry, name="entry"),
    path("visits/<int:visit_id>/<slug:code>/new/", entry.another, name="another"),
    path("visits/<int:visit_id>/<slug:code>/derived/", entry.derived, name="derived"),
    path("visits/<int:visit_id>/<slug:code>/unsaved/", unsaved.keep, name="unsaved"),
    path("visits/<int:visit_id>/<slug:code>/unsaved/drop/", unsaved.drop, name="drop"),
    path("visits/<int:visit_id>/<slug:code>/history/", entry.history, name="history"),
    path("visits/<int:visit_id>/<slug:code>/file/", entry.file, name="file"),
    path("visits/<int:visit_id>/<slug:code>/<int:repeat>/file/", entry.file, name="file"),
    path("visits/<int:visit_id>/<slug:code>/<int:repeat>/", entry.entry, name="entry"),
    path("visits/<int:visit_id>/<slug:code>/<int:repeat>/derived/", entry.derived, name="derived"),
    path("visits/<int:visit_id>/<slug:code>/<int:repeat>/unsaved/", unsaved.keep, name="unsaved"),
    path("visits/<int:visit_id>/<slug:code>/<int:repeat>/unsaved/drop/", unsaved.drop, name="drop"),
    path("visits/<int:visit_id>/<slug:code>/<int:repeat>/history/", entry.history, name="history"),
    path("visits/<int:visit_id>/<slug:code>/<int:repeat>/remove/", entry.remove, name="remove"),
    path("discrepancies/<int:pk>/confirm/", discrepancies.confirm, name="confirm_discrepancy"),
]
