from django.urls import path

from accounts import administration, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="login"),
    path("sign-in/second/", views.second_step, name="second_step"),
    path("sign-in/again/", views.sign_in_again, name="sign_in_again"),
    path("session/", views.session_state, name="session_state"),
    path("session/renew/", views.session_renew, name="session_renew"),
    path("sign-out/", views.sign_out, name="logout"),
    path("password/", views.password_change, name="password_change"),
    path("password/done/", views.password_change_done, name="password_change_done"),
    path("language/", views.set_language, name="set_language"),
    path("site/", views.choose_site, name="choose_site"),
    path("accounts/", administration.accounts_list, name="accounts_list"),
    path("accounts/new/", administration.account_new, name="account_new"),
    path("accounts/<int:pk>/", administration.account, name="account"),
    path("accounts/<int:pk>/active/", administration.account_active, name="account_active"),
    path("accounts/roles/<int:pk>/end/", administration.role_end, name="role_end"),
]
