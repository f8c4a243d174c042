# Attempts to have -a --packages and --accept-explained bless, lose or leave out what they must not, in a root made here.
. "$SRCDIR/tests/cli/lib.sh"
need_root
. "$SRCDIR/tests/cli/packages.sh"

# Prints the stanza of a path.
stanza()
{
	sed -n "\\|^$1:\$|,/^\$/p" db/cfg
}
again()
{
	rm -rf db/cfg db/cfg.packages "${info:?}" "${root:?}/usr/bin" "${root:?}/var/lib/foo"
	mkdir -p "$info" "$root/usr/bin"
}

# Of a symlink dpkg knows nothing: what stands in its place is not taken for it, be it a program or a directory.
put /usr/bin/one one
ln -s one root/usr/bin/link
package tools 1 /usr/bin/one /usr/bin/link
check 0 empty tcb -a --packages
rm root/usr/bin/link
put /usr/bin/link evil 4755
check 4 - tcb -a --packages
has '/usr/bin/link: type is FILE, should be SYMLINK'
rm root/usr/bin/link
mkdir root/usr/bin/link
check 4 - tcb -a --packages
has '/usr/bin/link: type is DIRECTORY, should be SYMLINK'
stanza /usr/bin/link >stanza
has 'target = one' stanza
# A directory that packages have files in is theirs.
put /usr/bin/link/in in
package tools 2 /usr/bin/one /usr/bin/link /usr/bin/link/in
check 0 empty tcb -a --packages
has_not /usr/bin/link: db/cfg

# A file in the place of a symlink: no set-ID bit is explained by a content, and nothing is accepted by a type alone.
again
put /usr/bin/one one
ln -s one root/usr/bin/link
package tools 1 /usr/bin/one /usr/bin/link
touch -d '2026-01-01' "$info"/*.list
check 0 empty tcb -a --packages
rm root/usr/bin/link
put /usr/bin/link real 4755
package tools 2 /usr/bin/one /usr/bin/link
check 4 - tcb -n --unexplained ALL
has '/usr/bin/link: type is FILE, should be SYMLINK (unexplained: of tools 2)'
chmod 755 root/usr/bin/link
check 4 - tcb -n -v ALL
has '/usr/bin/link: type is FILE, should be SYMLINK (explained: tools 2 installed it)'
check 4 - tcb -a --accept-explained
check 0 empty tcb -a --packages
put /usr/bin/link evil
check 4 - tcb -n ALL
has '/usr/bin/link: hash_value'

# What dpkg's status can't tell is not removed: neither its definitions go, nor is a file that is missing explained by that.
again
put /usr/bin/one one
put /usr/bin/two two
package tools 1 /usr/bin/one
package zz 1 /usr/bin/two
check 0 empty tcb -a --packages
rm root/usr/bin/two
cp root/var/lib/dpkg/status whole
for edit in 's/^Package: zz/Package: z z/' "\$d" 's/^Version: .*//'; do
	sed "$edit" whole >root/var/lib/dpkg/status
	[ "$edit" != "\$d" ] || truncate -s -20 root/var/lib/dpkg/status
	check 12 - tcb -n -v ALL
	has "tcbck: not all packages could be read"
	has_not '(explained'
	check 8 - tcb -a --packages
	expect_true "both are defined still ($edit)" [ "$(grep -c '^/' db/cfg)" -eq 2 ]
	has 'zz:amd64 1 ' db/cfg.packages
done
cp whole root/var/lib/dpkg/status

# Classes of administrators: of a package's name, and `inventory` itself.
again
put /usr/bin/one one
put /usr/bin/own own
package tools 1 /usr/bin/one
check 0 empty tcb -a /usr/bin/one class=tools type
check 0 empty tcb -a /usr/bin/own class=inventory,mine type
check 0 empty tcb -a --packages
has 'class = tools,inventory,tools' db/cfg
rm root/usr/bin/own
check 4 - tcb -n -v ALL
has '/usr/bin/own: missing is absent, should be FILE (not packaged)'
put /usr/bin/own own
rm "$info"/tools.*
package other 1 /usr/bin/none
check 0 empty tcb -a --packages other
has 'tools:amd64 1 ' db/cfg.packages
check 0 empty tcb -a --packages
has_not tools: db/cfg.packages
has 'class = inventory,mine' db/cfg
stanza /usr/bin/one >stanza
has 'class = tools' stanza
has_not inventory stanza

