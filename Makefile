# Two commands: `make nightly` and `make test`. `make help` lists all.
# What a person says goes on as it stands, by the environment: neither make nor a shell looks for commands in it.
SAID := SIZE REGENCY PART FILE OUT AGENCY DATASET FROM TO NUMBER DATE LIST DESA WEEK PURPOSE FOR ZONE \
	BELIEVED DATA PUBLISH WHY DO
$(foreach one,$(SAID),$(if $(filter-out undefined,$(origin $(one))),$(eval override export $(one) := $$(value $(one)))))
export TEGAK_DATA ?= $(CURDIR)/data
export AIRFLOW_HOME ?= $(CURDIR)/airflow_home
export AIRFLOW__CORE__DAGS_FOLDER := $(CURDIR)/dags
export AIRFLOW__CORE__PLUGINS_FOLDER := $(CURDIR)/include/airflow_plugin
export PYTHONPATH := $(CURDIR)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
ifdef REGENCY
# one of several: two nights beside each other share no Airflow
export TEGAK_REGENCY := $(REGENCY)
export AIRFLOW_HOME := $(AIRFLOW_HOME)/$(REGENCY)
endif
OPEN := .env can be read by others, and it holds the keys; run chmod 600 .env.
SET := umask 077; case $$(ls -l .env) in (-???------*) ;; (*) echo "$(OPEN)" >&2; exit 2;; esac; set -a; . ./airflow.env; . ./.env
RUN := $(SET); python -m
# what tries the code has folders of its own, and the regency of the repository
LAB := $(SET); export TEGAK_REGENCIES=36.04 TEGAK_REGENCY=36.04; python -m
# for one regency, which is said by REGENCY= where there are several
ONE := $(SET); python -m include.regencies && python -m
.PHONY: help nightly test ordeal deployment bench mutants up airflow logins subject sql check status dismiss quarantine backfill explain score believed password rotate-key move-in linkage linkage-points linkage-sample by-name print answers pictures superset spark clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*##/\t/' | expand -t 16

PINS := requirements-dev.txt requirements-linkage.txt requirements-labelled.txt

.venv/done: $(PINS) requirements-uv.txt
	python3 -m venv .venv
	python -m pip install -q --require-hashes -r requirements-uv.txt
	VIRTUAL_ENV=.venv uv pip sync -q --compile-bytecode --require-hashes $(PINS)
	touch $@
.env: .venv/done include/keys.py
	@python -m include.keys && touch .env
nightly: .env  ## one night; before the very first one, or with SIZE=small or regency, it writes an invented regency; REGENCY=36.04 of several
	@$(ONE) include.nightly $${SIZE:+--size "$$SIZE"}
test: .env  ## all tests
	@$(LAB) pytest -n auto --dist loadfile --no-loadscope-reorder
ordeal: .env  ## faults, hostile files, canary, disclosure, on a synthetic regency; PART=faults: one section alone
	@$(LAB) tests.ordeal $${PART:+"$$PART"}
deployment: .env  ## nights of the compose services without Docker, a worker killed in two (needs Debian's postgresql, redis-server)
	@$(LAB) tests.deployment
.venv-bench/done: requirements-bench.txt .venv/done
	python3 -m venv .venv-bench
	VIRTUAL_ENV=.venv-bench uv pip sync -q --compile-bytecode --require-hashes requirements-bench.txt
	touch $@
bench: .env  ## how fast: each step beside other ways to do it, into data/bench; PART=intake: one section; SIZE=regency; PART=growth, PART=year: how it grows
	@$(MAKE) -s .venv-bench/done || echo "Without .venv-bench; the table says what is missing."
	@$(LAB) tests.bench $${PART:+"$$PART"} $${SIZE:+--size "$$SIZE"}
mutants: .env .venv-bench/done  ## do the tests notice small mistakes, planted one at a time? PART=growth: one part; MUTANTS=60 of each
	@$(LAB) tests.mutants $${PART:+"$$PART"}
up: .env  ## Airflow with its page on http://127.0.0.1:8080
	@$(RUN) airflow db migrate && python -m include.regencies pools | python -m airflow pools import /dev/stdin
	@$(SET); python -m airflow scheduler --skip-serve-logs & scheduler=$$!; python -m airflow dag-processor & trap "kill $$scheduler $$!" EXIT; \
	export AIRFLOW__API__HOST=127.0.0.1 AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True; python -m airflow api-server
airflow: .env  ## DO="dags list": one command of Airflow's own, on what make nightly and make up keep
	@$(SET); exec python -c 'import os, shlex; os.execvp("airflow", ["airflow", *shlex.split(os.environ.get("DO", ""))])'
logins: .env  ## passwords for Airflow's page on a server: who is named in TEGAK_LOGINS of .env
	@$(RUN) include.logins
subject: .env  ## all rows kept about one person, who asks for them
	@$(ONE) include.subject
sql: .env  ## a read-only SQL prompt on the newest release; ZONE=public: on what all may see; BELIEVED=1: on what make believed built
	@$(ONE) include.sql
