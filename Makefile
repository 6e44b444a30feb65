# Everything runs from a fresh clone: make, git, and Python 3.11 to 3.13 with its venv module.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# The first of these that is of a supported version and can make virtual environments.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo $$python && break; done)

.PHONY: help demo test screenshots check format lint types arrows migrations deployment audit lock words storm bench lighthouse

help:
	@echo "make demo    run the whole portal on this machine, with an imitation of Codat"
	@echo "make test    run all tests that this machine can run"
	@echo "make screenshots  draw every page in every state, with axe; ARGS=\"--only 'journey-*'\""
	@echo "make storm   many journeys at once under faults; ARGS=\"--journeys 100 --seed 2\""
	@echo "make bench   the benchmark, as a table and as .build/bench.json"
	@echo "make lighthouse  start, choose, permission and confirm on a phone, 95 of 100 at least (needs node)"
	@echo "make check   formatting, lint, types, import arrows, migrations, deployment, known flaws"
	@echo "make words   gather what customers read for translators, and compile it (needs GNU gettext)"
	@echo "make lock    write the lock files anew; LOCK_ARGS=--upgrade takes newer versions"

demo: $(VENV)/.demo
	@DEMO=1 exec $(BIN)/python manage.py demo --follow-parent

# REQUIRE_ALL=1 makes a failure of what is skipped for a missing part; ARGS goes to pytest.
test: $(VENV)/.development
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)
	@echo "The engine and Codat's door once more, on PostgreSQL:"
	@$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -n auto tests/linking tests/webhooks tests/desk/test_companies.py

# Into .build/screenshots/; ARGS="--only 'journey-done--*'" draws some, ARGS=--strip the README's.
screenshots: $(VENV)/.development
	@$(BIN)/python -m tests.screenshots $(ARGS)

# Size, seed and mix go into ARGS, as in ARGS="--journeys 100 --seed 2 --database postgres".
storm: $(VENV)/.development
	@$(BIN)/python -m tests.storm $(ARGS)

bench: $(VENV)/.development
	@mkdir -p .build
	@$(BIN)/python -m tests.bench --json .build/bench.json $(ARGS)

# Beside `make test`, because it fetches Lighthouse; ARGS="--runs 1" looks once at each page.
lighthouse: $(VENV)/.development
	@$(BIN)/python -m tests.lighthouse $(ARGS)

# `make --keep-going check` goes on after a finding, to show them all.
check: format lint types arrows migrations deployment audit

format: $(VENV)/.development
	$(BIN)/ruff format --check .

lint: $(VENV)/.development
	$(BIN)/ruff check .

types: $(VENV)/.development
	$(BIN)/mypy

arrows: $(VENV)/.development
	$(BIN)/lint-imports

migrations: $(VENV)/.development
	DEMO=1 DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations --check --dry-run

deployment: $(VENV)/.development
	$(BIN)/python .ci/check_deploy.py

audit: $(VENV)/.development
	$(BIN)/python .ci/audit.py requirements/production.txt requirements/demo.txt

# A change of a lock file installs again; nothing else does.
$(VENV)/.demo: requirements/demo.txt | $(VENV)/.made
	@echo "Installing what the demo needs …"
	@$(PIP) install --quiet --require-hashes -r $<
	@touch $@

$(VENV)/.development: requirements/development.txt | $(VENV)/.made
	@echo "Installing what the checks and tests need …"
	@$(PIP) install --quiet --require-hashes -r $<
	@touch $@

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with its venv module is needed, and" \
		"none was found: install one (Debian: apt install python3 python3-venv) or name it," \
		"as in: make demo PYTHON=/usr/local/bin/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# What customers read: pages, mails, and whatever they show; a new language begins with LOCALE=fr.
words: $(VENV)/.development
	@DEMO=1 $(BIN)/python manage.py makemessages $(if $(LOCALE),--locale $(LOCALE),--all) --verbosity 0 \
		--no-wrap --no-obsolete --add-location file --ignore $(VENV) --ignore 'tests*' $(foreach \
		place,templates/admin templates/desk templates/accounts templates/demo onboarding/accounts \
		onboarding/demo onboarding/desk onboarding/simulator onboarding/linking/admin \
		onboarding/linking/models,--ignore '$(place)*') --ignore onboarding/admin_site.py \
		--ignore onboarding/linking/apps.py
	@DEMO=1 $(BIN)/python manage.py compilemessages --verbosity 0 --ignore $(VENV)

# uv is needed for this alone: the lock files themselves are installed by plain pip.
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(LOCK_ARGS)

lock:
	$(UV_COMPILE) pyproject.toml --extra sentry -o requirements/production.txt
	$(UV_COMPILE) pyproject.toml --extra demo -o requirements/demo.txt
	$(UV_COMPILE) pyproject.toml --extra demo --extra sentry --group dev -o requirements/development.txt
