# cfkv: the only build file.
#
#   make quickstart   install what is missing, build, and run the main job on the local store
#   make test         install what is missing, build, and run what a change can break: units, specs,
#                     command line, sandbox
#   make test-faults  the matrices of kills, faults and full disks;  make test-all  both
#   make peers        the tests against real wrangler, the official SDK and a browser (npm, from a lock file)
#   make test-ceph    a state in an object of a real Ceph, which is started on loopback for it (67 MB of
#                     Debian packages)
#   make check        format, lint, header boundaries
#   make asan         every unit test, the command line tests and the fuzz corpus under ASan + UBSan
#   make valgrind     the unit tests under valgrind
#   make fuzz         each fuzz target for FUZZ_SECONDS (60); finds stay in build/fuzz
#   make bench        speed and memory beside plain Lua and real wrangler
#   make all          build/release/cfkv
#   make install      program, manual page, completions of shells, Lua files for editors, below PREFIX
#                     (/usr/local); DESTDIR as usual;  make uninstall removes just that
#   make clean        remove build/
#   make help         this text
#
# Knobs:  CC=clang  V=1 (show commands)  DEV=1 (a build that reads Lua sources from
#         $CFKV_LUA_PATH instead of its embedded copy)  JOBS=N
#
# Each flavour of the program has its own folder, so that switching costs nothing:
#   build/release  what is installed       build/fault  with fault points, for tests
#   build/asan     ASan + UBSan + faults

.DEFAULT_GOAL := all
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:

JOBS ?= $(shell nproc)
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif

PREFIX  ?= /usr/local
DESTDIR ?=
FLAVOUR ?= release
FUZZ_SECONDS ?= 60
BUILD   := build/$(FLAVOUR)
Q       := $(if $(V),,@)

VERSION := 0.1.0

# ---- What it is built with (Debian packages, found by pkg-config) ------------------------------

# LOADED_PKGS are compiled against and loaded when they are needed (src/base/library.h).
PKGS          := lua5.4 libcjson sqlite3 nettle zlib lua5.4-cjson
LOADED_PKGS   := libcurl libmicrohttpd libutf8proc yaml-0.1
BUILD_DEBS    := gcc make pkg-config liblua5.4-dev libcjson-dev libsqlite3-dev \
                 nettle-dev libcurl4-openssl-dev libmicrohttpd-dev zlib1g-dev \
                 lua-cjson-dev libutf8proc-dev libyaml-dev
TEST_DEBS     := libcmocka-dev lua5.4 lua-busted lua-cjson lua-yaml lua-check sqlite3 jq curl valgrind openssl git zsh fish \
                 mandoc man-db
CEPH_DEBS     := ceph-mon ceph-osd radosgw
CHECK_DEBS    := clang clang-format cppcheck lua-check libclang-rt-14-dev

# Asked once, and not before the packages are there.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) $(LOADED_PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wformat=2 -Wvla -Wundef -Werror
CFLAGS   ?= -O2 -g
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LINK     := -pie -Wl,-z,relro,-z,now

ALL_CFLAGS = -std=gnu11 $(WARNINGS) $(CFLAGS) $(FLAVOUR_CFLAGS) -Isrc $(PKG_CFLAGS) \
             -DCFKV_VERSION='"$(VERSION)"' $(if $(DEV),-DCFKV_DEV)

ifeq ($(FLAVOUR),release)
FLAVOUR_CFLAGS := $(HARDEN)
FLAVOUR_LINK   := $(LINK)
else ifeq ($(FLAVOUR),fault)
FLAVOUR_CFLAGS := -DCFKV_FAULTS
else ifeq ($(FLAVOUR),asan)
FLAVOUR_CFLAGS := -DCFKV_FAULTS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAVOUR_LINK   := -fsanitize=address,undefined
else
$(error FLAVOUR is release, fault or asan, not '$(FLAVOUR)')
endif

# ---- Debian packages ---------------------------------------------------------------------------

# $(call missing_debs,PROBE,PACKAGES): says what to type, when PROBE fails.
# $(call install_debs,PROBE,PACKAGES): installs, when PROBE fails: as root, or through sudo.
missing_debs = { $(1); } >/dev/null 2>&1 || { \
    echo 'packages are missing; install them with:' >&2; \
    echo '  sudo apt-get update && sudo apt-get install -y $(2)' >&2; exit 1; }