check: .env  ## FILE=...: what would be accepted of one delivery, and why not the rest
	@$(ONE) include.check "$$FILE"
status: .env  ## release, agencies, open rows, disk, what goes next; fails when something needs a person
	@$(ONE) include.status
dismiss: .env  ## FILE=agency/dataset/period/name WHY="...": a delivery that stands refused or held is told no more; its receipt says who and why
	@$(ONE) include.dismiss "$$FILE" --why "$$WHY"
quarantine: .env  ## rows that wait for an agency, by rule and column; AGENCY=dinkes DATASET=penimbangan: only those
	@$(ONE) include.quarantine --agency "$$AGENCY" --dataset "$$DATASET"
backfill: .env  ## AGENCY=dinkes FROM=2026-03 TO=2026-05: what reading again would change; DATASET=...; PUBLISH=1 does it
	@$(ONE) include.read_again --agency "$$AGENCY" --dataset "$$DATASET" --from "$$FROM" --to "$$TO" $(if $(PUBLISH),--publish)
explain: .env  ## NUMBER="mart area month column" OUT=out.csv: files, rows and rules that made one published number
	@$(ONE) include.explain "$$NUMBER" $${OUT:+--csv "$$OUT"}
score: .env  ## FILE=in.csv OUT=out.csv: growth-standard z-scores by the mart's own SQL
	@$(RUN) include.score "$$FILE" "$$OUT"
believed: .env  ## DATE=2026-03-01: the marts as they were believed on that day, in a database of its own
	@$(ONE) include.believed "$$DATE"
linkage: .env  ## how well records are linked, measured on invented regencies of known truth
	@$(LAB) include.linkage.measure
linkage-points: .env  ## estimates the points of linkage anew from the last night's records (needs an extra)
	@$(ONE) include.linkage.estimate
linkage-sample: .env  ## 200 links for a person to judge; FILE=...: what the judged sheet says of all links
	@$(ONE) include.linkage.sample $${FILE:+--judge "$$FILE"}
password: .env  ## AGENCY=...: the password of the workbooks for one agency
	@$(ONE) include.password "$$AGENCY"
rotate-key: .env  ## a new private key in .env; DATA=1: all files encrypted anew too
	@$(RUN) include.rotate $(if $(DATA),--data)
move-in: .env  ## REGENCY=36.04: the data of a regency that was alone get a folder of their own; before the second one's first night
	@$(ONE) include.move_in
by-name: .env  ## LIST=visit_list DESA=36.04.11.2003 WEEK=1 PURPOSE="..." FOR=...: a list with names, locked and recorded
	@$(ONE) include.byname "$$LIST" "$$DESA" --week "$$WEEK" --purpose "$$PURPOSE" --for "$$FOR"
print: .env  ## DESA=36.04.11.2003: its profile on one page, as PDF; without DESA all; ZONE=public: with what all may see
	@$(ONE) include.prints.profiles $${DESA:+"$$DESA"} $${ZONE:+--zone "$$ZONE"}
answers: .env  ## docs/questions.md anew, from the last night of SIZE=small
	@$(ONE) tests.answers
pictures: .env  ## docs/pictures anew, from the last night (needs Debian's chromium)
	@$(ONE) tests.pictures
.venv-superset/done: requirements-superset.txt .venv/done
	python3 -m venv .venv-superset
	VIRTUAL_ENV=.venv-superset uv pip sync -q --compile-bytecode --require-hashes requirements-superset.txt
	touch $@
superset: .env .venv-superset/done  ## Superset with the dashboard of the public zone on http://127.0.0.1:8088 (an extra; account tegak)
	@$(SET); TEGAK_DATA=$$(python -m include.regencies data) || exit 2; \
	unset PYTHONPATH TEGAK_PRIVATE_KEY TEGAK_PSEUDONYM_KEY; exec .venv-superset/bin/python include/superset/start.py
.venv-spark/done: requirements-spark.txt .venv/done
	python3 -m venv .venv-spark
	VIRTUAL_ENV=.venv-spark uv pip sync -q --compile-bytecode --require-hashes requirements-spark.txt
	touch $@
spark: .env .venv-spark/done  ## the marts of the last night built on Spark too, compared with DuckDB's (an extra; needs Debian's openjdk-17-jre-headless)
	@$(ONE) include.spark
clean:  ## remove the environment, the database, all that is built, and airflow_home with its connections; landing, archive and releases stay
	@case "$$REGENCY" in (*[!0-9.]*|*..*) echo "REGENCY is a code as 36.04." >&2; exit 2;; esac
	rm -rf .venv .venv-bench .venv-superset .venv-spark "$$AIRFLOW_HOME" "$$TEGAK_DATA"/warehouse.duckdb* "$$TEGAK_DATA"/dbt "$$TEGAK_DATA"/scratch \
		"$$TEGAK_DATA"/??.??/warehouse.duckdb* "$$TEGAK_DATA"/??.??/dbt "$$TEGAK_DATA"/??.??/scratch
