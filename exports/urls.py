from django.urls import path

from exports import views

app_name = "exports"
urlpatterns = [
    path("", views.overview, name="list"),
    path("<int:pk>/state/", views.state, name="state"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/file/", views.download, name="download"),
]
