"""Every page of the system; each room brings its own."""

from django.urls import include, path

from trial_edc.gallery import gallery

urlpatterns = [
    path("", include("casebook.urls")),
    path("", include("accounts.urls")),
    path("eligibility/", include("eligibility.urls")),
    path("treatment/", include("arms.urls")),
    path("followup/", include("followup.urls")),
    path("", include("diary.urls")),
    path("safety/", include("safety.urls")),
    path("monitoring/", include("monitoring.urls")),
    path("trail/", include("audit.urls")),
    path("dashboard/", include("dashboards.urls")),
    path("exports/", include("exports.urls")),
    path("imports/", include("imports.urls")),
    path("study/", include("records.urls")),
    path("gallery/", gallery, name="gallery"),
]
