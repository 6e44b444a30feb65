"""The staff of the demo. Known to everybody, and made by `seed_demo` only."""

from dataclasses import dataclass

PASSWORD = "demo-password"  # noqa: S105 - printed by the demo on purpose


@dataclass(frozen=True)
class Login:
    email: str
    name: str
    about: str
    group: str | None = None
    is_superuser: bool = False


LOGINS = (
    Login("admin@example.com", "Ada Admin", "superuser", is_superuser=True),
    Login("senior@example.com", "Sam Senior", "may unlink and delete", group="senior"),
    Login("manager@example.com", "Mia Manager", "account manager", group="onboarding"),
    Login("manager2@example.com", "Max Manager", "account manager, other customers", "onboarding"),
)
