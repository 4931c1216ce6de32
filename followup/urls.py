from django.urls import path

from followup import views

app_name = "followup"
urlpatterns = [
    path("reminders/<int:pk>/", views.settle_reminder, name="settle_reminder"),
]
