from typing import Any

from django.contrib.auth import views as auth_views
from django.urls import path

from onboarding.linking.limits import limit_posts

from . import views

app_name = "accounts"


def _limited(field: str) -> Any:
    """So many tries for one login, then so many from one address."""
    return limit_posts(
        lambda request, **kwargs: request.POST.get(field, "").strip().lower() or None,
        name="accounts",
        page="accounts/too_often.html",
    )


# Django marks its sign-in and reset views as open to everybody, the others ask for a login.
urlpatterns = [
    path("login/", _limited("username")(views.SignIn.as_view()), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("password/changed/", views.password_changed, name="password_change_done"),
    path(
        "password/reset/",
        _limited("email")(views.PasswordReset.as_view()),
        name="password_reset",
    ),
    path("password/reset/sent/", views.reset_sent, name="password_reset_done"),
    path(
        "password/reset/<uidb64>/<token>/",
        views.PasswordResetConfirm.as_view(),
        name="password_reset_confirm",
    ),
    path("password/reset/finished/", views.reset_finished, name="password_reset_complete"),
]
