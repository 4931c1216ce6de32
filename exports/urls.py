from django.urls import path

from exports import trail_views, views

app_name = "exports"
urlpatterns = [
    path("", views.overview, name="list"),
    path("<int:pk>/state/", views.state, name="state"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/file/", views.download, name="download"),
    path("trail/", trail_views.trail, name="trail"),
    path("trail/<int:pk>/state/", trail_views.trail_state, name="trail_state"),
    path("trail/<int:pk>/cancel/", trail_views.trail_cancel, name="trail_cancel"),
    path("trail/<int:pk>/file/", trail_views.trail_download, name="trail_download"),
]
