from django.urls import path

from exports import copy_views, definition_views, trail_views, views

app_name = "exports"
urlpatterns = [
    path("", views.overview, name="list"),
    path("<int:pk>/state/", views.state, name="state"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/file/", views.download, name="download"),
    path("saved/<int:pk>/run/", definition_views.run, name="run"),
    path("saved/<int:pk>/retire/", definition_views.retire, name="retire"),
    path("trail/", trail_views.trail, name="trail"),
    path("trail/<int:pk>/state/", trail_views.trail_state, name="trail_state"),
    path("trail/<int:pk>/cancel/", trail_views.trail_cancel, name="trail_cancel"),
    path("trail/<int:pk>/file/", trail_views.trail_download, name="trail_download"),
    path("copies/", copy_views.copies, name="copies"),
    path("copies/verify.py", copy_views.script, name="copy_script"),
    path("copies/<int:pk>/state/", copy_views.copy_state, name="copy_state"),
    path("copies/<int:pk>/cancel/", copy_views.copy_cancel, name="copy_cancel"),
    path("copies/<int:pk>/file/", copy_views.copy_download, name="copy_download"),
]
