# SPDX-License-Identifier: GPL-2.0

SHELL := /bin/bash
top := $(CURDIR)

# Kernel to build for: the newest headers installed, else Debian's in the cache
KDIR ?= $(shell selftests/kernel/kdir)
# Kernel release, and where its objects are: each kernel has a tree of its own,
# of links to the sources, so that builds for several of them live side by side.
# (Debian's kernel.release is not what the kernel calls itself.)
KVER = $(or $(shell cut -d '"' -f 2 '$(KDIR)/include/generated/utsrelease.h'),\
	$(error KDIR=$(KDIR) holds no built kernel or kernel headers))
BUILD = out/build-$(KVER)
# The UML kernel of the tests has KUnit, Debian's kernels have not.
KARCH = $(shell grep -sqx CONFIG_UML=y '$(KDIR)/include/config/auto.conf' && \
	echo ARCH=um RRDP_VMNET_KUNIT=y)

# Debian's headers ask for signatures, but nobody has Debian's key.
NOSIGN = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

# Seconds for each target of the fuzzers

DESTDIR ?=
PREFIX ?= /usr/local

# A build machine has the libraries; on any other the cache's copy serves.
ENV = $(shell pkg-config --exists libnl-genl-3.0 libmicrohttpd jansson sqlite3 gnutls libcurl \
	libssl yaml-0.1 2>/dev/null || echo '. selftests/lab/cache.sh && toolbox_env &&')

# For programs with sockets, and for modules that call rrdp_send().
headers := net/rrdp.h uapi/linux/rrdp.h uapi/linux/vmnet.h

all: modules tools ## build modules and tools (the default)

modules: ## build rrdp.ko and vmnet.ko for KDIR into out/build-RELEASE/
	@mkdir -p $(BUILD)/selftests
	+$(ENV) flock $(BUILD) $(MAKE) -f $(top)/Makefile KDIR='$(KDIR)' build-modules

# Under the lock of the tree.
build-modules:
	@find $(BUILD) -xtype l -delete
	@cp -rs --remove-destination $(addprefix $(top)/,Kbuild include kmod) $(BUILD)
	@[ ! -d selftests/kmod ] || \
		cp -rs --remove-destination $(top)/selftests/kmod $(BUILD)/selftests
	@[ ! -d samples ] || cp -rs --remove-destination $(top)/samples $(BUILD)
	$(MAKE) -C '$(KDIR)' M=$(top)/$(BUILD) $(KARCH) modules

tools: ## build vmnetctl, vmnetd, vmnet-board, rrdp-ping and rrdp-perf into out/tools/
	@mkdir -p out/tools
	+$(ENV) flock out/tools $(MAKE) -C tools OUT=$(top)/out/tools

testers: ## build the programs of the namespace tests into out/net/
	@mkdir -p out/net
	+flock out/net $(MAKE) -s -C selftests/net OUT=$(top)/out/net

demo: ## two Xen hosts join their guests into one LAN, by hand and by a board
	PICTURE='$(PICTURE)' selftests/lab/demo

lab: ## the lab of the demo, with a console on each host and guest
	selftests/lab/lab

check: ## run every test; the last line is the verdict
	selftests/check

check-debug: ## KUnit, the namespace tests and a lab on kernels with every checker
	FAST=$(FAST) selftests/check debug

check-long: ## the labs that make check leaves out: guests that move, sample labs, no board for long, no power
	selftests/check long

check-matrix: ## build for Debian 12's, 13's and testing's kernel, and run the namespace tests there
	selftests/check matrix $(RELEASES)

fuzz: ## make up input for T seconds for each parser and for conversations over RRDP
	selftests/fuzz/fuzz $(or $(T),60) $(TARGETS)

fuzz-vm: ## random frames, netlink and calls for T seconds, on a kernel with every checker
	STORM_SECONDS=$(or $(T),300) STORM_SEED=$(or $(SEED),$(shell echo $$RANDOM)) \
		TEST_SECONDS=$$(($(or $(T),300) + 900)) selftests/net/run debug selftests/net/storm.t

soak: ## T minutes of mixed traffic and churn on KERNEL, with SEED
	SEED=$(SEED) selftests/soak $(or $(T),30) $(KERNEL)

coverage: ## lines of both modules that KUnit and the namespace tests run; in out/coverage/
	selftests/kernel/coverage/coverage

bench: ## compare RRDP with what there is; the table goes to out/bench/
	selftests/bench/bench

bench-board: ## measure vmnet-board; the table goes to out/bench-board/
	$(ENV) tools/board/bench/bench

lint: ## checkpatch, sparse, W=1, clang-tidy, cppcheck, shellcheck
	. selftests/lab/cache.sh && toolbox_env && prove -v selftests/lint/*.t

kunit: ## KUnit of both modules on a UML kernel
	. selftests/lab/cache.sh && toolbox_env && prove -v selftests/kunit/*.t

install: all ## install modules, tools, headers and manual pages below DESTDIR
	$(MAKE) -C '$(KDIR)' M=$(top)/$(BUILD) KERNELRELEASE=$(KVER) $(NOSIGN) \
		INSTALL_MOD_PATH='$(DESTDIR)' INSTALL_MOD_DIR=updates modules_install
	[ -n '$(DESTDIR)' ] || depmod $(KVER)
	for header in $(headers); do \
		install -D -m 644 include/$$header '$(DESTDIR)$(PREFIX)'/include/$${header#uapi/} || exit 1; \
	done
	+$(ENV) $(MAKE) -C tools OUT=$(top)/out/tools DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' install

uninstall: ## remove what install installed
	rm -rf '$(DESTDIR)/lib/modules/$(KVER)/updates/kmod'/{rrdp,vmnet}
	[ -n '$(DESTDIR)' ] || depmod $(KVER)
	rm -f $(addprefix '$(DESTDIR)$(PREFIX)'/include/,$(headers:uapi/%=%))
	$(MAKE) -C tools OUT=$(top)/out/tools DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' uninstall

where: ## print the directory of the modules built for KDIR
	@echo $(top)/$(BUILD)

clean: ## remove out/
	rm -rf out

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16
	@echo
	@echo 'KDIR=DIR     kernel headers or build tree to build modules for'
	@echo 'DESTDIR=DIR  root to install below; PREFIX=$(PREFIX) for the tools'
	@echo 'SAMPLES=y    build the modules in samples/, too'
	@echo 'FAST=y       of check-debug: leave out where checkers find little, and several processors'
	@echo 'T=60         of fuzz: seconds for each target; TARGETS= some of selftests/fuzz/*.c'
	@echo 'RELEASES=    of check-matrix: bookworm, trixie, forky; all if it is not given'
	@echo 'T=300 SEED=   of fuzz-vm: seconds, and the number that its random ones come from'
	@echo 'T=30 KERNEL= SEED=  of soak: minutes; uml, debug or a release; random numbers'
	@echo 'W=1          more warnings; C=2 CF=-D__CHECK_ENDIAN__ for sparse'

.PHONY: all modules tools testers demo lab check check-debug check-long check-matrix fuzz fuzz-vm \
	soak coverage bench bench-board lint kunit install uninstall \
	where clean build-modules help
