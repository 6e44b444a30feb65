from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_duration

from onboarding.linking.codat_client import for_worker
from onboarding.linking.models import Company
from onboarding.linking.services import looking
from onboarding.linking.stages import Stage

ON_THEIR_WAY = (Stage.AUTHORIZING, Stage.CONFIRMING, Stage.READING, Stage.LOST)


class Command(BaseCommand):
    help = (
        "Has companies looked at again after trouble: those that differ from Codat's list, those "
        "on their way, and with --since all that were looked at last within that time."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--since",
            metavar="DURATION",
            help="For example 28:00:00 (hours) or '2 00:00:00' (days).",
        )

    def handle(self, *args, **options):
        wanted = Q(stage__in=ON_THEIR_WAY)
        if options["since"]:
            wanted |= Q(observed_at__gte=timezone.now() - self._duration(options["since"]))
        again = 0
        known = Company.objects.open().filter(wanted, codat_id__isnull=False)
        for company in known.iterator():
            looking.hint_difference(company=company)
            again += 1
        differing = looking.compare_pages(for_worker())
        self.stdout.write(f"{differing} companies differ from Codat's list; {again} asked again.")

    def _duration(self, text: str) -> timedelta:
        duration = parse_duration(text)
        if duration is None or duration <= timedelta(0):
            raise CommandError(f"--since is not a duration: {text}. Write it like 28:00:00.")
        return duration
