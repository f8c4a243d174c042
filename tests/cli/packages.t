# -a --packages and explanations in a root with a small dpkg database, made here; real ones are tests/package's matter.
. "$SRCDIR/tests/cli/lib.sh"
need_root
. "$SRCDIR/tests/cli/packages.sh"

ln -s usr/bin root/bin
put /usr/bin/one 'one, 1'
put /usr/bin/two 'two, 1'
put /usr/bin/set-id 'set-id, 1' 4755
ln -s one root/usr/bin/link
put /usr/bin/other 'other, 1'
put /usr/bin/own 'nobody packaged it'
package tools 1.0 /bin/one /usr/bin/two /usr/bin/set-id /usr/bin/link
package other 2:3-1 /usr/bin/other
touch -d '2026-01-01' "$info"/*.list

# All packages; names are canonical.
check 0 empty tcb -a --packages
check 0 empty tcb -n inventory
check 0 empty tcb -n other
for path in /usr/bin/one /usr/bin/two /usr/bin/set-id /usr/bin/link /usr/bin/other; do
	expect_true "$path is defined" grep -qx "$path:" db/cfg
done
expect_true 'five are defined' [ "$(grep -c '^/' db/cfg)" -eq 5 ]
has 'class = inventory,tools' db/cfg
has "hash_value = sha256:$(sha256sum <root/usr/bin/one | cut -d ' ' -f 1)" db/cfg
has 'mode = SUID,rwxr-xr-x' db/cfg
has 'target = one' db/cfg
has 'other:amd64 2:3-1 ' db/cfg.packages
cp db/cfg before
check 0 empty tcb -a --packages
same db/cfg before

# What is not as the package has it is not blessed: a finding, and the package's digest.
rm db/cfg db/cfg.packages
put /usr/bin/two 'two, tampered with'
rm root/usr/bin/other
check 4 - tcb -a --packages
expect_true 'two findings' [ "$(wc -l <"$ERR")" -eq 2 ]
is=$(md5sum <root/usr/bin/two | cut -d ' ' -f 1)
shall=$(printf 'two, 1\n' | md5sum | cut -d ' ' -f 1)
has "/usr/bin/two: hash_value is md5:$is, should be md5:$shall"
has '/usr/bin/other: missing is absent, should be FILE'
put /usr/bin/two 'two, 1'
put /usr/bin/other 'other, 1'
check 0 empty tcb -n inventory
check 0 empty tcb -a --packages
has_not md5: db/cfg

# An upgrade, and what was changed beside it, before and after: only what the package brought is explained.
put /usr/bin/one 'one, 2'
put /usr/bin/two 'two, 2'
put /usr/bin/set-id 'set-id, 2' 4755
package tools 2.0 /bin/one /usr/bin/two /usr/bin/set-id /usr/bin/link
put /usr/bin/two 'two, 2, tampered with'
put /usr/bin/other 'other, tampered with'
chmod 4755 root/usr/bin/one
check 0 - tcb -a /usr/bin/own type size hash_value
put /usr/bin/own 'changed'
check 4 - tcb -n -v ALL
for path in /usr/bin/one /usr/bin/set-id; do
	grep "^$path: hash_value .*(explained: tools 2.0 installed it)\$" "$ERR" >/dev/null ||
		fail "hash_value of $path is not explained"
done
has '/usr/bin/one: mode is SUID,rwxr-xr-x, should be rwxr-xr-x (unexplained: of tools 2.0)'
for path in '/usr/bin/two: .*(unexplained: of tools 2.0)' '/usr/bin/other: .*(unexplained: of other 2:3-1)' \
	'/usr/bin/own: .*(not packaged)'; do
	expect_true "$path" grep -q "^$path\$" "$ERR"
done
expect_true 'two are explained' [ "$(grep -c '(explained' "$ERR")" -eq 2 ]
check 4 - tcb -n ALL
has_not explained
check 4 - tcb -n --format json ALL
words='select(.explanation == "explained") | .package + " " + .package_version + " " + .attribute'
expect_true 'JSON has it' [ "$(jq -r "$words" "$OUT" | sort -u)" = 'tools 2.0 hash_value' ]
expect_true 'JSON names what is not packaged' \
	[ "$(jq -r 'select(.explanation == "not packaged") | .path' "$OUT" | sort -u)" = /usr/bin/own ]
check 4 - tcb -n --unexplained ALL
has_not '(explained'
has '/usr/bin/two: '
check 0 empty tcb -n --unexplained /usr/bin/set-id

# Accepting takes these two and nothing else.
check 5 - tcb -a --accept-explained
expect_true 'two were accepted' [ "$(grep -c 'database updated' "$ERR")" -eq 2 ]
check 4 - tcb -n -v ALL
has_not '(explained'
has '/usr/bin/one: mode is'
for path in two other own; do
	has "/usr/bin/$path: hash_value"
done
has_not '/usr/bin/one: hash_value'
has_not /usr/bin/set-id:

# A content that the package has, in a definition that is as new as the package, is no upgrade: somebody put it back.
check 0 - tcb -a /usr/bin/two "hash_value=sha256:$(printf 'my own\n' | sha256sum | cut -d ' ' -f 1)" size=7
put /usr/bin/two 'two, 2'
check 4 - tcb -a --packages other
check 4 - tcb -n -v /usr/bin/two
has '(explained: tools 2.0'
chmod 755 root/usr/bin/one
check 0 - tcb -a --packages tools
check 0 - tcb -a /usr/bin/two "hash_value=sha256:$(printf 'my own\n' | sha256sum | cut -d ' ' -f 1)" size=7
check 4 - tcb -n -v /usr/bin/two
has '(unexplained: of tools 2.0)'
check 0 - tcb -a --packages tools

# The question.
put /usr/bin/other 'other, 2'
package other 4 /usr/bin/other
put /usr/bin/own 'changed again'
printf 'n\nn\nn\nn\n' >answers
check 4 - tcb -t ALL <answers
has 'tcbck: 1 finding is explained by packages'
has 'Accept into the database? [y,n,q,?]'
printf 'q\n' >answers
check 36 - tcb -t ALL <answers
has_not 'Fix?'
printf '?\ny\ns\ns\n' >answers
check 5 - tcb -t /usr/bin/other /usr/bin/own <answers
has '/usr/bin/other: hash_value'
has '[database updated]'
check 0 empty tcb -n /usr/bin/other
# What was md5: before, since it was not proven, is a digest of our own now.
has_not md5: db/cfg

# What is half installed is left alone, and explains nothing.
put /usr/bin/one 'one, 3'
package tools 3.0 /bin/one /usr/bin/two /usr/bin/set-id /usr/bin/link
status tools unpacked
check 4 - tcb -n -v /usr/bin/one
has '(unexplained: of tools 3.0)'
cp db/cfg before
check 0 - tcb -a --packages tools
has '1 package is half installed'
same db/cfg before
status

# Following: off until it is said, then only what changed; what a package no longer has goes, and what it brings comes.
check 0 empty tcb -a --packages --follow
same db/cfg before
check 0 - tcb -a sysck follow_packages=yes
put /usr/bin/new 'new, 3'
rm root/usr/bin/link
package tools 3.0 /bin/one /usr/bin/two /usr/bin/set-id /usr/bin/new
chmod 755 root/usr/bin/one
check 0 empty tcb -a --packages --follow
has_not /usr/bin/link: db/cfg
has /usr/bin/new: db/cfg
check 0 empty tcb -n tools
cp db/cfg before
check 0 empty tcb -a --packages --follow
same db/cfg before
check 0 - tcb --why /usr/bin/new
has '/usr/bin/new: of package tools 3.0, which is as the inventory has it'
has 'tcbck: packages are followed'

# A database that is gone is no database that never was.
mv db/cfg gone
check 8 - tcb -a --packages --follow
has 'No such file or directory'
mv db/cfg.packages packages
check 0 empty tcb -a --packages --follow
expect_true 'none is made' test ! -e db/cfg
mv packages db/cfg.packages
mv gone db/cfg

# Its postinst failed: all of it is there. What is only unpacked is not.
put /usr/bin/new 'new, 4'
package tools 4.0 /bin/one /usr/bin/two /usr/bin/set-id /usr/bin/new
status tools unpacked
check 0 - tcb -a --packages --follow
has '1 package is half installed'
same db/cfg before
status tools half-configured
check 0 empty tcb -a --packages --follow
check 0 empty tcb -n tools
has "sha256:$(sha256sum <"$root/usr/bin/new" | cut -d ' ' -f 1)" db/cfg
status

# Removed: what the inventory made goes, what an administrator had defined before stays theirs.
check 0 - tcb -d /usr/bin/other
check 0 - tcb -a /usr/bin/other type class=mine owner=0
check 0 - tcb -a --packages other
has 'class = mine,inventory,other' db/cfg
rm root/usr/bin/one root/usr/bin/other
check 4 - tcb -n -v tools
has '/usr/bin/one: missing is absent, should be FILE (unexplained: of tools 4.0)'
rm "$info"/tools.* "$info"/other.*
status 2>/dev/null
: >"$root/var/lib/dpkg/status"
check 4 - tcb -n -v tools
has '/usr/bin/one: missing is absent, should be FILE (explained: tools is no longer installed)'
check 0 - tcb -a --packages --follow
has_not /usr/bin/one: db/cfg
has_not inventory db/cfg
has 'class = mine' db/cfg
check 8 - tcb -a --packages none-such
has 'none-such: no such package is installed'

# The command line.
for words in '-n --packages ALL' '-a --packages -f x' '-a --follow /x' '-a --deb x /x' '-a --packages --follow x' \
	'-n --accept-explained ALL' '-a --unexplained /x' '-a --accept-explained tree' '-a --accept-explained ALL x'; do
	# shellcheck disable=SC2086 # words
	check 16 - tcb $words
done
finish
