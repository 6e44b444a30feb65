import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
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


def business_name() -> forms.CharField:
    return forms.CharField(
        label=_("Name of the business"),
        help_text=_("As on their invoices."),
        max_length=200,
        validators=[_says_something],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter the name of the business"),
            "max_length": _("Use 200 characters or fewer"),
        },
    )


def _says_something(name: str) -> None:
    if not any(character.isalnum() for character in name):
        raise forms.ValidationError(_("Use at least one letter or number"))


def contact_name() -> forms.CharField:
    return forms.CharField(
        label=_("Name of the contact"),
        help_text=_("Our mails greet this person by name."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Use 120 characters or fewer")},
    )


def contact_email() -> forms.EmailField:
    return forms.EmailField(
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


class AddCompanyForm(forms.Form):
    """A new customer. Its key makes a second press of the button find the first one's company."""

    true_name = business_name()
    contact_name = contact_name()
    email = contact_email()
    start_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_start_key(self) -> uuid.UUID:
        return self.cleaned_data["start_key"] or uuid.uuid4()

    @classmethod
    def empty(cls) -> "AddCompanyForm":
        initial: dict[str, Any] = {"start_key": uuid.uuid4()}
        return cls(initial=initial)


class RenameForm(forms.Form):
    true_name = business_name()


class AddressForm(forms.Form):
    """Who gets our mails."""

    name = contact_name()
    email = contact_email()


class OwnerForm(forms.Form):
    """Who looks after the customer: staff, or nobody."""

    owner = forms.ModelChoiceField(
        label=_("Account manager"),
        queryset=None,
        required=False,
        empty_label=_("Nobody"),
        error_messages={"invalid_choice": _("Choose somebody from the list")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = get_user_model()._default_manager.filter(is_staff=True, is_active=True)
        self.fields["owner"].queryset = staff.order_by("name", "email")


class NoteForm(forms.Form):
    text = _several_lines(_("Note"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].error_messages["required"] = _("Enter the note")


class DeleteForm(forms.Form):
    """The name of the business typed, so that nobody deletes the neighbour's by habit."""

    typed = forms.CharField(
        label=_("Name of the business"),
        help_text=_("Type it as it stands above, to confirm."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type the name of the business")},
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if _plain(typed) != _plain(self.name):
            raise forms.ValidationError(_("This is not the name of the business"))
        return typed


def _plain(name: str) -> str:
    """Case and spaces prove no attention."""
    return " ".join(name.casefold().split())


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
        help_text=_("Needed for a refusal."),
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


class FilesSeenForm(forms.Form):
    """Up to which file staff have looked: the newest that their page showed."""

    newest = forms.UUIDField(widget=forms.HiddenInput)
