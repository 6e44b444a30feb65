from django.apps import AppConfig


class UiConfig(AppConfig):
    """What both faces need to draw. No tables, and no import of our other packages."""

    name = "onboarding.ui"
    label = "ui"
