# tcbck - one Makefile, out of tree in $(BUILD); `make help` is the list of its targets.
#
# Sources are found by wildcard: db/ becomes libsysck, src/ without the two programs' main files becomes libtcbck, and tests
# link exactly what ships. Everything is built anew when the compiler or a flag changes ($(BUILD)/flags).

VERSION = 1.0.0
SOVERSION = 1

BUILD ?= build
DESTDIR ?=
PREFIX ?= /usr
SYSCONFDIR ?= /etc
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
LIBEXECDIR ?= $(PREFIX)/libexec/tcbck
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/tcbck
SAMPLEDIR ?= $(DOCDIR)/samples
COMPLETIONDIR ?= $(DATADIR)/bash-completion/completions
# Where tcbck looks for its database unless told otherwise.
DATABASE ?= $(SYSCONFDIR)/security/sysck.cfg

CFLAGS ?= -O2 -g
WERROR ?=
SANITIZE ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
FUZZ_TIME ?= 60
FUZZ_RUNS ?= 20000
CLANG ?= clang
# Where tests/fetch-components puts what tests/wrappers and tests/logs need; one for all BUILDs.
COMPONENTS ?= build/components
# The parts of `make test`; what is not there (yet) is passed over.
PARTS ?= unit cli attack fault wrappers logs fuzz lint

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wundef -Wvla -Wswitch-enum -Wnull-dereference -Wimplicit-fallthrough \
	$(if $(filter 1,$(WERROR)),-Werror)

# What the compiler is and can do is asked only where something is compiled: `make deps` runs before there is one.
WITHOUT_COMPILER = help clean uninstall deps deps-build deps-check deps-deb check audit deb format bench-peers
ifneq ($(filter-out $(WITHOUT_COMPILER),$(or $(MAKECMDGOALS),all)),)
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
CC_VERSION := $(shell $(CC) --version 2>/dev/null | head -n 1)
FORTIFY_LEVEL := $(shell echo '\#include <features.h>' | \
	$(CC) -E -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -Werror - >/dev/null 2>&1 && echo 3 || echo 2)
# Libraries that are loaded at need: built with what has headers here, or as told (LIBARCHIVE=no).
LIBARCHIVE ?= $(shell pkg-config --exists libarchive 2>/dev/null && echo yes)
LIBRPM ?= $(shell pkg-config --exists rpm 2>/dev/null && echo yes)
LIBARCHIVE := $(LIBARCHIVE)
LIBRPM := $(LIBRPM)
endif
IS_CLANG := $(findstring clang,$(CC_VERSION))

HARDENING = -fstack-protector-strong -fstack-clash-protection
HARDENING += $(if $(filter x86_64-% i386-% i486-% i586-% i686-%,$(MACHINE)),-fcf-protection=full)
HARDENING += $(if $(filter aarch64-%,$(MACHINE)),-mbranch-protection=standard)
ifneq ($(SANITIZE),)
HARDENING += -U_FORTIFY_SOURCE -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifneq ($(filter -O0,$(CFLAGS)),)
HARDENING += -U_FORTIFY_SOURCE
else
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY_LEVEL)
endif
# gcc's own instrumentation makes its flow warnings see paths that are not there.
ifneq ($(SANITIZE),)
WARNINGS += $(if $(IS_CLANG),,-Wno-null-dereference -Wno-maybe-uninitialized)
endif

DEFINES = -D_GNU_SOURCE -DTCBCK_VERSION='"$(VERSION)"' -DTCBCK_DATABASE='"$(DATABASE)"'
# What such builds have in them looks at processes and writes files at exit, which a confined run can't.
DEFINES += $(if $(SANITIZE)$(findstring --coverage,$(CFLAGS)),-DTCBCK_UNCONFINED)
DEFINES += $(if $(filter yes,$(LIBARCHIVE)),-DTCBCK_HAVE_LIBARCHIVE) $(if $(filter yes,$(LIBRPM)),-DTCBCK_HAVE_LIBRPM)
COMPILE = $(CC) -std=c17 $(DEFINES) -Iinclude -Isrc $(WARNINGS) $(HARDENING) $(CPPFLAGS) $(CFLAGS)
# libsysck is linked into a shared library too, so its objects are position independent; the rest are for a PIE.
LINK_FLAGS = -Wl,--as-needed -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack $(if $(SANITIZE),-fsanitize=$(SANITIZE)) \
	$(CFLAGS) $(LDFLAGS)

