# The trigger: after each run of dpkg the definitions are those of what is installed now, what is not as its package has it is
# told and not blessed, and whatever happens to tcbck, apt and dpkg end as they do without it. Each step is done in two trees,
# of which one has no tcbck.
. "$SRCDIR/tests/package/lib.sh"

db=$root/etc/security/sysck.cfg
plain=$PWD/plain
calls=0
seconds=

check 0 - make_debs
mkdir both
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
needed=$(dpkg-deb -f "$debs/tcbck_${version}_$architecture.deb" Depends Recommends | sed 's/^[A-Z][a-z]*: //' | tr ',' '\n' |
	sed -e 's/^ *//' -e 's/[ (|:].*//' | grep -v '^logrotate$' | sort -u)
# shellcheck disable=SC2086 # a list of names
fetch $needed
# shellcheck disable=SC2086 # a list of names
check 0 - in_root apt-get -q install -y --no-install-recommends $needed
umount "$root/proc"
cp -a "$root" "$plain"
for tree in "$root" "$plain"; do
	mount -t proc proc "$tree/proc"
	mkdir "$tree/both"
	mount --bind both "$tree/both"
	# dpkg waits for the disk at each step of each package.
	mkdir dpkg
	mount -t tmpfs -o mode=0755 tmpfs dpkg
	cp -a "$tree/var/lib/dpkg/." dpkg/
	mount --move dpkg "$tree/var/lib/dpkg"
	rmdir dpkg
done
cp "$debs/tcbck_${version}_$architecture.deb" both/tcbck.deb
check 0 - in_root dpkg -i /both/tcbck.deb

# --- what a step does -------------------------------------------------------------------------------------------------

# The package in the directory `new` gets a name and version, and becomes /both/NAME_VERSION.deb. What the packages do while
# they are configured is in /both/NAME.do.
fresh()
{
	rm -rf new
	mkdir -p new/DEBIAN
}
# put FILE TEXT [MODE]
put()
{
	mkdir -p "new$(dirname "$1")"
	printf '%s\n' "$2" >"new$1"
	chmod "${3-644}" "new$1"
}
pack()
{
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: nobody <nobody@tcbck.example>\nDescription: none\n' \
		"$1" "$2" >new/DEBIAN/control
	[ ! -d new/etc ] || (cd new && find etc -type f -printf '/%p\n') >new/DEBIAN/conffiles
	printf '#!/bin/sh\n[ ! -e /both/%s.do ] || . /both/%s.do\n' "$1" "$1" >new/DEBIAN/postinst
	chmod 0755 new/DEBIAN/postinst
	dpkg-deb -Znone -b --root-owner-group new "both/$1_$2.deb" >/dev/null
}
# one VERSION: the package that is used most; each version has other content.
one()
{
	fresh
	put /usr/bin/one "one, version $1" 755
	put /usr/share/one/data "data of $1"
	put "/usr/share/one/only-$1" "of $1"
	put /etc/one.conf 'one = 1'
	pack one "$1"
}
states()
{
	in_root dpkg-query -W -f '${Package} ${Version} ${Status}\n' | grep -v '^tcbck '
}
# both COMMAND...: in both trees, with the same end. What it said in the tree with tcbck is in the file `said`.
both()
{
	in_root ${seconds:+env TCBCK_REFRESH_SECONDS="$seconds"} "$@" >said 2>&1
	status=$?
	states >states-with
	(
		root=$plain
		in_root "$@" >said-without 2>&1
		echo $? >status-without
		states >states-without
	)
	calls=$((calls + 1))
	if [ "$status" -ne "$(cat status-without)" ]; then
		fail "$*: status $status, without tcbck $(cat status-without)"
		sed 's/^/said: /' said
	elif ! diff states-without states-with; then
		fail "$*: dpkg's states differ"
		sed 's/^/said: /' said
	else
		ok "$*: $status, and the same states, with and without tcbck"
	fi
}
install()
{
	both dpkg --force-confold -i "/both/$1.deb"
}
tcb()
{
	in_root tcbck "$@"
}
# follows NAME: the definitions of a package are those of the tree as it is, and every file of it has one.
follows()
{
	check 0 empty tcb -n "$1"
	in_root dpkg -L "$1" | while read -r file; do [ -d "$root$file" ] || echo "$file"; done | sort >listed
	in_classes "$1" | sort >defined
	same listed defined
	while read -r file; do
		grep -qF "sha256:$(sha256sum <"$root$file" | cut -d ' ' -f 1)" "$db" || fail "$file: not the digest that it has"
	done <listed
}
# in_classes NAME: the paths that are defined in the classes inventory,NAME.
in_classes()
{
	awk -v class="class = inventory,$1" '/^\// { path = $1; sub(/:$/, "", path) }
		{ sub(/^[ \t]*/, "") } $0 == class { print path }' "$db"
}
not_blessed()
{
	if grep -qF "sha256:$(sha256sum <"$root$1" | cut -d ' ' -f 1)" "$db"; then
		fail "$1 is blessed"
	else
		ok "$1 is not blessed"
	fi
}
silent()
{
	has_not tcbck: said
	has_not ', should be' said
}

