# Everything is done by bootstrap.py; 'python bootstrap.py lab' is the same where there is no make.
# Options go through ARGS:  make lab ARGS="--no-browser --port 9000"   make test ARGS="lint unit"
PYTHON ?= python3
ARGS ?=

.PHONY: help lab setup test test-browser quick bench format bundle clean
help:
	@$(PYTHON) bootstrap.py help

lab setup test test-browser quick bench format bundle clean:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
