from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import (
    AdminUserCreationForm,
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
    UserChangeForm,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import User


class SignInForm(AuthenticationForm):
    """E-mail and password. One message for every mistake: it tells nobody which logins exist."""

    error_messages = {
        "invalid_login": _("Enter the e-mail address and the password of your staff login"),
        "inactive": _("Enter the e-mail address and the password of your staff login"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "maxlength": 254}
        )
        self.fields["username"].error_messages["required"] = _("Enter your e-mail address")
        self.fields["password"].error_messages["required"] = _("Enter your password")

    def clean(self) -> dict[str, Any]:
        """What is wrong stands at the address, so that the summary has something to lead to."""
        try:
            return super().clean()
        except ValidationError as refused:
            self.add_error("username", refused)
            return self.cleaned_data

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise self.get_invalid_login_error()


def _our_words_for(form: forms.BaseForm) -> None:
    """Django's own beg and contract."""
    form.fields["new_password2"].label = _("New password again")
    form.fields["new_password1"].error_messages["required"] = _("Enter a new password")
    form.fields["new_password2"].error_messages["required"] = _("Enter the new password again")
    form.fields["new_password2"].help_text = ""


class ForgottenForm(PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].error_messages.update(
            required=_("Enter your e-mail address"),
            invalid=_("Enter an e-mail address like name@example.com"),
        )


_DIFFERENT = {"password_mismatch": _("The two new passwords are different")}


class NewPasswordForm(SetPasswordForm):
    error_messages = _DIFFERENT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _our_words_for(self)


class ChangePasswordForm(PasswordChangeForm):
    error_messages = {
        **_DIFFERENT,
        "password_incorrect": _("Enter the password that you use now"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _our_words_for(self)
        self.fields["old_password"].label = _("Password that you use now")
        self.fields["old_password"].error_messages["required"] = _(
            "Enter the password that you use now"
        )


class _EmailIsTheLogin:
    """Addresses are kept in lower case, as `UserManager` does it, so that they compare simply."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:  # type: ignore[attr-defined]  # not for who may only look
            invalid = _("Enter an e-mail address like name@example.com")
            self.fields["email"].error_messages["invalid"] = invalid  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()  # type: ignore[attr-defined]
        others = User.objects.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        if others.filter(email__iexact=email).exists():
            raise ValidationError(_("There is already a login with this e-mail address"))
        return email


class NewUserForm(_EmailIsTheLogin, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


def _languages() -> list[tuple[str, Any]]:
    return [("", _("The portal's own")), *settings.LANGUAGES]


class UserForm(_EmailIsTheLogin, UserChangeForm):
    language = forms.ChoiceField(
        label=_("Language"),
        choices=_languages,
        required=False,
        help_text=_("Of the mails that they get."),
    )

    class Meta:
        model = User
        fields = "__all__"
