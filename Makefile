# The commands of the project; `make` alone lists them. Each sets up what it needs in .venv by itself.
.DEFAULT_GOAL := help
.PHONY: help run test bench serve lint format lock clean
BOOTSTRAP = exec sh scripts/python.sh scripts/bootstrap.py

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

run: ## the site with demo content at http://localhost:8000 (PORT=9000 for another port)
	@$(BOOTSTRAP) run

test: ## every test, on SQLite and on PostgreSQL, with a browser (ARGS="tests/comments -x" for some)
	@$(BOOTSTRAP) --dev test $(ARGS)

bench: ## what it costs on this machine, into tests/benchmarks/REPORT.md (ARGS="--quick" for less; needs wrk)
	@$(BOOTSTRAP) --dev bench $(ARGS)

serve: ## the site with production settings (HOST, PORT, WORKERS, THREADS; settings from .env)
	@$(BOOTSTRAP) serve

lint: ## the checks of source and templates alone
	@$(BOOTSTRAP) --dev lint

format: ## mends what the formatters can mend
	@$(BOOTSTRAP) --dev lint --mend

lock: ## writes requirements*.txt anew from requirements*.in (needs uv)
	@sh scripts/lock.sh

clean: ## removes .venv and caches; keeps .env and var/ with your data
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
