# --root: an installation below a directory is audited with its own names, database and symlinks; nothing leads out of it,
# and nothing of it is run.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/root.cfg
root=$PWD/image
me=$(id -u)
mine=$(id -g)
mkdir -p image/etc/security image/usr/bin image/opt
cat >image/etc/passwd <<END
root:x:0:0::/:/bin/sh
guest:x:$me:$mine::/:/bin/sh
stranger:x:54321:54321::/:/bin/sh
END
cat >image/etc/group <<END
wheel:x:$mine:
strange:x:54321:
END
sed -i '/^root:/d' image/etc/passwd
echo program >image/usr/bin/su
chmod 4755 image/usr/bin/su
ln -s usr/bin image/bin
ln -s /usr/bin image/opt/absolute
ln -s ../../../../../../../../../../../../usr/bin image/opt/dotdot
ln -s /usr/bin/su image/opt/su

tcbck()
{
	"$TCBCK" --database "$db" --root "$root" "$@"
}

# Names of users and groups are the installation's, in what is written and in what is read.
check 0 empty tcbck -a /usr/bin/su owner group mode size hash_value
cat >expected <<END
/usr/bin/su:
	group = wheel
	hash_value = sha256:$(sha256sum <image/usr/bin/su | cut -d' ' -f1)
	mode = SUID,rwxr-xr-x
	owner = guest
	size = 8
	type = FILE
END
same expected "$db"
check 0 empty tcbck -n ALL
check 0 empty tcbck -a /usr/bin/su owner=stranger group=strange
cat >expected <<END
/usr/bin/su: owner is guest, should be stranger
/usr/bin/su: group is wheel, should be strange
END
check 4 expected tcbck -n ALL
# A name of this host alone is unknown there; numbers are always known.
check 8 - tcbck -a /usr/bin/su owner=nobody
has nobody
check 0 empty tcbck -a /usr/bin/su owner="$me" group="$mine"
check 0 empty tcbck -n ALL

# Symlinks on the way: relative, absolute and climbing ones stay inside.
for path in /bin/su /opt/absolute/su /opt/dotdot/su; do
	check 0 empty tcbck -a $path size=8 owner=guest
	check 0 empty tcbck -n $path
done
check 0 empty tcbck -a /opt/su target owner
check 0 empty tcbck -a /usr/bin/su symlinks=/opt/su
check 0 empty tcbck -n ALL
check 0 - tcbck -v -n ALL
has "reached through a symlink: /bin/su"
has "reached through a symlink: /opt/absolute/su"

# What leads to a file of the host leads nowhere there.
echo outside >secret
ln -s "$PWD" image/out
ln -s ../../.. image/usr/up
ln -s "$PWD/secret" image/opt/secret
check 4 - sh -c 'printf "%s:\n\ttype = FILE\n" "$2/secret" /out/secret /usr/up/secret /opt/secret/x >out.cfg
	"$1" --database "$PWD/out.cfg" --root "$3" -n ALL' sh "$TCBCK" "$PWD" "$root"
has "$PWD/secret: missing is absent, should be FILE"
has "/out/secret: missing is absent, should be FILE"
has "/usr/up/secret: missing is absent, should be FILE"
has "/opt/secret/x: missing is absent, should be FILE"
check 4 - sh -c 'printf "/usr/bin/su:\n\ttype = FILE\n\tsource = /opt/secret\n\tsymlinks = /opt/secret\n" >out.cfg
	"$1" --database "$PWD/out.cfg" --root "$2" -n ALL' sh "$TCBCK" "$root"
has "/usr/bin/su: source is absent, should be /opt/secret"
has "/usr/bin/su: symlinks is /opt/secret -> $PWD/secret, should be /opt/secret"
check 8 - tcbck -a /out/secret size
has_not outside

# `..` in a name is refused before anything is looked for.
for path in /../secret /usr/../../secret /usr/.. usr/bin/su //usr /usr/; do
	check 8 - tcbck -a "$path" type=FILE
	has_not outside
done
check 8 - sh -c 'printf "/usr/../../secret:\n\ttype = FILE\n" >dots.cfg; "$1" --database "$PWD/dots.cfg" --root "$2" -n ALL' \
	sh "$TCBCK" "$root"
has "dots.cfg:1:"

