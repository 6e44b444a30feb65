import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AddCompanyForm(forms.Form):
    """A new customer. Its key makes a second press of the button find the first one's company."""

    true_name = forms.CharField(
        label=_("Name of the business"),
        help_text=_("As on their invoices."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter the name of the business"),
            "max_length": _("Use 200 characters or fewer"),
        },
    )
    contact_name = forms.CharField(
        label=_("Name of the contact"),
        help_text=_("Our mails greet this person by name."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Use 120 characters or fewer")},
    )
    email = forms.EmailField(
        label=_("E-mail address of the contact"),
        help_text=_("Links go to this address."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter the e-mail address of the contact"),
            "invalid": _("Enter an e-mail address like name@example.com"),
            "max_length": _("Enter an e-mail address like name@example.com"),
        },
    )
    start_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_true_name(self) -> str:
        name = self.cleaned_data["true_name"]
        if not any(character.isalnum() for character in name):
            raise forms.ValidationError(_("Use at least one letter or number"))
        return name

    def clean_start_key(self) -> uuid.UUID:
        return self.cleaned_data["start_key"] or uuid.uuid4()

    @classmethod
    def empty(cls) -> "AddCompanyForm":
        initial: dict[str, Any] = {"start_key": uuid.uuid4()}
        return cls(initial=initial)
