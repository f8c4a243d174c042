# The library alone: the example of libsysck(3) is compiled as its comment says, against what was built, and run.
. "$SRCDIR/tests/cli/lib.sh"
need pkg-config

# What `make install` puts into PREFIX, with the build's own directories.
mkdir pkgconfig
sed -e "s|@PREFIX@|$SRCDIR|" -e "s|@LIBDIR@|$BUILDDIR|" -e "s|@INCLUDEDIR@|$SRCDIR/include|" -e 's|@VERSION@|1|' \
	"$SRCDIR/db/libsysck.pc.in" >pkgconfig/libsysck.pc
PKG_CONFIG_PATH=$PWD/pkgconfig
LD_LIBRARY_PATH=$BUILDDIR
export PKG_CONFIG_PATH LD_LIBRARY_PATH
sanitizers=$(grep -o -- '-fsanitize=[^ ]*' "$BUILDDIR/flags" 2>/dev/null | sort -u)

# Nothing but the standard is asked of a program that uses it.
# shellcheck disable=SC2046,SC2086 # lists of options
check 0 empty $CC -std=c17 -Wall -Wextra -Wpedantic -Werror $sanitizers -o list-setuid "$SRCDIR/samples/list-setuid.c" \
	$(pkg-config --cflags --libs libsysck)
# shellcheck disable=SC2046,SC2086
check 0 empty $CC $sanitizers -o list-setuid-static "$SRCDIR/samples/list-setuid.c" $(pkg-config --cflags libsysck) \
	"$BUILDDIR/libsysck.a" -lacl -lcap

cat >sysck.cfg <<'END'
* Three of these six have SUID.
/usr/bin/passwd:
	mode = SUID,rwxr-xr-x
	type = FILE

/usr/bin/id:
	mode = rwxr-xr-x
	type = FILE
"/tmp/a\nb":
	mode = 4755
	type = FILE

/usr/bin/wall:
	mode = SGID,rwxr-xr-x
	type = FILE

/none:
	type = FILE

/tmp/ä b:
	mode = "sgid, suid, ---------"
	type = FILE
END
printf '%s\n' /usr/bin/passwd '"/tmp/a\nb"' '/tmp/ä b' >expected
for program in ./list-setuid ./list-setuid-static; do
	check 0 empty "$program" sysck.cfg
	check_out expected
	check 0 empty "$program" "$PWD/sysck.cfg"
	check_out expected
done

# What does not read is said, with its place, and the rest is still listed.
cat >faulty.cfg <<'END'
/a:
	mode = SUID,rwxr-xr-x
	type = FILE
/b
	type = FILE

/c:
	mode = SUID,rwx
	type = FILE
END
cat >errors <<'END'
faulty.cfg:4:3: expected `:' after the name of the stanza
faulty.cfg:8:9: expected a mode such as SUID,rwxr-xr-x (flags SUID SGID SVTX TCB) or 4755
END
echo /a >expected
check 8 errors ./list-setuid faulty.cfg
check_out expected

check 8 - ./list-setuid missing.cfg
has missing.cfg
chmod g+w sysck.cfg
check 8 - ./list-setuid sysck.cfg
check_out empty
check 16 empty ./list-setuid

# The example in the manual is a program, too.
sed -n '/^\.Bd -literal/,/^\.Ed/p' "$SRCDIR/man/libsysck.3" | sed -e '/^\.[BE]d/d' -e 's/\\e/\\/g' >watch.c
cat >>watch.c <<'END'

int main(int argc, char **argv)
{
	struct sysck_err err;

	return argc == 3 && watch(argv[1], sysck_slice_of(argv[2]), &err) == 0 ? 0 : 1;
}
END
# shellcheck disable=SC2046,SC2086
check 0 empty $CC -Wall -Wextra $sanitizers -o watch watch.c $(pkg-config --cflags --libs libsysck)
chmod g-w sysck.cfg
sed 's|^/none:|&\n\tclass = watched|' sysck.cfg | sed -e '/class = watched/{N;s/\(.*\)\n\(.*\)/\2\n\1/}' >watched.cfg
check 0 empty ./watch sysck.cfg /none
same sysck.cfg watched.cfg
check 1 empty ./watch sysck.cfg /nowhere
same sysck.cfg watched.cfg
check 1 empty ./watch faulty.cfg /a

# The library exports its own names, all of them.
need nm
nm -D --defined-only "$BUILDDIR/libsysck.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u >exported
grep -oh '\bsysck_[a-z_]*(' "$SRCDIR"/include/sysck/*.h | tr -d '(' | sort -u >declared
grep -ohE '^static inline .*\bsysck_[a-z_]*\(' "$SRCDIR"/include/sysck/*.h | grep -o 'sysck_[a-z_]*($' | tr -d '(' |
	sort -u >inline
expect_true "every declared function is exported" test -z "$(comm -23 declared inline | comm -23 - exported)"
finish
