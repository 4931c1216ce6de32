from collections.abc import Iterator

from django.urls import URLPattern, path

from monitoring.trust import Level
from monitoring.views import extents, lists, queries, signing

app_name = "monitoring"

WHERE = {
    Level.TRIAL: "trial/",
    Level.SITE: "sites/<int:pk>/",
    Level.PARTICIPANT: "participants/<int:pk>/",
    Level.VISIT: "visits/<int:pk>/",
    Level.FORM: "visits/<int:pk>/<slug:code>/<int:repeat>/",
}
VERBS = {"hold": extents.hold, "verify": extents.verify, "withdraw": extents.withdraw, "sign": signing.sign}
DONE_AT = {
    "hold": tuple(WHERE),
    "verify": (Level.PARTICIPANT, Level.VISIT, Level.FORM),
    "withdraw": (Level.FORM,),
    "sign": (Level.PARTICIPANT, Level.VISIT, Level.FORM),
}


def pages_of_extents() -> Iterator[URLPattern]:
    """A page for each kind of extent, and the addresses of what is done there: form_sign, visit_verify, trial_hold …"""
    for level, where in WHERE.items():
        called = str(level).lower()
        yield path(where, extents.extent, {"level": level}, name=f"{called}_extent")
        for verb, view in VERBS.items():
            if level in DONE_AT[verb]:
                yield path(f"{where}{verb}/", view, {"level": level}, name=f"{called}_{verb}")


urlpatterns = [
    path("", lists.to_verify, name="to_verify"),
    path("plan/", lists.plan, name="plan"),
    path("plan/<slug:code>/", lists.change_plan, name="plan_of"),
    path("to-sign/", signing.waiting, name="to_sign"),
    *pages_of_extents(),
    path("queries/", queries.queries, name="queries"),
    path("queries/counts/", queries.counts, name="query_counts"),
    path("queries/checks/", queries.checks, name="checks"),
    path("queries/of/<int:participant_id>/", queries.place, name="place"),
    path("queries/<int:pk>/assign/", queries.assign, name="assign"),
    path("queries/<int:pk>/<slug:verb>/", queries.step, name="step"),
    path("queries/checks/<int:pk>/reopen/", queries.reopen_check, name="reopen_check"),
]
