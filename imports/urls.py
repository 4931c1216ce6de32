from django.urls import path

from imports import views

app_name = "imports"
urlpatterns = [
    path("", views.overview, name="list"),
    path("template/<slug:code>/csv/", views.template_as_csv, name="template_csv"),
    path("template/<slug:code>/xlsx/", views.template_as_xlsx, name="template_xlsx"),
    path("<int:pk>/", views.detail, name="import"),
    path("<int:pk>/columns/", views.columns, name="columns"),
    path("<int:pk>/order/", views.order, name="order"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/state/", views.state, name="state"),
    path("<int:pk>/report/", views.report, name="report"),
]
