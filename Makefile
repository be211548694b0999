# Two commands: `make nightly` and `make test`. `make help` lists all.
SIZE ?= small
export TEGAK_DATA ?= $(CURDIR)/data
export AIRFLOW_HOME ?= $(CURDIR)/airflow_home
export AIRFLOW__CORE__DAGS_FOLDER := $(CURDIR)/dags
export PYTHONPATH := $(CURDIR)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
RUN := umask 077; set -a; . ./airflow.env; . ./.env; python -m
.PHONY: help nightly test ordeal up logins subject sql check explain score believed password rotate-key linkage linkage-points linkage-sample by-name print clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*##/\t/' | expand -t 16

PINS := requirements-dev.txt requirements-linkage.txt requirements-labelled.txt

.venv/done: $(PINS) requirements-uv.txt
	python3 -m venv .venv
	python -m pip install -q --require-hashes -r requirements-uv.txt
	VIRTUAL_ENV=.venv uv pip sync -q --compile-bytecode --require-hashes $(PINS)
	touch $@
.env: .venv/done
	@python -m include.keys
nightly: .env  ## one night; without deliveries it first writes synthetic ones, SIZE=small or regency
	@$(RUN) include.nightly --size $(SIZE)
test: .env  ## all tests
	@$(RUN) pytest -n auto --dist loadfile --no-loadscope-reorder
ordeal: .env  ## faults, hostile files, canary, disclosure, on a synthetic regency; PART=faults: one section alone
	@$(RUN) tests.ordeal $(PART)
up: .env  ## Airflow with its page on http://127.0.0.1:8080
	@$(RUN) airflow db migrate && python -m airflow pools set warehouse_writer 1 "DuckDB has one writer"
	@umask 077; set -a; . ./airflow.env; . ./.env; export AIRFLOW__API__HOST=127.0.0.1 AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True; python -m airflow standalone
logins: .env  ## passwords for Airflow's page on a server: who is named in TEGAK_LOGINS of .env
	@$(RUN) include.logins
subject: .env  ## all rows kept about one person, who asks for them
	@$(RUN) include.subject
sql: .env  ## a read-only SQL prompt on the newest release; ZONE=public: on what all may see
	@$(RUN) include.sql
check: .env  ## FILE=...: what would be accepted of one delivery, and why not the rest
	@$(RUN) include.check "$(FILE)"
explain: .env  ## NUMBER="mart area month column" OUT=out.csv: files, rows and rules that made one published number
	@$(RUN) include.explain "$(NUMBER)" $(if $(OUT),--csv "$(OUT)")
score: .env  ## FILE=in.csv OUT=out.csv: growth-standard z-scores by the mart's own SQL
	@$(RUN) include.score "$(FILE)" "$(OUT)"
believed: .env  ## DATE=2026-03-01: the marts as they were believed on that day, in a database of its own
	@$(RUN) include.believed "$(DATE)"
linkage: .env  ## how well records are linked, measured on invented regencies of known truth
	@$(RUN) include.linkage.measure
linkage-points: .env  ## estimates the points of linkage anew from the last night's records (needs an extra)
	@$(RUN) include.linkage.estimate
linkage-sample: .env  ## 200 links for a person to judge; FILE=...: what the judged sheet says of all links
	@$(RUN) include.linkage.sample $(if $(FILE),--judge "$(FILE)")
password: .env  ## AGENCY=...: the password of the workbooks for one agency
	@$(RUN) include.password "$(AGENCY)"
rotate-key: .env  ## a new private key in .env; DATA=1: all files encrypted anew too
	@$(RUN) include.rotate $(if $(DATA),--data)
by-name: .env  ## LIST=visit_list DESA=36.04.11.2003 PURPOSE="..." FOR=...: a list with names, locked and recorded
	@$(RUN) include.byname "$(LIST)" "$(DESA)" --purpose "$(PURPOSE)" --for "$(FOR)"
print: .env  ## DESA=36.04.11.2003: its profile on one page, as PDF; without DESA all; ZONE=public: with what all may see
	@$(RUN) include.prints.profiles $(DESA) $(if $(ZONE),--zone $(ZONE))
clean:  ## remove the environment, the database and all that is built; landing, archive and releases stay
	rm -rf .venv "$(AIRFLOW_HOME)" "$(TEGAK_DATA)"/warehouse.duckdb* "$(TEGAK_DATA)"/dbt "$(TEGAK_DATA)"/scratch
