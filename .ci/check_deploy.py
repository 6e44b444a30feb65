"""`manage.py check --deploy` as a real deployment would see it, with made-up secrets."""

import os
import secrets
import subprocess
import sys
from base64 import b64encode

ENVIRONMENT = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "LINK_KEYS": secrets.token_urlsafe(50),
    "PORTAL_BASE_URL": "https://connect.example.com",
    "ALLOWED_HOSTS": "connect.example.com",
    "DATABASE_URL": "postgres://portal:unused@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CODAT_API_KEY": "unused",
    "CODAT_WEBHOOK_SECRETS": "whsec_" + b64encode(secrets.token_bytes(32)).decode(),
    "EMAIL_URL": "smtp://mail.example.com:587/?tls=1",
    "FIRM_NAME": "Example",
    "SECURE_HSTS_SUBDOMAINS": "1",
}

sys.exit(
    subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], **ENVIRONMENT},
        check=False,
    ).returncode
)
