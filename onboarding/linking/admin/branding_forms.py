"""What staff type about the firm: colours, pictures, words."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onboarding.linking import pictures
from onboarding.linking.models import Branding, SiteText
from onboarding.linking.models.branding import COLOUR
from onboarding.linking.site_texts import EDITABLE, MAX_LENGTH, default_text, unknown_placeholders
from onboarding.ui.brand_colours import is_colour

OUR_COLOUR: Final = "#0b5a8f"
"""Where the picker begins while nothing is set: an input of type color cannot be empty."""


class ColourInput(forms.MultiWidget):
    """The colour in writing, which counts, and the browser's picker beside it.

    A script keeps the two alike. Without it, whichever of the two was changed counts.
    """

    use_fieldset = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        written = {"size": 9, "maxlength": 7, "spellcheck": "false", "autocomplete": "off"}
        picker = {"type": "color", "aria-label": gettext_lazy("Pick a colour")}
        widgets = {
            "": forms.TextInput({**written, "placeholder": "#rrggbb", "dir": "ltr"}),
            "picker": forms.TextInput(picker),
            "before": forms.HiddenInput(),
        }
        super().__init__(widgets, attrs)

    def decompress(self, value: str | None) -> list[str]:
        value = value or ""
        return [value, value.lower() if is_colour(value) else OUR_COLOUR, value]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        written, picked, before = (
            (data.get(f"{name}{part}") or "").strip() for part in ("", "_picker", "_before")
        )
        was_picked = self.decompress(before)[1]
        if written != before or not picked or picked == was_picked:
            return str(written)
        return str(picked)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class ColoursForm(forms.Form):
    """The two colours alone, as the preview takes them."""

    colour = forms.CharField(
        label=gettext_lazy("Colour"), required=False, validators=[COLOUR], widget=ColourInput
    )
    colour_dark = forms.CharField(
        label=gettext_lazy("Colour in the dark theme"),
        required=False,
        validators=[COLOUR],
        widget=ColourInput,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("colour_dark") and not cleaned.get("colour") and "colour" not in self.errors:
            self.add_error("colour", _("Give the colour of the light theme too."))
        return cleaned


def _drawn(upload: UploadedFile, draw: Callable[[bytes], pictures.Picture]) -> pictures.Picture:
    if (upload.size or 0) > pictures.MAX_BYTES:
        limit = filesizeformat(pictures.MAX_BYTES)
        raise forms.ValidationError(_("Use a file smaller than %(limit)s.") % {"limit": limit})
    try:
        return draw(upload.read())
    except pictures.UnusablePictureError as error:
        text = _("Use a picture as PNG, JPEG, GIF or WebP, at most 4000 pixels on a side.")
        raise forms.ValidationError(text) from error


_ACCEPTED = forms.FileInput({"accept": "image/png,image/jpeg,image/gif,image/webp"})


class BrandingForm(ColoursForm, forms.ModelForm):
    logo_file = forms.FileField(
        label=gettext_lazy("New logo"),
        required=False,
        widget=_ACCEPTED,
        help_text=gettext_lazy("PNG, JPEG, GIF or WebP, at most 1 MB. It stands on white."),
    )
    remove_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)
    favicon_file = forms.FileField(
        label=gettext_lazy("New icon for the browser's tab"),
        required=False,
        widget=_ACCEPTED,
        help_text=gettext_lazy("Square. Without one of its own it is made from the logo."),
    )
    remove_favicon = forms.BooleanField(
        label=gettext_lazy("Remove the icon of its own"), required=False
    )

    class Meta:
        model = Branding
        fields = ()  # the admin's fieldsets say which

    typed: dict[str, str] = {}
    """Colours brought back from the preview; nothing is saved by opening the form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colour"].help_text = _(
            "Buttons and the panel. Links and edges are computed from it, so that all can be read."
        )
        self.fields["colour_dark"].help_text = _("Leave empty to use the same colour.")
        if "support_email" in self.fields:
            invalid = _("Enter an e-mail address like name@example.com")
            self.fields["support_email"].error_messages["invalid"] = invalid
        if not self.is_bound:
            self.initial.update(self.typed)

    def clean_logo_file(self) -> pictures.Picture | None:
        upload = self.cleaned_data["logo_file"]
        return _drawn(upload, pictures.logo) if upload else None

    def clean_favicon_file(self) -> pictures.Picture | None:
        upload = self.cleaned_data["favicon_file"]
        return _drawn(upload, pictures.favicon) if upload else None

    def put_pictures(self) -> set[str]:
        """Put the pictures into the row, unsaved. Returns the columns that changed."""
        row: Branding = self.instance
        given = self.cleaned_data
        logo, icon = given.get("logo_file"), given.get("favicon_file")
        changed: set[str] = set()
        if logo or given.get("remove_logo"):
            row.logo, row.logo_hash = (logo.png, logo.digest) if logo else (None, "")
            row.logo_width, row.logo_height = (logo.width, logo.height) if logo else (0, 0)
            changed |= {"logo", "logo_hash", "logo_width", "logo_height"}
        if icon or given.get("remove_favicon"):
            row.favicon_is_own = icon is not None
        elif not changed or row.favicon_is_own:
            return changed
        if icon is None and row.logo:
            icon = pictures.favicon(bytes(row.logo), plate=True)
        row.favicon, row.favicon_hash = (icon.png, icon.digest) if icon else (None, "")
        return changed | {"favicon", "favicon_hash", "favicon_is_own"}


class SiteTextForm(forms.ModelForm):
    key = forms.ChoiceField(label=gettext_lazy("Text"))
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    text = forms.CharField(
        label=gettext_lazy("Words"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea({"rows": 4, "cols": 80}),
        help_text=gettext_lazy("Plain text: what looks like HTML is shown as it was typed."),
    )

    class Meta:
        model = SiteText
        fields = ("key", "language", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].choices = [(key, each.label) for key, each in EDITABLE.items()]
            self.fields["language"].choices = settings.LANGUAGES

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        key, text = cleaned.get("key", self.instance.key), cleaned.get("text", "")
        if key in EDITABLE and text:
            unknown = unknown_placeholders(text, key)
            if unknown:
                self.add_error("text", _unknown_words(unknown, EDITABLE[key].placeholders))
            elif not EDITABLE[key].has_paragraphs:
                cleaned["text"] = " ".join(text.split())
        return cleaned


def _unknown_words(unknown: list[str], known: tuple[str, ...]) -> str:
    text = ngettext(
        "%(unknown)s is not replaced here. Use %(known)s.",
        "%(unknown)s are not replaced here. Use %(known)s.",
        len(unknown),
    )
    names = " ".join(f"{{{name}}}" for name in known)
    return text % {"unknown": " ".join(unknown), "known": names}


def default_shown(key: str) -> str:
    """The default with its placeholders in sight, as staff may copy it."""
    return default_text(key, firm_name="-")
