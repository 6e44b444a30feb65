"""Staff's view of every table, each through `visible_to`. Daily work is at the desk.

Mirrors of Codat, work rows and history are read-only here; what may be changed goes through the
services, and acts leave a line in the customer's history besides Django's own log.
"""

from . import branding, calls, connections, customers, deployment, work

__all__ = ["branding", "calls", "connections", "customers", "deployment", "work"]