# --- following --------------------------------------------------------------------------------------------------------

for number in 1 2 3 4 5 6 7 8; do
	one $number
done

# Off: no database; an inventory alone.
install one_1
silent
expect_true 'no database is made' test ! -e "$db"
check 0 - tcb -a --packages
cp "$db" before
install one_2
silent
same before "$db"
check 4 - tcb -n -v one
has '(explained: one 2 installed it)'
check 0 - tcb -a sysck follow_packages=yes
check 4 - tcb --why /usr/bin/one
has 'packages are followed'

# The next run catches up with what was not followed. Then each step alone.
install one_3
silent
follows one
has_not only-1: "$db"
check 0 empty tcb -n inventory
both apt-get -q install -y /both/one_4.deb
silent
follows one
has_not only-3: "$db"
check 0 empty tcb -n inventory
cp "$db" before
both apt-get -q install -y --reinstall /both/one_4.deb
silent
same before "$db"
both dpkg --remove one
silent
has_not /usr/bin/one: "$db"
both dpkg --purge one
check 0 empty tcb -n inventory
expect_true 'nothing of it is defined' [ -z "$(in_classes one)" ]
install one_4
follows one
both apt-get -q purge -y one
expect_true 'nothing of it is defined' [ -z "$(in_classes one)" ]
silent
check 0 empty tcb -n inventory

# Its own package: it is being triggered at that moment.
check 0 - in_root dpkg -i /both/tcbck.deb
has_not tcbck: "$OUT"
check 0 empty tcb -n inventory
check 0 - tcb --why /usr/sbin/tcbck
has 'which is as the inventory has it'
check 0 empty tcb -a --packages --follow

# Tampered with before: what the package brings again is good, what dpkg leaves is told.
install one_4
for tree in "$root" "$plain"; do
	echo evil >>"$tree/usr/bin/one"
	echo evil >>"$tree/etc/one.conf"
done
install one_5
has '/etc/one.conf: hash_value is ' said
has_not '/usr/bin/one:' said
not_blessed /etc/one.conf
check 4 - tcb -n one
has '/etc/one.conf'
has_not '/usr/bin/one'
for tree in "$root" "$plain"; do
	echo 'one = 1' >"$tree/etc/one.conf"
done
check 0 empty tcb -n one
# And after it was unpacked, before the trigger comes.
cat >both/one.do <<'END'
echo evil >>/usr/bin/one
rm -f /usr/share/one/data
END
install one_6
has '/usr/bin/one: hash_value is ' said
has '/usr/share/one/data: missing is absent, should be FILE' said
not_blessed /usr/bin/one
# Its mode, where the archive is at hand.
echo 'chmod 4777 /usr/bin/one' >both/one.do
cp both/one_7.deb "$root/var/cache/apt/archives/one_7_all.deb"
install one_7
has '/usr/bin/one: mode is SUID,rwxrwxrwx, should be rwxr-xr-x' said
rm both/one.do "$root/var/cache/apt/archives/one_7_all.deb"
install one_7
chmod 0755 "$root/usr/bin/one"
follows one

# Configuration files: kept, taken, and kept where nobody is there to be asked.
for number in 9 10; do
	fresh
	put /usr/bin/one "one, version $number" 755
	put /etc/one.conf "one = $number"
	pack one $number
done
for tree in "$root" "$plain"; do
	echo 'one = mine' >"$tree/etc/one.conf"
done
both dpkg --force-confold -i /both/one_9.deb
has '/etc/one.conf: hash_value is ' said
not_blessed /etc/one.conf
both dpkg --force-confnew -i /both/one_10.deb
silent
follows one
for tree in "$root" "$plain"; do
	echo 'one = mine' >"$tree/etc/one.conf"
done
fresh
put /usr/bin/one 'one, version 11' 755
put /etc/one.conf 'one = 11'
pack one 11
both apt-get -q install -y /both/one_11.deb
not_blessed /etc/one.conf
both dpkg --force-confnew --configure -a
follows one

# A package that can't be configured at first.
echo '[ -e /both/allowed ]' >both/one.do
one 12
both apt-get -q install -y --allow-downgrades /both/one_12.deb
expect_true 'it failed' grep -q '^one 12 install ok half-configured' states-with
has_not /usr/share/one/only-12: before
: >both/allowed
both dpkg --configure -a
rm both/one.do
follows one
check 0 empty tcb -n inventory

