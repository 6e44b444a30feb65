"""What the portal asked of Codat, as a test looks at it."""

from django.utils import timezone

CREATE, CONNECT = "create_company", "create_connection"


def write_of(company, kind=CREATE):
    return company.writes.get(kind=kind)


def wait_of(write):
    """Seconds from now until it is due."""
    return (write.due_at - timezone.now()).total_seconds()


def calls(simulator, operation):
    return simulator.calls()["operations"].get(operation, 0)