install_debs = { $(1); } >/dev/null 2>&1 || { \
    if [ "$$(id -u)" = 0 ]; then root=; elif sudo -n true 2>/dev/null; then root=sudo; \
    else $(call missing_debs,false,$(2)); fi; \
    $$root apt-get update -q; \
    $$root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $(2); }

# All of them: `command -v` with several names is content with one.
have = (for c in $(1); do command -v $$c || exit 1; done)

has_build := pkg-config --exists $(PKGS) $(LOADED_PKGS) && $(call have,$(CC) ar od sed)
has_test  := pkg-config --exists cmocka && $(call have,lua5.4 busted luacheck sqlite3 jq curl valgrind openssl git zsh fish mandoc man) && \
             lua5.4 -e 'require "cjson" require "lyaml"'
has_check := $(call have,clang clang-format cppcheck luacheck)
has_fuzz  := $(call have,clang) && ls "$$(clang -print-resource-dir)"/lib/*/libclang_rt.fuzzer*.a

.PHONY: have-build-debs build-debs test-debs check-debs fuzz-debs peers-debs ceph-debs
have-build-debs: ; @$(call missing_debs,$(has_build),$(BUILD_DEBS))
build-debs:      ; @$(call install_debs,$(has_build),$(BUILD_DEBS))
test-debs:       ; @$(call install_debs,$(has_build) && $(has_test),$(BUILD_DEBS) $(TEST_DEBS))
check-debs:      ; @$(call install_debs,$(has_build) && $(has_check),$(BUILD_DEBS) $(CHECK_DEBS))
fuzz-debs:       ; @$(call install_debs,$(has_build) && $(has_fuzz),$(BUILD_DEBS) $(CHECK_DEBS))
ceph-debs:       ; @$(call install_debs,$(call have,ceph-mon ceph-osd radosgw radosgw-admin),$(CEPH_DEBS))
peers-debs:      ; @$(call install_debs,$(call have,node npm chromium),nodejs npm chromium)

# ---- The program, the unit tests, the fuzz targets ---------------------------------------------

SRC    := $(sort $(wildcard src/*/*.c))
LUA    := $(sort $(shell find lua/cfkv -name '*.lua'))
HOST   := $(sort $(shell find lua/host -name '*.lua'))
STDLIB := $(sort $(shell find stdlib -name '*.lua'))
TESTS  := $(patsubst tests/%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZES := $(patsubst tests/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
HELPERS := $(patsubst tests/%.c,%,$(sort $(filter-out %/launch.c,$(wildcard tests/support/*.c))))
SPECS  := $(foreach f,sandbox cli spec,$(sort $(wildcard tests/$(f)/*_spec.lua))) # what takes long first
FAULTS := $(sort $(wildcard tests/fault/*_spec.lua))
OBJ    := $(SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/embed.o
LIB    := $(BUILD)/libcfkv.a
BIN    := $(BUILD)/cfkv

COMPILE = $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c
LINKER  = $(CC) $(ALL_CFLAGS) $(FLAVOUR_LINK) $(LDFLAGS)
LIBS    = $(PKG_LIBS) -lm $(LDLIBS)
SAY     = @$(if $(V),:,printf '  %-5s %s\n')

.PHONY: all binary made units fuzzers helpers FORCE
all: binary made
binary: $(BIN)
units: $(TESTS:%=$(BUILD)/%) helpers # specs run some of them
fuzzers: $(FUZZES:%=$(BUILD)/%)
helpers: $(HELPERS:%=$(BUILD)/%) build/launch

# Holds the flags and the list of sources, and is touched only when they change: then everything is
# made again.
$(BUILD)/stamp: FORCE | have-build-debs
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINKER) $(LIBS))' $(SRC) $(LUA) $(HOST) $(STDLIB) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/obj/%.o: %.c $(BUILD)/stamp
	$(SAY) CC $<
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -o $@ $<

# The bytes of the Lua sources as octal escapes, in tables of src/base/embed.h.
define embed_table
n=0; for f in $(2); do \
  echo "static const char $(1)_$$n[] = \"\""; \
  od -An -v -to1 "$$f" | sed 's/ /\\/g; s/.*/    "&"/'; \
  echo ';'; n=$$((n + 1)); \
done; \
echo 'const struct embed_file embed_$(1)[] = {'; \
n=0; for f in $(2); do \
  echo "    {\"$${f#*/}\", $(1)_$$n, sizeof $(1)_$$n - 1},"; n=$$((n + 1)); \
done; \
echo '    {NULL, NULL, 0}};'
endef

$(BUILD)/embed.c: $(LUA) $(HOST) $(STDLIB) $(BUILD)/stamp
	$(SAY) EMBED $@
	@{ echo '#include "host/embed.h"'; echo '#include "script/embed.h"'; \
	   $(call embed_table,lua,$(LUA)); $(call embed_table,host,$(HOST)); \
	   $(call embed_table,stdlib,$(STDLIB)); } >$@

$(BUILD)/obj/embed.o: $(BUILD)/embed.c
	$(SAY) CC $<
	$(Q)$(COMPILE) -o $@ $<

$(LIB): $(OBJ)
	$(SAY) AR $@
	@rm -f $@
	$(Q)$(AR) crs $@ $^

# Moved into place whole, so that a test which runs it meanwhile meets the old one or the new one.
$(BIN): $(BUILD)/obj/src/main.o $(LIB)
	$(SAY) LINK $@
	$(Q)$(LINKER) -o $@.new $^ $(LIBS)
	@mv $@.new $@

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(LIB)
	$(SAY) LINK $@
	@mkdir -p $(@D)
	$(Q)$(LINKER) -o $@ $^ $(LIBS) -lcmocka

# One for all flavours: specs run the program in it.
build/launch: tests/support/launch.c | have-build-debs
	$(SAY) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARNINGS) -O2 -o $@ $<

$(BUILD)/support/%: $(BUILD)/obj/tests/support/%.o $(LIB)
	$(SAY) LINK $@
	@mkdir -p $(@D)
	$(Q)$(LINKER) -o $@ $^ $(LIBS)

# The loop around a fuzz target is libFuzzer's with LIBFUZZER=1, else that of replay.c.
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(if $(LIBFUZZER),,$(BUILD)/obj/tests/fuzz/replay.o) $(LIB)
	$(SAY) LINK $@
	@mkdir -p $(@D)
	$(Q)$(LINKER) $(if $(LIBFUZZER),-fsanitize=fuzzer) -o $@ $^ $(LIBS)

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# ---- What is installed -------------------------------------------------------------------------

# Made by the program itself.
MADE := $(addprefix $(BUILD)/completions/,bash zsh fish) $(BUILD)/man/cfkv.1
made: $(MADE)

$(BUILD)/completions/%: $(BIN)
	$(SAY) MAKE $@
	@mkdir -p $(@D)
	@$(BIN) completions $* >$@.new && mv $@.new $@

$(BUILD)/man/cfkv.1: $(BIN)
	$(SAY) MAKE $@
	@mkdir -p $(@D)
	@$(BIN) help --man >$@.new && mv $@.new $@

# Where zsh looks below /usr is Debian's.
ZSH_FOLDER := share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)

# FILE:PLACE, the place below PREFIX.
INSTALLED := $(BIN):bin/cfkv \
    $(BUILD)/man/cfkv.1:share/man/man1/cfkv.1 \
    $(BUILD)/completions/bash:share/bash-completion/completions/cfkv \
    $(BUILD)/completions/zsh:$(ZSH_FOLDER)/_cfkv \
    $(BUILD)/completions/fish:share/fish/vendor_completions.d/cfkv.fish \
    $(foreach f,$(STDLIB),$f:share/cfkv/$f)

# ---- Running it --------------------------------------------------------------------------------

# What the specs make the program print with --json; make peers judges it.
DOCUMENTS := $(CURDIR)/build/fault/documents

RUN_TESTS = JOBS=$(JOBS) tests/support/run.sh

.PHONY: quickstart test test-faults test-all test-ceph check asan valgrind fuzz bench peers install install-files uninstall clean help

# $(call logged,LOG,COMMAND): what it prints goes into the log, and is shown when it fails.
logged = mkdir -p $(dir $(1)) && { $(2); } >$(1) 2>&1 || { cat $(1) >&2; exit 1; }

quickstart:
	@echo 'Installing what is missing and building; what that prints is in build/quickstart.log.'
	@$(call logged,build/quickstart.log,$(MAKE) build-debs && $(MAKE) all)
	@examples/quickstart/run build/release/cfkv
	@printf '%s\n' '' 'That was examples/quickstart. Next:' \
	    '  sudo make install   # cfkv into $(PREFIX)/bin' \
	    '  cfkv init my-app    # a project of your own; beside a wrangler config: cfkv init' \
	    '  cfkv help tutorial  # from there to a first deploy, in ten minutes'

test: test-debs
	@$(MAKE) FLAVOUR=release all
	@$(MAKE) FLAVOUR=fault all units
	@rm -rf $(DOCUMENTS) && mkdir -p $(DOCUMENTS)
	@CFKV=build/fault/cfkv CFKV_DOCUMENTS=$(DOCUMENTS) \
	    $(RUN_TESTS) build/fault/logs $(TESTS:%=build/fault/%) $(SPECS)

test-faults: test-debs
	@$(MAKE) FLAVOUR=fault all helpers
	@CFKV=build/fault/cfkv $(RUN_TESTS) build/fault/logs-faults $(FAULTS)

test-all:
	@$(MAKE) test
	@$(MAKE) test-faults

asan: test-debs
	@$(MAKE) FLAVOUR=asan all units fuzzers
	@CFKV=build/asan/cfkv $(RUN_TESTS) build/asan/logs $(TESTS:%=build/asan/%) \
	    $(filter tests/cli/% tests/sandbox/%,$(SPECS))
	@for f in $(FUZZES:fuzz/fuzz_%=%); do log=build/asan/logs/fuzz_$$f; \
	    find tests/fuzz/corpus/$$f -type f | sort | xargs build/asan/fuzz/fuzz_$$f 2>$$log || \
	    { cat $$log; exit 1; }; done

valgrind: test-debs
	@$(MAKE) FLAVOUR=fault units
	@WRAP='valgrind -q --error-exitcode=99 --leak-check=full' \
	    $(RUN_TESTS) build/fault/valgrind $(TESTS:%=build/fault/%)

check: check-debs
	@clang-format --dry-run -Werror $$(find src tests/unit tests/fuzz tests/support -name '*.[ch]')
	@luacheck -q lua stdlib examples tests
	@cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
	    --std=c11 --inline-suppr --suppress=missingIncludeSystem -Isrc src
	@tests/support/boundaries.sh
	@$(MAKE) FLAVOUR=release BUILD=build/clang CC=clang all
	@$(MAKE) FLAVOUR=fault BUILD=build/clang-fault CC=clang units
	@echo 'check passed'

fuzz: fuzz-debs
	@$(MAKE) FLAVOUR=asan BUILD=build/fuzz CC=clang LIBFUZZER=1 \
	    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' fuzzers
	@for f in $(FUZZES:fuzz/fuzz_%=%); do \
	    mkdir -p build/fuzz/found/$$f; \
	    build/fuzz/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/ \
	        build/fuzz/found/$$f tests/fuzz/corpus/$$f; done

bench: test-debs peers-debs
	@$(MAKE) FLAVOUR=release all helpers
	@CFKV=$(CURDIR)/build/release/cfkv tests/bench/run

peers: test-debs peers-debs
	@$(MAKE) FLAVOUR=release all helpers
	@JOBS=$(JOBS) CFKV=$(CURDIR)/build/release/cfkv tests/peers/run

test-ceph: test-debs peers-debs ceph-debs
	@$(MAKE) FLAVOUR=release all
	@CFKV=$(CURDIR)/build/release/cfkv tests/peers/ceph tests/peers/run state_s3.test.mjs

install: all
	@$(MAKE) install-files

install-files:
	@for f in $(INSTALLED); do to="$(DESTDIR)$(PREFIX)/$${f#*:}"; \
	    install -D -m $$([ "$${f#*:}" = bin/cfkv ] && echo 755 || echo 644) "$${f%%:*}" "$$to" && \
	    echo "  $$to" || exit; done

# Folders that others have, too, stay.
uninstall:
	@for f in $(INSTALLED); do rm -f "$(DESTDIR)$(PREFIX)/$${f#*:}"; done
	@cd "$(DESTDIR)$(PREFIX)/share" 2>/dev/null && \
	    rmdir -p --ignore-fail-on-non-empty $(sort $(patsubst %/,%,$(dir $(STDLIB:%=cfkv/%)))) 2>/dev/null || true

clean:
	rm -rf build

help:
	@sed -n '/^# cfkv/,/^$$/s/^# \{0,1\}//p' Makefile