# Many at once.
mkdir both/many
for number in $(seq 500); do
	fresh
	put "/usr/share/many/$number" "$number"
	pack "many$number" 1
done
mv both/many*.deb both/many/
both dpkg --recursive -i /both/many
silent
expect_true '500 packages are defined' [ "$(grep -c '^/usr/share/many/' "$db")" -eq 500 ]
check 0 empty tcb -n inventory
cp "$db" before
both sh -c 'dpkg -P $(dpkg-query -W -f "\${Package}\n" "many*")'
silent
expect_true 'and are not any more' [ "$(grep -c '^/usr/share/many/' "$db")" -eq 0 ]

# --- failing ----------------------------------------------------------------------------------------------------------

number=20
# What an upgrade says while something is wrong.
fails()
{
	number=$((number + 1))
	one $number
	install "one_$number"
	has "$1" said
}
# The next run, of another package, catches up.
catches_up()
{
	fresh
	put /usr/share/two "two, $number"
	pack two $number
	install "two_$number"
	silent
	follows one
	check 0 empty tcb -n inventory
}

chmod 0666 "$db"
fails 'tcbck: '
chmod 0600 "$db"
catches_up

cp -p "$db" kept
printf '/usr/bin/x:\n\tmode = nonsense\n' >>"$db"
fails '/etc/security/sysck.cfg:'
has 'the next time (exit status 8)' said
cp -p kept "$db"
catches_up
head -c 1000 /dev/urandom >"$db"
fails 'the next time (exit status 8)'
expect_true 'no more than a few lines' [ "$(grep -vcE '^(\(Reading|Preparing|Unpacking|Setting)' said)" -lt 25 ]
cp -p kept "$db"
mv "$db" away
fails 'the next time (exit status 8)'
expect_true 'no database is made' test ! -e "$db"
mv away "$db"
catches_up
printf 'damaged\n' >"$db.packages.new"
mv "$db.packages" away
mv "$db.packages.new" "$db.packages"
chmod 0600 "$db.packages"
fails 'the next time (exit status 8)'
mv away "$db.packages"
catches_up

# Another update holds the lock: one that ends, and one that does not.
flock --no-fork "$db.lock" sleep 3 &
number=$((number + 1))
one $number
install one_$number
silent
follows one
flock --no-fork "$db.lock" sleep 600 &
locker=$!
seconds=2
fails 'the next time'
seconds=
kill "$locker"
wait "$locker" 2>/dev/null
catches_up

cp -p "$db" kept
if chattr +i "$db" 2>/dev/null; then
	fails 'the next time (exit status 8)'
	same kept "$db"
	chattr -i "$db"
	catches_up
else
	skip 'there is no immutable flag here'
fi

# A full disk.
mkdir small
mount -t tmpfs -o size=$(($(stat -c %s "$db") / 1024 + $(stat -c %s "$db.packages") / 1024 + 64))k tmpfs small
cp -a "$root/etc/security/." small/
mount --move small "$root/etc/security"
cp -p "$db" kept
fails 'the next time (exit status 8)'
same kept "$db"
expect_true 'nothing is left over' [ -z "$(find "$root/etc/security" -name '.*' ! -name . ! -name '.pwd*')" ]
umount "$root/etc/security"
catches_up

# No tcbck; one that hangs, with and without regard to signals, leaves something behind, or crashes.
program=$root/usr/sbin/tcbck
mv "$program" away
fails 'the next time (exit status 127)'
# becomes TEXT: a script in place of the program.
becomes()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$program"
	chmod 0755 "$program"
}
seconds=2
becomes 'sleep 600'
fails 'the next time (exit status 124)'
becomes "trap '' TERM; echo 'tcbck: still here'; while :; do sleep 1; done"
fails 'tcbck: still here'
has 'the next time (exit status 137)' said
becomes 'setsid sleep 600 & echo $! >/sleeping; echo "tcbck: gone"'
fails 'the next time'
kill "$(cat "$root/sleeping")"
seconds=
becomes 'kill -SEGV $$'
fails 'the next time (exit status 139)'
becomes 'seq 100000; exit 4'
fails 'and 99980 lines more'
has_not 'I/O error' said
has_not 'Broken pipe' said
mv away "$program"
catches_up

# A helper that is told nonsense has its own limit.
seconds=0
catches_up
seconds='1; touch /tmp/nonsense'
number=$((number + 1))
catches_up
expect_true 'nothing was run' test ! -e "$root/tmp/nonsense"
seconds=

umount "$root/proc"
number=$((number + 1))
one $number
install one_$number
mount -t proc proc "$root/proc"
number=$((number + 1))
catches_up
expect_true "$calls steps" [ "$calls" -gt 40 ]
finish
