# Against dpkg --verify and debsums, in a tree of its own: of 12 files that were tampered with, the contents that tcbck finds
# wrong are exactly theirs; what is wrong with owner and mode tcbck alone finds.
. "$SRCDIR/tests/package/lib.sh"
need jq

mkdir db other
# tcb DATABASE ARGUMENTS
tcb()
{
	database=$PWD/$1
	shift
	"$TCBCK" --no-progress --root "$root" --database "$database" "$@"
}
fetch debsums
check 0 - in_root apt-get -q install -y --no-install-recommends debsums
# Names as dpkg has them lead to those that tcbck writes.
canonical()
{
	while read -r path; do
		printf '%s/%s\n' "$(in_root realpath -m "$(dirname "$path")")" "$(basename "$path")"
	done | sort -u
}
# What dpkg --verify says of content: "??5??????   PATH", with a letter before the name of a conffile; "missing     PATH".
by_dpkg()
{
	in_root dpkg --verify | sed -n -e 's|^..5......[ a-z]* \(/.*\)|\1|p' -e 's|^missing [ a-z]* \(/.*\)|\1|p' | canonical
}
# debsums: changed file PATH (from PACKAGE package); missing file PATH (from PACKAGE package)
by_debsums()
{
	in_root debsums -s -a 2>&1 | sed -n -e 's|^debsums: changed file \(/.*\) (from .* package)$|\1|p' \
		-e 's|^debsums: missing file \(/.*\) (from .* package)$|\1|p' | canonical
}
# findings DATABASE CHECK...: paths and attributes.
findings()
{
	tcb "$@" --format json 2>/dev/null | jq -r 'select(.event == "finding") | .path + " " + .attribute' | sort -u
}
contents()
{
	sed -n -e 's/ hash_value$//p' -e 's/ missing$//p' -e 's/ type$//p' "$1" | sort -u
}

# Nothing is wrong before.
check 0 - tcb db/cfg -a --packages
check 0 empty tcb db/cfg -n inventory
check 0 empty in_root debsums -s -a
by_dpkg >before
expect_true 'dpkg finds nothing' test ! -s before

cd "$root" || exit 1
printf 'x' >>usr/bin/tar
printf 'X' | dd of=usr/bin/sort bs=1 seek=200 conv=notrunc 2>/dev/null
: >usr/bin/cut
cp usr/bin/true usr/bin/cat
rm usr/share/doc/tar/copyright
rm usr/sbin/rmt-tar
echo '# tampered with' >>etc/login.defs
echo '# tampered with' >>etc/bash.bashrc
rm etc/debconf.conf
chmod u-s usr/bin/passwd
chmod u+s usr/bin/head
chown 1:0 usr/bin/tail
cd "$OLDPWD" || exit 1
printf '%s\n' /etc/bash.bashrc /etc/debconf.conf /etc/login.defs /usr/bin/cat /usr/bin/cut /usr/bin/sort /usr/bin/tar \
	/usr/sbin/rmt-tar /usr/share/doc/tar/copyright >wanted

by_dpkg >dpkg
same wanted dpkg
by_debsums >debsums
same wanted debsums
findings db/cfg -n inventory >found
contents found >tcbck
same wanted tcbck
grep -v -e ' hash_value$' -e ' missing$' -e ' size$' found >attributes
printf '%s\n' '/usr/bin/head mode' '/usr/bin/passwd mode' '/usr/bin/tail owner' >alone
same alone attributes

# A first inventory of the tree as it is now has the same contents; owners and modes are those of the archives at hand.
findings other/cfg -a --packages >found
contents found >tcbck
same wanted tcbck
for archive in passwd coreutils; do
	[ -n "$(find "$root/var/cache/apt/archives" -name "${archive}_*.deb")" ] || fail "there is no archive of $archive"
done
grep -v -e ' hash_value$' -e ' missing$' -e ' size$' found >attributes
same alone attributes
finish
