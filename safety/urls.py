from django.urls import path

from safety.views import coding, events, overview, recipients

app_name = "safety"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("<int:pk>/events/new/", overview.new_event, name="new_event"),
    path("<int:pk>/results/", overview.dismiss, name="dismiss"),
    path("<int:pk>/events/<int:number>/", events.event, name="event"),
    path("<int:pk>/events/<int:number>/reports/<int:version>/", events.report, name="report"),
    path("<int:pk>/events/<int:number>/reports/<int:version>/receipt/", events.receipt, name="receipt"),
    path("recipients/", recipients.recipients, name="recipients"),
    path("recipients/retire/", recipients.retire, name="retire_recipient"),
    path("coding/", coding.to_code, name="coding"),
    path("coding/<int:pk>/<int:number>/", coding.code, name="code"),
]
