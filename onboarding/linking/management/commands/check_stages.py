from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from onboarding.linking.services.recording import differences


class Command(BaseCommand):
    help = (
        "Works every stage and problem out again and names those that are stored differently. "
        "Companies whose next turn is due are left out. Exits with 1 when anything differs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for company, what, stored, computed in differences(now=timezone.now()):
            found += 1
            self.stdout.write(
                f"{company.public_id}: {what} is {stored or 'nothing'}, "
                f"should be {computed or 'nothing'}"
            )
        if found:
            self.stdout.write(f"{found} differ. Look again at these companies in the admin.")
            raise SystemExit(1)
        self.stdout.write("Done! Every stored stage and problem follows from the facts.")
