from django.urls import path

from dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.enrolment, name="enrolment"),
    path("people/<slug:box>/", views.people, name="people"),
    path("<slug:section>/", views.section, name="section"),
    path("<slug:card>.csv", views.table, name="table"),
]