# Packages whose names no class can have.
again
for name in tree sysck inventory; do
	put "/usr/bin/$name" "$name"
	package "$name" 1 "/usr/bin/$name"
done
check 0 empty tcb -a --packages tree
has 'class = inventory,tree-package' db/cfg
check 0 empty tcb -a --packages
check 0 empty tcb -n tree-package
rm "$info"/tree.* root/usr/bin/tree
status
check 4 - tcb -n -v tree-package
has '/usr/bin/tree: missing is absent, should be FILE (explained: tree is no longer installed)'
check 0 empty tcb -a --packages tree
has_not /usr/bin/tree: db/cfg
has /usr/bin/sysck: db/cfg

# Who owns a directory of a package holds up nothing but himself: the rest is defined, and his package is not done.
again
mkdir -p root/var/lib/foo/a/b
chown -R 1000:1000 root/var/lib/foo
put /usr/bin/one one
package foo 1 /usr/bin/one /var/lib/foo /var/lib/foo/a /var/lib/foo/a/b
rmdir root/var/lib/foo/a/b root/var/lib/foo/a
ln -s /etc root/var/lib/foo/a
chown -h 1000:1000 root/var/lib/foo/a
check 8 - tcb -a --packages
has '/var/lib/foo/a/b: cannot be examined'
has /usr/bin/one: db/cfg
has_not foo:amd64 db/cfg.packages
has_not /etc db/cfg

# A content that is called volatile is no wrong one: the size stays.
again
put /usr/bin/one one
package tools 1 /usr/bin/one
check 0 empty tcb -a --packages
check 0 empty tcb -a /usr/bin/one hash_value=VOLATILE
check 0 empty tcb -a --packages
has 'size = 4' db/cfg

# A checksum goes with the content; what is missing, and of no known type, is counted.
ln -s one root/usr/bin/link
package tools 1 /usr/bin/one /usr/bin/link
rm root/usr/bin/link
check 0 empty tcb -a /usr/bin/one hash_value checksum
put /usr/bin/one two
package tools 2 /usr/bin/one /usr/bin/link
check 0 - tcb -v -a --packages
has 'tcbck: 1 file missing that nobody knows the type of: not defined'
check 0 empty tcb -n ALL
put /usr/bin/one six
package tools 3 /usr/bin/one
touch -d tomorrow "$info/tools.list"
check 1 - tcb -a --accept-explained --report "$PWD/db/report"
has '"definitions":1,"objects":1,' db/report

# The TCB flag is not given up for a mode that a package has.
check 0 empty tcb -a /usr/bin/one mode=TCB,rwxr-xr-x
echo 'root root 4755 /usr/bin/one' >root/var/lib/dpkg/statoverride
chmod 4755 root/usr/bin/one
touch -d tomorrow "$info/tools.list"
check 4 - tcb -a --accept-explained
has 'mode is SUID,rwxr-xr-x, should be TCB,rwxr-xr-x (unexplained: of tools 3)'
has 'mode = TCB,rwxr-xr-x' db/cfg

# What the trigger calls never fails: not where nobody reads what it says, nor in a tree without /dev/null.
(
	trap - PIPE
	sleep 1
	sed 's,/usr/sbin/tcbck -o -a --packages --follow,sh -c "seq 100; exit 8",' "$SRCDIR/libexec/refresh-packages" >refresh
	sh refresh
	echo $? >refreshed
) 2>&1 | true
wait_until test -s refreshed
expect_true 'it ends well without a reader' [ "$(cat refreshed)" -eq 0 ]
mkdir -p bare/bin
cp "$(command -v dash)" bare/bin/sh
for library in $(ldd "$(command -v dash)" | grep -o '/[^ ]*'); do
	mkdir -p "bare${library%/*}"
	cp -L "$library" "bare$library"
done
cp "$SRCDIR/libexec/refresh-packages" bare/refresh
check 0 empty chroot bare /bin/sh /refresh
finish
