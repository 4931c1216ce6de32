from django.urls import URLPattern, URLResolver

app_name = "casebook"
urlpatterns: list[URLPattern | URLResolver] = []
