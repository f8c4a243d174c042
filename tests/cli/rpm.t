# What tcbck reads of rpm's database is what rpm put there, and reading changes nothing below the root.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/rpm.sh"

make_sample
make_root root
rpm_below root -i --nodeps sample.rpm || fail "rpm: $(cat rpm.err)"
installed=$(rpm_below root -q --qf '%{INSTALLTIME}' sample)

digest()
{
	printf '%s\n' "$1" | sha256sum | cut -d' ' -f1
}
cat >wanted <<END
sample 2:1.0-3 noarch $installed whole
sample configuration,FILE 0644 0:0 - - none - /etc/loose.conf
sample configuration,optional,FILE 0644 7:77 9 sha256:$(digest optional) none - /etc/optional.conf
sample configuration,FILE 0640 0:77 5 sha256:$(digest conf) none - /etc/sample.conf
sample FILE 0644 -:0 9 sha256:$(digest stranger) none - /etc/stranger
sample FILE 0755 0:0 8 sha256:$(digest capable) cap_net_raw=ep - /usr/bin/capable
sample SYMLINK - 0:0 - - - - /usr/bin/link -> tool
sample FILE 4755 0:0 5 sha256:$(digest tool) none - /usr/bin/tool
sample optional,- 0600 0:0 - - - - /var/log/sample.log
END
# Only what is marked %config is one.
sed -i 's/configuration,FILE 0644 0:0 - -/FILE 0644 0:0 - -/' wanted

# Names, sizes, times of change of everything below the root, and times of access of what find itself does not read.
state()
{
	{ find root -printf '%p %i %s %m %u %C@\n'; find root ! -type d -printf '%p %A@\n'; } | LC_ALL=C sort
}
ls -d /run/tcbck.* /var/tmp/tcbck.* /tmp/tcbck.* >copies.before 2>/dev/null
state >before
check 0 empty "$HELPERS/list-rpm" root
check_out "$PWD/wanted"
state >after
same before after
ls -d /run/tcbck.* /var/tmp/tcbck.* /tmp/tcbck.* >copies.after 2>/dev/null
same copies.before copies.after
expect_true "rpm has the same digests" test \
	"$(rpm_below root -q --qf '[%{FILENAMES} %{FILEDIGESTS}\n]' sample | sed -n 's|^/usr/bin/tool ||p')" = "$(digest tool)"

# Nothing of the host's or the root's configuration is read, no program is run.
if command -v strace >/dev/null && strace -f -o trace -e trace=execve,chroot,openat "$HELPERS/list-rpm" root >list 2>&1; then
	same wanted list
	expect_true "no program is run" test "$(grep -c execve trace)" -eq 1
	expect_true "no configuration of rpm is read" test "$(grep -cE 'chroot|rpmrc|macros|/etc/rpm|rpm/lua' trace)" -eq 0
else
	skip "strace does not work here"
fi

# Another package takes a file over: it is no longer the first one's.
make_rpm other '/usr/bin/other
/usr/bin/tool' 'printf "other\n" >usr/bin/other
printf "another tool\n" >usr/bin/tool'
rpm_below root -i --nodeps --replacefiles other.rpm || fail "rpm: $(cat rpm.err)"
check 0 empty "$HELPERS/list-rpm" root
has "other FILE 0644 0:0 13 sha256:$(digest 'another tool') none - /usr/bin/tool" "$OUT"
has_not "sample FILE 4755" "$OUT"

# What is in the log of the database, and not yet in the database itself, counts.
if command -v sqlite3 >/dev/null; then
	cp -a root logged
	mkfifo input
	sqlite3 logged/var/lib/rpm/rpmdb.sqlite <input >/dev/null 2>&1 &
	exec 9>input
	echo "DELETE FROM Packages WHERE hnum = 1;" >&9
	expect_true "the database has a log" wait_until test -s logged/var/lib/rpm/rpmdb.sqlite-wal
	check 0 empty "$HELPERS/list-rpm" logged
	has_not "sample" "$OUT"
	has "other 2:1.0-3" "$OUT"
	exec 9>&-
	wait
else
	skip "sqlite3 is not there: no database with a log"
fi

# A header that is not as it was written; a database that is none; kinds that librpm does not know; names that lead elsewhere.
# Where librpm can't open a file as a database, it forgets memory, which is not tcbck's to give back.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
cp -a root bad
written=$(digest tool)
LC_ALL=C sed -i "s/$written/0000${written#????}/g" bad/var/lib/rpm/rpmdb.sqlite
check 1 - "$HELPERS/list-rpm" bad
has "EBADMSG: rpm database: "
printf 'nonsense\n' >bad/var/lib/rpm/rpmdb.sqlite
check 1 - "$HELPERS/list-rpm" bad
has "EBADMSG: rpm database: "
rm bad/var/lib/rpm/rpmdb.sqlite*
printf 'nonsense\n' >bad/var/lib/rpm/Packages
check 1 - "$HELPERS/list-rpm" bad
has "EBADMSG: rpm database: "
rm bad/var/lib/rpm/Packages
check 1 - "$HELPERS/list-rpm" bad
has "ENOENT: no database of rpm"
ln -s "$PWD/root/var/lib/rpm/rpmdb.sqlite" bad/var/lib/rpm/rpmdb.sqlite
check 1 - "$HELPERS/list-rpm" bad
has "EINVAL: "
rm -r bad/var/lib/rpm
ln -s "$PWD/root/var/lib/rpm" bad/var/lib/rpm
check 1 - "$HELPERS/list-rpm" bad
has "ENOENT: "
# As distributions have it.
rm bad/var/lib/rpm
mkdir -p bad/usr/lib/sysimage
cp -a root/var/lib/rpm bad/usr/lib/sysimage/rpm
ln -s ../../usr/lib/sysimage/rpm bad/var/lib/rpm
check 0 empty "$HELPERS/list-rpm" bad
has "sample 2:1.0-3 noarch $installed whole" "$OUT"
finish
