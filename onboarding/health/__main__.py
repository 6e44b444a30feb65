"""`python -m onboarding.health`: asks this machine's own web server whether it lives.

For a container's health check, where there is no curl. `PORT` names the port, 8000 by default.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from onboarding.env import env_int, env_list, env_str

SECONDS = 5


def main() -> int:
    # Asked by its address, the portal would refuse: any name that it answers to will do.
    own_name = urlsplit(env_str("PORTAL_BASE_URL")).hostname or "localhost"
    name = next(iter(env_list("ALLOWED_HOSTS")), own_name).lstrip("*.")
    connection = HTTPConnection("127.0.0.1", env_int("PORT", 8000), timeout=SECONDS)
    try:
        connection.request("GET", "/health/live", headers={"Host": name or own_name})
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"The web server does not answer: {error}{os.linesep}")
        return 1
    finally:
        connection.close()
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
