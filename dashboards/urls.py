from django.urls import path

from dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.enrolment, name="enrolment"),
    path("<slug:card>.csv", views.table, name="table"),
]
