import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _several_lines(label: Any, *, required: bool, **more: Any) -> forms.CharField:
    """Words of staff that are kept in the history."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"max_length": _("Use 400 characters or fewer")},
        **more,
    )


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


class DeletionAnswerForm(forms.Form):
    """What became of a customer's request to delete; it names the request that was shown."""

    CARRIED_OUT, REFUSED = "carried_out", "refused"

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (CARRIED_OUT, _("Carried out: what was read is deleted, here and at Codat")),
            (REFUSED, _("Refused, for the reason below")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what became of the request")},
    )
    text = _several_lines(
        _("Reason, or what else the customer should know"),
        required=False,
        help_text=_("The customer reads these words. Needed for a refusal."),
    )
    asked_at = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, still_held: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.still_held = still_held

    def clean_asked_at(self) -> datetime:
        try:
            return datetime.fromisoformat(self.cleaned_data["asked_at"])
        except ValueError as error:
            raise forms.ValidationError(_("Open this page again")) from error

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        answer = given.get("answer")
        if answer == self.CARRIED_OUT and self.still_held:
            self.add_error("answer", _("Delete the connections at Codat first"))
        if answer == self.REFUSED and "text" in given and not given["text"].strip():
            self.add_error("text", _("Enter the reason"))
        return given


class NotListedAnswerForm(forms.Form):
    """What was agreed with a customer whose software is not listed; it names what they told."""

    text = _several_lines(
        _("What you agreed"), required=False, help_text=_("For the history. Only staff read it.")
    )
    told = forms.CharField(widget=forms.HiddenInput, strip=False)
