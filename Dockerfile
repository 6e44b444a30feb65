# The portal: web, workers and beat are the same image with different commands.
# docker build .                      the portal
# docker build --target simulator .   the imitation of Codat, for trying things out

FROM python:3.13-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
# /var/lib/portal keeps what beat and the simulator remember, /var/lib/files what customers send.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent portal \
    && install --directory --owner portal --mode 700 /var/lib/portal /var/lib/files
COPY requirements/production.txt requirements/
RUN pip install --require-hashes --only-binary :all: --requirement requirements/production.txt

FROM base AS simulator
COPY requirements/demo.txt requirements/
RUN pip install --require-hashes --only-binary :all: --requirement requirements/demo.txt
COPY onboarding onboarding
USER 10001
EXPOSE 8001 8002
CMD ["python", "-m", "onboarding.simulator", "--host", "0.0.0.0", "--state", "/var/lib/portal/simulator.sqlite3", "--portal", "http://localhost:8000"]

FROM base AS portal
COPY manage.py LICENSE ./
COPY onboarding onboarding
COPY templates templates
COPY static static
RUN python -m compileall -q onboarding \
    && python manage.py collectstatic --no-input --verbosity 0
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
    CMD ["python", "-m", "onboarding.health"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--respawn-failed-workers", "onboarding.wsgi:application"]
