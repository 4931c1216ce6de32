from django.urls import path

from monitoring.views import queries

app_name = "monitoring"
urlpatterns = [
    path("queries/", queries.queries, name="queries"),
    path("queries/counts/", queries.counts, name="query_counts"),
    path("queries/checks/", queries.checks, name="checks"),
    path("queries/of/<int:participant_id>/", queries.place, name="place"),
    path("queries/<int:pk>/assign/", queries.assign, name="assign"),
    path("queries/<int:pk>/<slug:verb>/", queries.step, name="step"),
    path("queries/checks/<int:pk>/reopen/", queries.reopen_check, name="reopen_check"),
]
