from django.urls import path

from dashboards import efficacy_views, views

app_name = "dashboards"
urlpatterns = [
    path("", views.enrolment, name="enrolment"),
    path("people/<slug:box>/", views.people, name="people"),
    path("efficacy/", efficacy_views.efficacy, name="efficacy"),
    path("efficacy/<int:pk>/", efficacy_views.look, name="look"),
    path("efficacy/<int:pk>/figures/", efficacy_views.look_figures, name="look_figures"),
    path("efficacy/<int:pk>/<slug:card>.csv", efficacy_views.look_table, name="look_table"),
    path("<slug:section>/", views.section, name="section"),
    path("<slug:section>/figures/", views.figures, name="figures"),
    path("<slug:card>.csv", views.table, name="table"),
]
