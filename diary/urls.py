from django.urls import path

from diary.views import contacts, links, phone, record

app_name = "diary"
urlpatterns = [
    # On the participant's phone.
    path("my-record/", phone.shell, {"language": "zh-hans"}, name="phone"),
    path("my-record/en/", phone.shell, {"language": "en"}, name="phone_en"),
    path("my-record/worker.js", phone.worker, name="worker"),
    path("my-record/state/", phone.state, name="state"),
    path("my-record/open/", phone.open_on_phone, name="open"),
    path("my-record/entries/", phone.entries, name="entries"),
    # At the site.
    path("diary/", record.overview, name="overview"),
    path("diary/<int:pk>/", record.participant, name="participant"),
    path("diary/<int:pk>/link/", links.hand_out, name="hand_out"),
    path("diary/<int:pk>/contact/", contacts.contact, name="contact"),
    path("diary/<int:pk>/contact/withdraw/", contacts.withdraw, name="withdraw_contact"),
    path("diary/links/<int:pk>/revoke/", links.revoke, name="revoke"),
    path("diary/entries/<int:pk>/remark/", record.remark_on, name="remark"),
    path("diary/entries/<int:pk>/photo/", record.photo, name="photo"),
    path("diary/tasks/<int:pk>/", record.task, name="task"),
]
