# community: PostgreSQL extension and platform.  PGXS does the building; the
# recipes at the end drive the private cluster, the demo and the tests.

# The drivers need no PGXS, which would define check as an error.
DRIVERS = check crash demo start stop psql bench reference
ifneq ($(filter $(DRIVERS),$(MAKECMDGOALS)),)

.PHONY: crash demo start stop psql bench reference
check:
	test/run
# The crash loop at length: make crash CYCLES=200
crash:
	CYCLES=$${CYCLES:-200} test/run tap:050_crash_loop
demo:
	demo/run
start:
	@test/lib/private.sh start
stop:
	@test/lib/private.sh stop
psql:
	@test/lib/private.sh psql
bench:
	bench/run
# The reference is made from the comments of a private cluster.
reference:
	test/lib/private.sh start >/dev/null
	test/lib/private.sh psql -XAtq -f doc/reference.sql > doc/reference.md
	test/lib/private.sh stop

else

EXTENSION = community
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" community.control)

# The order matters: a script may use only what stands above it (types before
# the functions over them, grid before gridmap).
EXTENSION_SQL = $(addprefix src/,$(shell sed 's/\#.*//' src/extension_order))

# Platform modules in the order of the house (src/modules), lower floors first.
MODULES_PLATFORM = $(shell sed 's/\#.*//' src/modules)

MODULE_big = community
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
OWN_HEADERS = $(sort $(wildcard src/*.h src/*/*.h))

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA = $(sort $(wildcard src/upgrade/community--*--*.sql))

REGRESS = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --load-extension=postgis --load-extension=btree_gist --load-extension=community

# libcrypto of OpenSSL serves keys, credentials and sealed values.
SHLIB_LINK = -lcrypto -lm
PG_CPPFLAGS = -Isrc
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Werror -Wno-missing-field-initializers -Wno-sign-compare

EXTRA_CLEAN = build results output_iso tmp_check

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# Debian's PGXS has no autodepend: every object depends on every own header.
$(OBJS): $(OWN_HEADERS)

# OR REPLACE is stripped here: an install must not adopt objects that somebody
# planted beforehand.  Update scripts keep it.
$(EXTENSION)--$(EXTVERSION).sql: $(EXTENSION_SQL) src/extension_order community.control
	cat $(EXTENSION_SQL) | sed 's/^CREATE OR REPLACE /CREATE /' > $@

# The platform's files keep their folders, which DATA would flatten.
install: install-platform
.PHONY: install-platform
install-platform:
	test/lib/install-platform.sh '$(DESTDIR)$(datadir)/extension/community' '$(EXTVERSION)' $(MODULES_PLATFORM)

uninstall: uninstall-platform
.PHONY: uninstall-platform
uninstall-platform:
	rm -rf '$(DESTDIR)$(datadir)/extension/community'

endif
