from django.urls import path

from records import views

urlpatterns = [
    path("settings/", views.study_settings, name="study_settings"),
    path("settings/<slug:key>/", views.study_setting, name="study_setting"),
    path("terms/<slug:name>/", views.find_terms, name="terms"),
]
