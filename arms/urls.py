from django.urls import path

from arms import views

app_name = "arms"
urlpatterns = [
    path("<int:pk>/", views.workflow, name="workflow"),
]