LIBSYSCK_LIBS = -lacl -lcap
LIBTCBCK_LIBS = $(LIBSYSCK_LIBS) -lcrypto -ljansson -lseccomp -laudit -lpthread -ldl

PROGRAMS = tcbck chtcb
DB_SOURCES := $(wildcard db/*.c)
MAIN_SOURCES := $(wildcard src/main.c src/chtcb.c)
SRC_SOURCES := $(filter-out $(MAIN_SOURCES),$(wildcard src/*.c src/*/*.c))
UNIT_SOURCES := $(wildcard tests/unit/*.c)
# Helper programs of the script tests: tests/DIRECTORY/NAME.c becomes $(BUILD)/tests/DIRECTORY/NAME, linked with both
# libraries; tests/DIRECTORY/preload_NAME.c becomes preload_NAME.so beside it, for LD_PRELOAD.
HELPER_SOURCES := $(wildcard tests/cli/*.c tests/attack/*.c tests/fault/*.c tests/bench/*.c)
PRELOAD_SOURCES := $(foreach source,$(HELPER_SOURCES),$(if $(filter preload_%,$(notdir $(source))),$(source)))
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
HEADERS := $(wildcard include/sysck/*.h)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
DB_OBJECTS := $(call objects,$(DB_SOURCES))
SRC_OBJECTS := $(call objects,$(SRC_SOURCES))
MAIN_OBJECTS := $(call objects,$(MAIN_SOURCES))
UNIT_OBJECTS := $(call objects,$(UNIT_SOURCES))
HELPERS := $(patsubst %.c,$(BUILD)/%,$(filter-out $(PRELOAD_SOURCES),$(HELPER_SOURCES)))
PRELOADS := $(patsubst %.c,$(BUILD)/%.so,$(PRELOAD_SOURCES))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(FUZZ_SOURCES))

LIBSYSCK_SO = $(BUILD)/libsysck.so.$(VERSION)
LIBRARIES = $(BUILD)/libtcbck.a $(BUILD)/libsysck.a
# Checking programs are scripts; NAME.c is for preloading by one of them.
WRAPPERS := $(wildcard libexec/check-*) libexec/refresh-packages
WRAPPER_PRELOADS := $(patsubst %.c,$(BUILD)/%.so,$(wildcard libexec/*.c))
BUILT = $(LIBRARIES) $(LIBSYSCK_SO) $(addprefix $(BUILD)/,$(PROGRAMS)) $(WRAPPER_PRELOADS)

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# The parallelism of a make started from here, unless this one was told its own.
SUBJOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))
SUBMAKE = +$(MAKE) --no-print-directory
# V=1 shows commands whole, anything else what they make.
Q = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@printf '%-8s%s\n' $(1) $@)

.PHONY: all
all: $(BUILT) ## build everything that is installed (the default)

.PHONY: help
help: ## show this list
	@echo "Targets of tcbck $(VERSION):"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18
	@echo "Variables: BUILD=$(BUILD) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) SYSCONFDIR=$(SYSCONFDIR) DATABASE=$(DATABASE)"
	@echo "  CC CFLAGS LDFLAGS  WERROR=1  SANITIZE=address,undefined|thread  V=1 (show commands)  DEPS=no (install nothing)"
	@echo "  LIBARCHIVE=no LIBRPM=no (build without what is loaded at need; default: what has headers here)"
	@echo "  PARTS='$(PARTS)'  FUZZ_TIME=seconds"

# --- building ---------------------------------------------------------------------------------------------------------

FLAGS_NOW = $(CC_VERSION) | $(COMPILE) | $(LINK_FLAGS) | $(LIBTCBCK_LIBS)
FLAGS_BEFORE := $(if $(wildcard $(BUILD)/flags),$(file <$(BUILD)/flags))
$(BUILD)/flags: $(if $(filter x$(subst $() ,_,$(FLAGS_NOW)),x$(subst $() ,_,$(FLAGS_BEFORE))),,FORCE)
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' >$@
FORCE:

$(BUILD)/obj/db/%.o: PICTURE = -fPIC
$(BUILD)/obj/%.o: PICTURE = -fPIE
$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,compile)
	$(Q)$(COMPILE) $(PICTURE) -MMD -MP -c -o $@ $<

# An archive is made anew each time, so that a source that went away goes away here too.
$(BUILD)/libsysck.a: $(DB_OBJECTS)
$(BUILD)/libtcbck.a: $(SRC_OBJECTS)
$(LIBRARIES): $(BUILD)/flags $(BUILD)/sources
	@rm -f $@
	$(call say,archive)
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

# Changes when a source comes or goes: what is linked from lists depends on it.
SOURCES_NOW = $(sort $(DB_SOURCES) $(SRC_SOURCES) $(UNIT_SOURCES))
SOURCES_BEFORE := $(if $(wildcard $(BUILD)/sources),$(file <$(BUILD)/sources))
$(BUILD)/sources: $(if $(filter x$(subst $() ,_,$(SOURCES_NOW)),x$(subst $() ,_,$(SOURCES_BEFORE))),,FORCE)
	@mkdir -p $(@D)
	@printf '%s\n' '$(SOURCES_NOW)' >$@

$(LIBSYSCK_SO): $(DB_OBJECTS) db/libsysck.map $(BUILD)/sources
	$(call say,link)
	$(Q)$(CC) -shared $(LINK_FLAGS) $(if $(SANITIZE),,-Wl,-z,defs) -Wl,-soname,libsysck.so.$(SOVERSION) \
		-Wl,--version-script=db/libsysck.map -o $@ $(DB_OBJECTS) $(LIBSYSCK_LIBS)
	@ln -sf $(@F) $(BUILD)/libsysck.so.$(SOVERSION)
	@ln -sf libsysck.so.$(SOVERSION) $(BUILD)/libsysck.so

$(BUILD)/tcbck: $(BUILD)/obj/src/main.o $(LIBRARIES)
	$(call say,link)
	$(Q)$(CC) -pie $(LINK_FLAGS) -o $@ $^ $(LIBTCBCK_LIBS)

$(BUILD)/chtcb: $(BUILD)/obj/src/chtcb.o $(LIBRARIES)
	$(call say,link)
	$(Q)$(CC) -pie $(LINK_FLAGS) -o $@ $^ $(LIBTCBCK_LIBS)

# Allocations pass through tests/unit/test_memory.c, which lets the n-th one fail.
UNIT_WRAPS = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray
# Records for the kernel's audit end in tests/unit/test_audit.c.
UNIT_WRAPS += -Wl,--wrap=audit_open,--wrap=audit_log_user_message,--wrap=audit_close
$(BUILD)/unit-tests: $(UNIT_OBJECTS) $(LIBRARIES) $(BUILD)/sources
	$(call say,link)
	$(Q)$(CC) -pie $(LINK_FLAGS) $(UNIT_WRAPS) -o $@ $(UNIT_OBJECTS) $(LIBRARIES) $(LIBTCBCK_LIBS) -lcunit

$(HELPERS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(call say,link)
	$(Q)$(CC) -pie $(LINK_FLAGS) -o $@ $^ $(LIBTCBCK_LIBS)

# Preloaded code stands before a sanitizer's run-time library, so it has none itself.
$(PRELOADS) $(WRAPPER_PRELOADS): $(BUILD)/%.so: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,link)
	$(Q)$(filter-out -fsanitize=% -fno-sanitize-recover=all,$(COMPILE)) -fPIC -shared -Wl,-z,relro -Wl,-z,now -o $@ $< -ldl

# --- installing -------------------------------------------------------------------------------------------------------

MANUALS := $(wildcard man/*.[13578])
SAMPLES := $(wildcard samples/*)
# Data and sources have a suffix, scripts have none.
SAMPLE_FILES := $(wildcard samples/*.*)
SAMPLE_SCRIPTS := $(filter-out $(SAMPLE_FILES),$(SAMPLES))
# These name installed files of ours below /usr; they are installed with the names that those get.
WITH_PATHS = sed -e 's|/usr/libexec/tcbck|$(LIBEXECDIR)|g' -e 's|\([= ]\)/usr/sbin/tcbck|\1$(SBINDIR)/tcbck|g'
SAMPLES_WITH_PATHS = $(filter %.cfg %.service %.timer %.cron,$(SAMPLE_FILES))
installed_manual = $(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1))

.PHONY: install
install: all $(BUILD)/libsysck.pc ## install below DESTDIR and PREFIX
	install -d $(addprefix $(DESTDIR),$(SBINDIR) $(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR)/sysck $(LIBEXECDIR) \
		$(SAMPLEDIR))
	install -m 0755 $(BUILD)/tcbck $(DESTDIR)$(SBINDIR)/tcbck
	install -m 0755 $(BUILD)/chtcb $(DESTDIR)$(BINDIR)/chtcb
	install -m 0644 $(BUILD)/libsysck.a $(DESTDIR)$(LIBDIR)/libsysck.a
	install -m 0644 $(LIBSYSCK_SO) $(DESTDIR)$(LIBDIR)/$(notdir $(LIBSYSCK_SO))
	ln -sf $(notdir $(LIBSYSCK_SO)) $(DESTDIR)$(LIBDIR)/libsysck.so.$(SOVERSION)
	ln -sf libsysck.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libsysck.so
	install -m 0644 $(BUILD)/libsysck.pc $(DESTDIR)$(LIBDIR)/pkgconfig/libsysck.pc
	install -m 0644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)/sysck/
	install -m 0755 $(WRAPPERS) $(DESTDIR)$(LIBEXECDIR)/
	$(foreach file,$(WRAPPERS),$(WITH_PATHS) $(file) >$(DESTDIR)$(LIBEXECDIR)/$(notdir $(file))$(newline))
	install -m 0644 $(WRAPPER_PRELOADS) $(DESTDIR)$(LIBEXECDIR)/
	$(foreach manual,$(MANUALS),install -D -m 0644 $(manual) $(DESTDIR)$(call installed_manual,$(manual))$(newline))
	$(if $(SAMPLE_FILES),install -m 0644 $(SAMPLE_FILES) $(DESTDIR)$(SAMPLEDIR)/)
	$(foreach file,$(SAMPLES_WITH_PATHS),$(WITH_PATHS) $(file) >$(DESTDIR)$(SAMPLEDIR)/$(notdir $(file))$(newline))
	$(if $(SAMPLE_SCRIPTS),install -m 0755 $(SAMPLE_SCRIPTS) $(DESTDIR)$(SAMPLEDIR)/)
	$(if $(wildcard completion/tcbck),install -D -m 0644 completion/tcbck $(DESTDIR)$(COMPLETIONDIR)/tcbck)

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(SBINDIR)/tcbck $(DESTDIR)$(BINDIR)/chtcb $(DESTDIR)$(COMPLETIONDIR)/tcbck
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/libsysck.,a so so.$(SOVERSION) so.$(VERSION)) \
		$(DESTDIR)$(LIBDIR)/pkgconfig/libsysck.pc
	rm -f $(addprefix $(DESTDIR)$(INCLUDEDIR)/sysck/,$(notdir $(HEADERS)))
	rm -f $(foreach manual,$(MANUALS),$(DESTDIR)$(call installed_manual,$(manual)))
	rm -f $(addprefix $(DESTDIR)$(SAMPLEDIR)/,$(notdir $(SAMPLES)))
	rm -f $(addprefix $(DESTDIR)$(LIBEXECDIR)/,$(notdir $(WRAPPERS) $(WRAPPER_PRELOADS)))
	-rmdir $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(INCLUDEDIR)/sysck $(DESTDIR)$(SAMPLEDIR) $(DESTDIR)$(DOCDIR)

.PHONY: deb
deb: deps-deb ## build the Debian packages into BUILD/deb, from a copy of what git knows
	sh debian/build-debs $(BUILD)/deb

# An empty line, which ends a command inside $(foreach).
define newline


endef

$(BUILD)/libsysck.pc: db/libsysck.pc.in $(BUILD)/flags
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' $< >$@

.PHONY: clean
clean: ## remove the build directory
	rm -rf $(BUILD)

# --- what is needed ---------------------------------------------------------------------------------------------------

INSTALL_DEPS = $(if $(filter no,$(DEPS)),@:,sh tests/install-deps)

# Other systems' programs, which tests/wrappers and tests/logs run; unpacked, never installed.
FETCH_COMPONENTS = $(if $(filter no,$(DEPS)),@:,sh tests/fetch-components $(COMPONENTS))

.PHONY: deps deps-build deps-check deps-deb
deps: ## install every Debian package that building, testing and CI need
	$(INSTALL_DEPS) build check ci
	$(FETCH_COMPONENTS)
deps-build:
	$(INSTALL_DEPS) build
deps-check:
	$(INSTALL_DEPS) build check
	$(FETCH_COMPONENTS)
deps-deb:
	$(INSTALL_DEPS) build deb

# --- auditing and testing ---------------------------------------------------------------------------------------------

.PHONY: audit
audit: deps-build ## build, register this host's trusted computing base below BUILD, audit the whole host with it
	$(SUBMAKE) $(SUBJOBS) all
	@sh tests/with-proc sh samples/audit-host $(BUILD)

.PHONY: check
check: deps-check ## install what is missing, build, run all tests
	$(SUBMAKE) $(SUBJOBS) all
	$(SUBMAKE) $(SUBJOBS) test

.PHONY: test
test: all ## run the tests in PARTS, installing nothing
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' COMPONENTS='$(COMPONENTS)' sh tests/with-proc sh tests/run-parts $(PARTS)

.PHONY: unit cli attack fault wrappers logs lint package
unit: all ## run the unit tests
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' sh tests/with-proc sh tests/run-parts unit
cli: all ## run the command line cases
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' sh tests/with-proc sh tests/run-parts cli
attack: all
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' sh tests/with-proc sh tests/run-parts attack
fault: all
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' sh tests/with-proc sh tests/run-parts fault
wrappers: all ## run other systems' checking programs, good and bad input each
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' COMPONENTS='$(COMPONENTS)' sh tests/with-proc sh tests/run-parts wrappers
logs: all ## run loggers, a log server, logcheck and logrotate on what tcbck records
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' COMPONENTS='$(COMPONENTS)' sh tests/with-proc sh tests/run-parts logs
package: all ## build the Debian packages; install, use, upgrade, remove and purge them in a tree of debootstrap's
	$(INSTALL_DEPS) build deb package
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' COMPONENTS='$(COMPONENTS)' sh tests/run-parts package
lint: all ## check the rules of the house: order, purity, names, sizes, options, manuals
	+@MAKE='$(MAKE)' BUILD='$(BUILD)' CC='$(CC)' sh tests/run-parts lint

# Parts of the above that are built when their turn comes, so that one that does not build is one failure of many.
.PHONY: build-unit build-helpers build-fuzz
build-unit: $(BUILD)/unit-tests
build-helpers: $(HELPERS) $(PRELOADS)
build-fuzz: $(FUZZERS)

# Fuzzers are linked with libraries built for it, by clang, in a directory of their own. AFL++ takes the same targets, with its
# own main() of libFuzzer's kind: `make build-fuzz CLANG=afl-clang-fast BUILD=build/afl`, then
# `afl-fuzz -i tests/fuzz/corpus/NAME -o build/afl/found -m none -- build/afl/fuzz/NAME`, with -x NAME.dict where there is one.
FUZZ_BUILD = $(BUILD)/fuzz/build
FUZZ_FLAGS = -fsanitize=fuzzer,address,undefined
.PHONY: fuzz-libraries
fuzz-libraries:
	$(SUBMAKE) CC=$(CLANG) SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' BUILD=$(FUZZ_BUILD) \
		$(FUZZ_BUILD)/libsysck.a $(FUZZ_BUILD)/libtcbck.a
$(BUILD)/fuzz/tree: tests/fuzz/model.c
$(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c fuzz-libraries
	@mkdir -p $(@D)
	$(call say,link)
	$(Q)$(CLANG) -std=c17 $(DEFINES) -Iinclude -Isrc -O1 -g $(FUZZ_FLAGS) -fno-sanitize-recover=all -o $@ $(filter %.c,$^) \
		$(FUZZ_BUILD)/libtcbck.a $(FUZZ_BUILD)/libsysck.a $(LIBTCBCK_LIBS)

.PHONY: fuzz
fuzz: build-fuzz ## fuzz for FUZZ_TIME seconds each, keeping what is found in BUILD/fuzz
	@for fuzzer in $(FUZZERS); do \
		FUZZ_TIME='$(FUZZ_TIME)' sh tests/run-fuzz "$$fuzzer" || exit 1; done

BENCH_HELPERS = $(filter $(BUILD)/tests/bench/%,$(HELPERS))
.PHONY: bench bench-peers
bench: all ## measure tcbck, the machine's floor and its peers; tests/bench/run says how to choose
	$(SUBMAKE) $(SUBJOBS) $(BENCH_HELPERS)
	@BUILD='$(BUILD)' sh tests/with-proc sh tests/bench/run
bench-peers: ## install the peers: aide, mtree, integrit, debsums
	$(INSTALL_DEPS) bench

# valgrind lacks pidfd_open(2), which running commands needs, and does not live with a filter of system calls; the deep trees
# of `walk` take it minutes.
VALGRIND_WITHOUT ?= run filter confine
VALGRIND_SUITES = $(filter-out $(VALGRIND_WITHOUT),$(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_*.c)))
.PHONY: valgrind
valgrind: $(BUILD)/unit-tests ## run the unit tests under valgrind, but those in VALGRIND_WITHOUT
	rm -f $(BUILD)/valgrind.*.log
	printf '%s\n' $(VALGRIND_SUITES) | xargs -n 6 -P $(JOBS) valgrind -q --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite,possible --log-file=$(BUILD)/valgrind.%p.log --child-silent-after-fork=yes \
		$(BUILD)/unit-tests || { cat $(BUILD)/valgrind.*.log; exit 1; }

.PHONY: coverage
COVERAGE = $(BUILD)/coverage
coverage: ## measure which lines the unit and command line tests reach in db/ and src/judge/
	rm -rf $(COVERAGE)
	$(SUBMAKE) $(SUBJOBS) BUILD=$(COVERAGE) CFLAGS='-O0 -g --coverage -fprofile-update=atomic' all
	-$(SUBMAKE) $(SUBJOBS) BUILD=$(COVERAGE) CFLAGS='-O0 -g --coverage -fprofile-update=atomic' test PARTS='unit cli'
	gcovr --root . --filter db/ --filter src/judge/ --exclude-unreachable-branches --print-summary $(COVERAGE)
	@echo "db/ alone:"
	@gcovr --root . --filter db/ --exclude-unreachable-branches --print-summary $(COVERAGE) | grep '^[lfb]'

.PHONY: analyze
TIDY_CHECKS = -*,concurrency-*,bugprone-*,-bugprone-easily-swappable-parameters
TIDY_CHECKS := $(TIDY_CHECKS),-bugprone-assignment-in-if-condition,cert-*,-cert-err33-c
analyze: ## look with gcc -fanalyzer, cppcheck and, where it is there, clang-tidy
	$(SUBMAKE) $(SUBJOBS) BUILD=$(BUILD)/analyze CC=gcc CFLAGS='-O2 -g -fanalyzer' all
	$(SUBMAKE) cppcheck
	@if command -v clang-tidy >/dev/null; then set -x; clang-tidy --quiet --checks='$(TIDY_CHECKS)' \
		$(DB_SOURCES) $(SRC_SOURCES) $(MAIN_SOURCES) -- -std=c17 $(DEFINES) -Iinclude -Isrc; fi

.PHONY: cppcheck
cppcheck:
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,portability,performance \
		--suppress=missingIncludeSystem --suppress=unknownMacro -D_GNU_SOURCE -Iinclude -Isrc db src

.PHONY: format
format: ## lay the sources out by .clang-format
	clang-format -i $(wildcard include/sysck/*.h db/*.[ch] src/*.[ch] src/*/*.[ch] tests/*/*.[ch])

-include $(wildcard $(BUILD)/obj/*/*.d $(BUILD)/obj/*/*/*.d)
