"""One form for each question of the journey. The server names each mistake in full sentences."""

import uuid
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from onboarding.linking.models import Company, CompanyIdentity
from onboarding.linking.services.file_checks import EXTENSIONS
from onboarding.linking.services.files import MOST_AT_ONCE

HOLDER_LENGTH: Final = CompanyIdentity._meta.get_field("account_holder").max_length or 200
NAME_LENGTH: Final = Company._meta.get_field("true_name").max_length or 200

TOO_LONG: Final = ngettext_lazy(
    "Use %(limit_value)d character or fewer",
    "Use %(limit_value)d characters or fewer",
    "limit_value",
)


def email_field(**kwargs: Any) -> forms.EmailField:
    return forms.EmailField(
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Enter an e-mail address like name@example.com"),
            "invalid": _("Enter an e-mail address like name@example.com"),
            "max_length": TOO_LONG,
        },
        **kwargs,
    )


class WayInForm(forms.Form):
    """Where to send a link to the connections."""

    email = email_field(label=_("Your e-mail address"))


class HandOverForm(forms.Form):
    """Who can sign in to the software, and what to tell them."""

    name = forms.CharField(
        label=_("Their name"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        validators=[MaxLengthValidator(120, TOO_LONG)],
        error_messages={"required": _("Enter the name of the person")},
    )
    email = email_field(label=_("Their e-mail address"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[MaxLengthValidator(500, TOO_LONG)],
    )

    def clean_note(self) -> str:
        return " ".join(self.cleaned_data["note"].split())


class OwnMailForm(forms.Form):
    """The customer writes to that person in words of their own: nothing has to be known of them."""

    name = forms.CharField(
        label=_("Their name"), required=False, validators=[MaxLengthValidator(120, TOO_LONG)]
    )


class MessageForm(forms.Form):
    """What somebody wants to tell the firm. `key` makes a second press send nothing more."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Your message"),
        widget=forms.Textarea(attrs={"rows": 6}),
        validators=[MaxLengthValidator(2000, _("Use 2,000 characters or fewer"))],
        error_messages={"required": _("Enter your message")},
    )

    def clean_key(self) -> uuid.UUID:
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid.uuid4()


class VisitorsMessageForm(MessageForm):
    """The same from somebody whom we do not know."""

    email = email_field(label=_("Your e-mail address"))
    field_order = ("key", "email", "text")


class NotListedForm(forms.Form):
    """What they use that we do not offer, and how to reach them about it."""

    software = forms.CharField(
        label=_("Name of your software"),
        validators=[MaxLengthValidator(120, TOO_LONG)],
        error_messages={"required": _("Enter the name of your software")},
    )
    phone = forms.CharField(
        label=_("Your phone number"),
        help_text=_("If you want us to call. Otherwise we write an e-mail."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        validators=[MaxLengthValidator(40, TOO_LONG)],
    )

    def clean_software(self) -> str:
        return " ".join(self.cleaned_data["software"].split())


class StartForm(forms.Form):
    """Whose books, and where to write. `start_key` makes a second press find the same company."""

    start_key = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name of your business"),
        help_text=_("As on your invoices."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        validators=[MaxLengthValidator(NAME_LENGTH, TOO_LONG)],
        error_messages={"required": _("Enter the name of your business")},
    )
    email = email_field(
        label=_("Your e-mail address"),
        help_text=_("So that we can send you a link to carry on."),
    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not any(character.isalnum() for character in name):
            raise ValidationError(_("Use at least one letter or number"))
        return name

    def answers_key(self) -> uuid.UUID:
        """The same for a second press of one form; another one once an answer was changed.

        A page that the browser brought back keeps its hidden field: without the answers in the
        key, a corrected name would silently be dropped. Without a readable field it is random.
        """
        answers = self.cleaned_data
        try:
            form = uuid.UUID(answers["start_key"])
        except ValueError:
            return uuid.uuid4()
        return uuid.uuid5(form, f"{answers['name']}\n{answers['email']}")


class PermissionForm(forms.Form):
    """The unticked box, and which version of the words stood above it."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    agree = forms.BooleanField(
        error_messages={"required": _("Tick the box to give permission, or go back")}
    )

    def __init__(self, *args: Any, label: str, version: int, **kwargs: Any):
        super().__init__(*args, initial={"version": version}, **kwargs)
        self.shown = str(version)
        self.fields["agree"].label = label

    def clean(self) -> None:
        # What is stored is the text that was shown, so an older page cannot be agreed to.
        if self.cleaned_data.get("version") != self.shown:
            self.data = {"version": self.shown}
            self.errors.pop("agree", None)
            self.add_error("agree", _("The words have changed. Read them, then tick the box."))


class IdentityForm(forms.Form):
    """Is this your business? It names the identity that was shown, so no other is confirmed."""

    YES, NO = "yes", "no"

    identity = forms.UUIDField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(widget=forms.RadioSelect)
    account_holder = forms.CharField(
        label=_("Who holds this account?"),
        help_text=_("As on your bank statement."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        validators=[MaxLengthValidator(HOLDER_LENGTH, TOO_LONG)],
        error_messages={"required": _("Enter the name on the account")},
    )

    def __init__(self, *args: Any, found: str, asks_holder: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.asks_holder = asks_holder
        # Of a business that is not theirs nobody need know who holds the account.
        says_no = self.data.get("answer") == self.NO
        self.fields["account_holder"].required = asks_holder and not says_no
        answer = self.fields["answer"]
        answer.label = gettext("Your answer")
        answer.help_text = gettext("If it is not you, we disconnect it.")
        answer.choices = [
            (self.YES, gettext("Yes, %(found)s is us") % {"found": found}),
            (self.NO, gettext("No, connect another business")),
        ]
        missing = gettext("Choose whether %(found)s is your business") % {"found": found}
        answer.error_messages = {"required": missing, "invalid_choice": missing}

    def clean_account_holder(self) -> str:
        holder = " ".join(self.cleaned_data["account_holder"].split())
        return holder if self.asks_holder else ""


class _SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class _SeveralFilesField(forms.FileField):
    """Whether there are any, and not too many; each by itself is judged by `services.files`."""

    widget = _SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        if not data:
            raise ValidationError(_("Choose the files to send"))
        if len(data) > MOST_AT_ONCE:
            raise ValidationError(_("Choose up to 20 files at a time."))
        return data


class SendFilesForm(forms.Form):
    """What a customer sends whose software cannot be connected."""

    files = _SeveralFilesField(
        label=_("Your files"),
        help_text=_("Up to 20 files, 10 MB each: PDF, Excel, Word, PowerPoint, CSV, JPG or PNG."),
        widget=_SeveralFilesInput(attrs={"accept": ",".join(sorted(EXTENSIONS))}),
    )
