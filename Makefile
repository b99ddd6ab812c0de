# culprit: build, test, measure. `make help` lists the targets.

SWIFT ?= swift
TOOLCHAIN := $(dir $(realpath $(shell command -v $(SWIFT))))
CLANG := $(TOOLCHAIN)clang
OBJCOPY := $(TOOLCHAIN)llvm-objcopy
BPFTOOL ?= bpftool
ARCH := $(shell uname -m)
PREFIX ?= /usr/local

BPF_DIR := build/bpf
# rings first: the linker of older bpftool versions resolves a map only where its definition comes before its uses.
BPF_SOURCES := rings process exec signal oom socket cgroup manager_call tasks memory unix
BPF_OBJECTS := $(BPF_SOURCES:%=$(BPF_DIR)/%.bpf.o)
BPF_HEADERS := $(wildcard bpf/*.h) $(wildcard Sources/CEventABI/include/*.h)
BPF_ARCH := $(if $(filter aarch64,$(ARCH)),arm64,x86)
# Older linkers refuse the trap that newer clangs put behind unreachable code.
BPF_FLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
	-D__TARGET_ARCH_$(BPF_ARCH) -mllvm -bpf-disable-trap-unreachable \
	-I Sources/CEventABI/include -I bpf -I /usr/include/$(ARCH)-linux-gnu

C_FILES := $(shell git ls-files '*.c' '*.h')
RELEASE := -c release --static-swift-stdlib
DEB := DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends

.DEFAULT_GOAL := help
.PHONY: help deps bpf build test test-unit test-kernel test-lab test-vm fuzz demo check format bench install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what is missing (Debian packages; needs root where something is)
	@packaging/dependencies

bpf: $(BPF_DIR)/probes.o ## compile and link the kernel programs

$(BPF_DIR)/%.bpf.o: bpf/%.bpf.c $(BPF_HEADERS) Makefile
	@mkdir -p $(BPF_DIR)
	$(CLANG) $(BPF_FLAGS) -c $< -o $@

$(BPF_DIR)/probes.o: $(BPF_OBJECTS)
	$(BPFTOOL) gen object $@.linked $^
	$(OBJCOPY) --strip-debug $@.linked $@
	@rm -f $@.linked
	@touch Sources/CProbeLoader/embedded_object.c

build: deps ## the release binary, at build/culprit
	@$(MAKE) --no-print-directory bpf
	$(SWIFT) build $(RELEASE) --product culprit
	@cp -f "$$($(SWIFT) build $(RELEASE) --show-bin-path)/culprit" build/culprit.new && mv -f build/culprit.new build/culprit
	@echo "build/culprit is ready"

test: build ## everything: unit tests, fuzz corpus, command line, the kernel where it allows it, and the incident lab
	@Tests/run all

test-unit: deps ## the tests that need neither root nor kernel programs
	@$(MAKE) --no-print-directory bpf
	@Tests/run unit

test-kernel: build ## what the kernel programs record, against what really happened
	@Tests/run kernel

test-lab: build ## incidents on a real systemd, the verdicts against the truth (LAB=S01,S04 LAB_OPTIONS=--hidden)
	@Tests/Lab/run.py --culprit build/culprit $(LAB_OPTIONS) $(LAB)

test-vm: build ## the collector on Debian's other kernels, in a small machine (VM='--kernel 6.1 doctor S08')
	@packaging/dependencies qemu-system-x86 seabios busybox-static
	$(SWIFT) build $(RELEASE) --product ground-truth
	$(SWIFT) build $(RELEASE) --product storm
	@Tests/VM/run.py --culprit build/culprit --programs "$$($(SWIFT) build $(RELEASE) --show-bin-path)" $(VM)

fuzz: deps ## ten minutes of mutated input through every decoder and parser (SECONDS=600)
	@$(MAKE) --no-print-directory bpf
	$(SWIFT) build -c release --product fuzz
	"$$($(SWIFT) build -c release --show-bin-path)/fuzz" --seconds $(or $(SECONDS),600)

demo: build ## stage a real incident here and print the report that names the tree
	@Tests/Demo/run build/culprit

check: deps ## formats, warnings as errors, layers
	@$(MAKE) --no-print-directory bpf
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
	@echo "clang-format --dry-run --Werror on $(words $(C_FILES)) files"
	@clang-format --dry-run --Werror $(C_FILES)
	CULPRIT_WARNINGS=error $(SWIFT) build --build-tests --explicit-target-dependency-import-check error

format: ## rewrite the sources in the project's format
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks
	@clang-format -i $(C_FILES)

bench: build ## overhead, paired with no tracer and with a peer (see Benchmarks/README.md)
	$(CLANG) -O2 -D_GNU_SOURCE -I Tests/TinyProgram/include Benchmarks/Storm/*.c Tests/TinyProgram/*.c -pthread -o build/storm
	python3 Benchmarks/run.py --storm build/storm --tracer 'build/culprit record -o {output}' $(BENCH_OPTIONS)

install: build ## binary, unit, group and an example configuration into PREFIX (/usr/local); DESTDIR is honoured
	install -D -m 755 build/culprit $(DESTDIR)$(PREFIX)/bin/culprit
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's,/usr/local/bin/culprit,$(PREFIX)/bin/culprit,' packaging/culprit.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/culprit.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/culprit.service
	install -D -m 644 packaging/culprit.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/culprit.conf
	install -D -m 644 packaging/culprit.yaml $(DESTDIR)$(PREFIX)/share/doc/culprit/culprit.yaml

clean: ## remove what was built
	rm -rf build .build
