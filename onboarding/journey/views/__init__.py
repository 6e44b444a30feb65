"""The pages of the journey. The handlers of refused requests are named in settings and URLs."""

from .refused import bad_request, form_too_old, page_not_found, permission_denied, server_error

__all__ = ["bad_request", "form_too_old", "page_not_found", "permission_denied", "server_error"]