# Nothing is run: no program, no command for checksums.
printf '#!/bin/sh\necho ran >%s\n' "'$PWD/ran'" >image/usr/bin/checker
chmod 755 image/usr/bin/checker
cp image/usr/bin/checker "$PWD/checker"
cat >run.cfg <<END
sysck:
	checksum = "echo ran >'$PWD/ran'; /usr/bin/sum -r <"

/usr/bin/su:
	type = FILE
	checksum = "00000     1"
	program = /usr/bin/checker,%f

/usr/bin/checker:
	type = FILE
	program = $PWD/checker
END
cat >expected <<END
/usr/bin/su: checksum unverified: no command is run for another root
/usr/bin/su: program unverified: no program is run for another root
/usr/bin/checker: program unverified: no program is run for another root
END
check 8 expected "$TCBCK" --database "$PWD/run.cfg" --root "$root" -n ALL
check 8 - "$TCBCK" --database "$PWD/run.cfg" --root "$root" --why /usr/bin/su
check 8 - "$TCBCK" --database "$PWD/run.cfg" --root "$root" -a /usr/bin/su checksum
expect_true "nothing was run" test ! -e ran
# The default command is computed, so it works.
check 0 empty tcbck -a /usr/bin/su checksum
check 0 empty tcbck -n /usr/bin/su

# The default database is the installation's own; no symlink stands for it.
check 8 - "$TCBCK" --root "$root" -n ALL
has "/etc/security/sysck.cfg"
cp "$db" image/etc/security/sysck.cfg
check 0 empty "$TCBCK" --root "$root" -n ALL
check 0 empty "$TCBCK" --root image -n ALL
check 0 empty "$TCBCK" --root "$root" -a /etc/passwd size mode
expect_true "an update goes there" grep -q '^/etc/passwd:' image/etc/security/sysck.cfg
check 0 empty "$TCBCK" --root "$root/" -n ALL
mv image/etc/security/sysck.cfg real.cfg
ln -s "$PWD/real.cfg" image/etc/security/sysck.cfg
check 8 - "$TCBCK" --root "$root" -n ALL
has sysck.cfg
cp real.cfg real.before
check 8 - "$TCBCK" --root "$root" -a /etc/group size
same real.cfg real.before
rm image/etc/security/sysck.cfg
mv image/etc/security image/etc/security.real
cp real.cfg image/etc/security.real/sysck.cfg
ln -s security.real image/etc/security
check 8 - "$TCBCK" --root "$root" -n ALL
rm image/etc/security
mv image/etc/security.real image/etc/security
check 0 empty "$TCBCK" --root "$root" -n ALL

# An installation without passwd has numbers only, one that is not there is an error.
mv image/etc/passwd passwd
check 0 empty "$TCBCK" --root "$root" --database "$PWD/numbers.cfg" -a /opt/su owner
expect_true "without etc/passwd the owner is a number" grep -qx "	owner = $me" numbers.cfg
check 8 - tcbck -n /opt/su
has "unknown user guest"
mv passwd image/etc/passwd
# Symlinks of the names' files stay inside as well: this one leads to itself.
mv image/etc/passwd passwd
ln -s /etc/passwd image/etc/passwd
"$TCBCK" --root "$root" --database "$PWD/numbers.cfg" -a /opt/su owner=daemon >"$OUT" 2>"$ERR"
expect_true "a user of the host is unknown there" test $? -eq 8
rm image/etc/passwd
mv passwd image/etc/passwd
for bad in nowhere image/etc/passwd ''; do
	"$TCBCK" --database "$db" --root "$bad" -n ALL >"$OUT" 2>"$ERR"
	status=$?
	expect_true "--root '$bad': status $status is 8 or 16" test $status -eq 8 -o $status -eq 16
done
# --root / is the running system.
check 0 empty "$TCBCK" --root / --database "$PWD/here.cfg" -a "$PWD/image/usr/bin/su" size program="$PWD/checker"
check 0 empty "$TCBCK" --root / --database "$PWD/here.cfg" -n ALL
expect_true "on the running system a program is run" test -e ran

# Hard links are taken below the root, too.
check 0 empty tcbck -a /usr/bin/su links
ln image/usr/bin/su image/usr/bin/su2
check 4 - tcbck -n /usr/bin/su
has_not outside
check 0 empty tcbck -a /usr/bin/su links=/usr/bin/su2
check 0 empty tcbck -n /usr/bin/su
finish
