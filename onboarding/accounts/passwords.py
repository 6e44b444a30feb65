"""Django's rules for the passwords of staff, in our words: whole, and without contractions."""

from django.contrib.auth import password_validation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class NotLikeTheUser(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str | Promise:
        return _("Choose a password that is less like your %(verbose_name)s")

    def get_help_text(self) -> str | Promise:
        return _("Unlike your name and e-mail address.")


class LongEnough(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str | Promise:
        return _("Use at least %(n)d characters") % {"n": self.min_length}

    def get_help_text(self) -> str | Promise:
        return _("At least %(n)d characters.") % {"n": self.min_length}


class Uncommon(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str | Promise:
        return _("Choose a password that fewer people use")

    def get_help_text(self) -> str | Promise:
        return _("None that many people use.")


class NotOnlyDigits(password_validation.NumericPasswordValidator):
    def get_error_message(self) -> str | Promise:
        return _("Use letters too, not only digits")

    def get_help_text(self) -> str | Promise:
        return _("Not only digits.")
