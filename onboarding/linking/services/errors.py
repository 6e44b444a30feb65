"""What the services refuse, in the domain's words. Faces catch these, never Codat's errors."""


class LinkingError(Exception):
    """Base of all of them; its text is for staff and logs and names nobody."""


class NotOnOffer(LinkingError):
    """The platform is unknown, disabled, gone from the catalogue, or not shown by this firm."""


class AlreadyConnected(LinkingError):
    """A category that allows one connection has one already."""

    def __init__(self, connection):
        super().__init__("already connected")
        self.connection = connection


class LinkEnded(LinkingError):
    """A mailed link that opens nothing.

    `why` is "unreadable", "expired", "finished", "replaced", "revoked" or "closed"; `invitation`
    is set when the row is known.
    """

    def __init__(self, why, invitation=None):
        super().__init__(why)
        self.why = why
        self.invitation = invitation


class SessionEnded(LinkingError):
    """This browser was let in for that company, and no longer is."""

    def __init__(self, company, invitation=None):
        super().__init__("session ended")
        self.company = company
        self.invitation = invitation


class NotReady(LinkingError):
    """The company or connection is not made at Codat yet: wait, and ask again."""


class ServiceTrouble(LinkingError):
    """Codat cannot be used now. `kind` is "down", "busy" or "refused"; `retry_after` in seconds."""

    def __init__(self, kind, retry_after=None):
        super().__init__(kind)
        self.kind = kind
        self.retry_after = retry_after


class OutdatedIdentity(LinkingError):
    """The confirmation names an identity that is no longer the one to confirm."""


class NotAllowed(LinkingError):
    """An act of ours that the present state forbids."""


class StaleClaim(LinkingError):
    """The lane was taken over: what this holder has learnt is dropped."""
