"""Sign in, sign out and passwords of staff: Django's views with our words and answers."""

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.forms import BaseForm
from django.http import HttpResponse
from django.urls import reverse_lazy

from .forms import ChangePasswordForm, ForgottenForm, NewPasswordForm, SignInForm


class _RefusedForm:
    """A refused form is answered with 422, as everywhere in the portal."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return self.render_to_response(  # type: ignore[attr-defined]
            self.get_context_data(form=form),  # type: ignore[attr-defined]
            status=422,
        )


class SignIn(_RefusedForm, auth_views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class PasswordReset(_RefusedForm, auth_views.PasswordResetView):
    template_name = "accounts/password_reset.html"
    form_class = ForgottenForm
    email_template_name = "accounts/password_reset_email.txt"
    subject_template_name = "accounts/password_reset_subject.txt"
    success_url = reverse_lazy("accounts:password_reset_done")
    # The link is made from our own address, never from the Host header of whoever asks.
    extra_email_context = {"portal": settings.PORTAL_BASE_URL}


class PasswordResetConfirm(_RefusedForm, auth_views.PasswordResetConfirmView):
    template_name = "accounts/password_reset_confirm.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("accounts:password_reset_complete")


class PasswordChange(_RefusedForm, auth_views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("accounts:password_change_done")


password_changed = auth_views.PasswordChangeDoneView.as_view(
    template_name="accounts/password_changed.html"
)
reset_sent = auth_views.PasswordResetDoneView.as_view(
    template_name="accounts/password_reset_sent.html"
)
reset_finished = auth_views.PasswordResetCompleteView.as_view(
    template_name="accounts/password_reset_finished.html"
)
