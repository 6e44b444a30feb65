from django.core.management.base import BaseCommand
from django.utils import timezone

from onboarding.linking.codat_client import for_worker
from onboarding.linking.services import catalogue


class Command(BaseCommand):
    help = "Mirrors the platforms that Codat offers, and fetches their logos."

    def handle(self, *args, **options):
        count = catalogue.refresh_catalogue(for_worker(), now=timezone.now())
        logos = catalogue.fetch_logos()
        self.stdout.write(f"Codat lists {count} platforms; {logos} logos were fetched.")
