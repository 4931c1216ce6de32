from django.urls import path

from followup.views import messages, reminding

app_name = "followup"
urlpatterns = [
    path("messages/<int:pk>/", messages.settle_message, name="settle_message"),
    path("queue/", messages.queue, name="queue"),
    path("rules/", reminding.rules, name="rules"),
    path("rules/new/", reminding.new_rule, name="new_rule"),
    path("rules/<slug:rule>/", reminding.change_rule, name="change_rule"),
    path("wishes/", reminding.wishes, name="wishes"),
]
