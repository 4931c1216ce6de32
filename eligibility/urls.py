from django.urls import path

from eligibility import views

app_name = "eligibility"
urlpatterns = [
    path("rulings/", views.rulings, name="rulings"),
    path("<int:pk>/", views.decide, name="decide"),
]
