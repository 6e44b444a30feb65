"""Names of the permissions, and the staff groups they make up (FACTS 9, “Roles”)."""

VIEW_ALL = "linking.view_all_companies"
INVITE = "linking.invite"
CHANGE = "linking.change_company"
REASSIGN = "linking.reassign"
CLOSE = "linking.close"
OPERATE = "linking.operate"
CONFIRM_BUSINESS = "linking.confirm_business"
UNLINK = "linking.unlink_connection"
DELETE = "linking.delete_connection"

_VIEW = ("view_company", "view_contact", "view_connection", "view_invitation", "view_problem")
_VIEW_WORK = ("view_historyentry", "view_outgoingemail", "view_lane", "view_codatwrite")
_VIEW_HEALTH = ("view_callcount",)

GROUPS = {
    "onboarding": ("add_company", "change_company", "invite", *_VIEW),
    "advisor": ("invite", "view_all_companies", *_VIEW, *_VIEW_WORK),
    "senior": (
        *("add_company", "change_company", "invite", "view_all_companies", "reassign", "close"),
        *("operate", "confirm_business", "unlink_connection", "delete_connection"),
        *(*_VIEW, *_VIEW_WORK, *_VIEW_HEALTH),
    ),
    "administrator": None,
}
"""Group → codenames in the app `linking`; None means every permission of that app."""


def create_groups() -> None:
    """Make or mend the staff groups; safe to run again. Needs migrated tables."""
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 - apps must be ready

    ours = Permission.objects.filter(content_type__app_label="linking")
    for name, codenames in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(ours if codenames is None else ours.filter(codename__in=codenames))
