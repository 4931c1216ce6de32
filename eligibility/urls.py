from django.urls import path

from eligibility import views
from eligibility.laboratories import views as laboratories

app_name = "eligibility"
urlpatterns = [
    path("rulings/", views.rulings, name="rulings"),
    path("laboratories/", laboratories.laboratories, name="laboratories"),
    path("laboratories/<int:pk>/", laboratories.laboratory, name="laboratory"),
    path("<int:pk>/", views.decide, name="decide"),
]
