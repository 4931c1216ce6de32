# Everything runs from a shell, make and Python 3.11; `make help` lists what there is.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON_IN_VENV := .venv/bin/python
LAUNCHER := $(PYTHON_IN_VENV) -m trial_edc.launcher
INSTALL := sh trial_edc/launcher/install.sh

# Enough to read the settings where no service is asked.
OFFLINE := SECRET_KEY=check DATABASE_URL=postgres://check@127.0.0.1/check CELERY_BROKER_URL=redis://127.0.0.1/0

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: install ## Start a demo trial on 127.0.0.1:8000 (PORT changes it); Ctrl-C stops it
	@exec $(LAUNCHER) demo

.PHONY: clean-demo
clean-demo: install ## Stop the demo and remove its data
	@exec $(LAUNCHER) clean-demo

.PHONY: clean-tests
clean-tests: install ## Remove the PostgreSQL that test runs keep to copy from
	@exec $(LAUNCHER) clean-tests

.PHONY: install
install: ## Make .venv with what the system runs on
	@$(INSTALL) requirements.txt

.PHONY: install-dev
install-dev:
	@$(INSTALL) requirements-dev.txt

.PHONY: test
test: install-dev ## Run the whole suite, browser tests included (ARGS goes to pytest)
	@exec $(LAUNCHER) test -- -n 2 --dist loadgroup $(ARGS)

.PHONY: test-fast
test-fast: install-dev ## Run the suite without browser tests and slow ones
	@exec $(LAUNCHER) services --for-tests -- $(PYTHON_IN_VENV) -m pytest -n 2 --dist loadgroup -m "not browser and not slow" $(ARGS)

.PHONY: validation sabotage
validation: install-dev ## Run what shows each line of an inspector's checklist; writes docs/validation.md
	@$(PYTHON_IN_VENV) -m validation
sabotage: install-dev ## Break the product in a copy, a line at a time, and see that a test notices (ARGS="A1 S4")
	@$(PYTHON_IN_VENV) -m validation sabotage $(ARGS)

.PHONY: validate-sdtm
validate-sdtm: install ## Hold SDTM of the demo against CDISC CORE (Python 3.12, CORE_CACHE; see docs/cdisc.md)
	@exec sh tests/exports/cdisc/core/validate.sh

.PHONY: bench
bench: install-bench ## Measure the speed beside a plain admin (ARGS="--only matrix --quick")
	@exec $(LAUNCHER) services --for-tests --durable -- $(PYTHON_IN_VENV) -m bench $(ARGS)

.PHONY: bench-year
bench-year: install-dev ## Live a year of reminders with workers killed at random (ARGS="--days 60")
	@exec $(LAUNCHER) services --for-tests -- $(PYTHON_IN_VENV) -m bench.year $(ARGS)

.PHONY: install-bench
install-bench:
	@$(INSTALL) requirements-bench.txt

.PHONY: audit
audit: ## Look for known weaknesses of what is installed (asks the internet)
	@$(INSTALL) requirements-audit.txt
	@$(PYTHON_IN_VENV) -m trial_edc.launcher.audit

.PHONY: check
check: format lint types imports migrations translations dictionary diagrams permissions deploy ## Check format, lint, types, import order, migrations, translations, dictionary, diagrams, permissions, deployment

.PHONY: format lint types imports migrations translations dictionary diagrams permissions deploy
format: install-dev
	.venv/bin/ruff format --check .
lint: install-dev
	.venv/bin/ruff check .
types: install-dev
	$(OFFLINE) .venv/bin/mypy
imports: install-dev
	.venv/bin/lint-imports
migrations: install-dev
	$(LAUNCHER) services -- $(PYTHON_IN_VENV) manage.py makemigrations --check --dry-run
translations: install-dev
	$(OFFLINE) $(PYTHON_IN_VENV) manage.py messages --check
dictionary: install-dev ## Compare the forms with docs/dictionary, field by field
	$(OFFLINE) $(PYTHON_IN_VENV) -m pytest -q tests/test_dictionary.py
diagrams: install-dev
	$(OFFLINE) $(PYTHON_IN_VENV) manage.py workflow_diagrams --check
permissions: install-dev
	$(OFFLINE) $(PYTHON_IN_VENV) manage.py permission_table --check
deploy: install-dev
	$(LAUNCHER) services -- env -u INSECURE_HTTP -u DEBUG ALLOWED_HOSTS=edc.example.org \
		SITE_ADDRESS=https://edc.example.org $(PYTHON_IN_VENV) manage.py check --deploy --fail-level WARNING
