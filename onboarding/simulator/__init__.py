"""An imitation of Codat over HTTP, for the demo and the tests.

It is an island: it imports nothing of the portal and shares no code with the client, so that two
independent readings of Codat's documents check each other.
"""
