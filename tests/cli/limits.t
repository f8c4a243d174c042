# Each limit of what is read, at its edge: the most is taken, one more is an error that names the limit, and what else there is
# is examined all the same. (tests/lint/limits lists all limits, and where each is tested.)
. "$SRCDIR/tests/cli/lib.sh"

mkdir -p root/etc root/files db
printf 'root:x:0:0::/:/bin/sh\n' >root/etc/passwd
printf 'root:x:0:\n' >root/etc/group
echo x >root/files/a
chown 0:0 root/files/a 2>/dev/null
db=$PWD/db/sysck.cfg

tcbck()
{
	"$TCBCK" --root "$PWD/root" --database "$db" "$@"
}

# Prints $1 items of the form $2, in which %d is the number of each, with commas between.
many()
{
	awk -v count="$1" -v form="$2" 'BEGIN { for (i = 1; i <= count; i++) printf "%s" form, (i > 1 ? "," : ""), i }'
}

# repeated COUNT CHARACTER
repeated()
{
	head -c "$1" /dev/zero | tr '\0' "$2"
}

# Reads a definition from standard input, after which there is one with a finding. Good: 4 and no error. Else an error, with 8.
other='/files/other: missing is absent, should be FILE'
good()
{
	{ cat && printf '\n/files/other:\n\ttype = FILE\n'; } >"$db"
	check 4 - tcbck -n ALL
	has "$other"
	has_not sysck.cfg:
}
wrong()
{
	{ cat && printf '\n/files/other:\n\ttype = FILE\n'; } >"$db"
	check 12 - tcbck -n ALL
	has "$other"
	has "$1"
}

# Items of a list.
printf '/files/a:\n\ttype = FILE\n\tclass = %s\n' "$(many 65536 c%d)" | good
printf '/files/a:\n\ttype = FILE\n\tclass = %s\n' "$(many 65537 c%d)" |
	wrong 'sysck.cfg:3:10: more than 65536 items in the list'

# Entries of an ACL: owner, group, others, mask, and those of users.
printf '/files/a:\n\ttype = FILE\n\tacl = u::rw-,g::r--,o::r--,m::rwx,%s\n' "$(many 16380 u:%d:r)" | good
printf '/files/a:\n\ttype = FILE\n\tacl = u::rw-,g::r--,o::r--,m::rwx,%s\n' "$(many 16381 u:%d:r)" |
	wrong 'sysck.cfg:3:8: an ACL has at most 16384 entries'

# Names.
printf '/%s:\n\ttype = ABSENT\n' "$(repeated 254 x)" | good
{ printf '/' && repeated 1048575 x && printf ':\n\ttype = FILE\n'; } >long
{ cat long && printf '\n/files/other:\n\ttype = FILE\n'; } >"$db"
check 12 - tcbck -n ALL
has 'unverified: '
has "$other"
{ printf '/' && repeated 1048576 x && printf ':\n\ttype = FILE\n'; } |
	wrong 'sysck.cfg:1:1: the name is longer than 1,048,576 bytes'

# Text of capabilities, in its short form and longer by blanks inside.
printf '/files/a:\n\ttype = FILE\n\tcapabilities = "cap_kill=ep%scap_chown=ep"\n' "$(repeated 8168 ' ')" | good
has 'capabilities is none, should be cap_chown,cap_kill=ep'
printf '/files/a:\n\ttype = FILE\n\tcapabilities = "cap_kill=ep%scap_chown=ep"\n' "$(repeated 8169 ' ')" |
	wrong 'the text of capabilities is longer than 8191 bytes'

# Ids, sizes, seconds.
for attribute in owner group; do
	printf '/files/a:\n\ttype = FILE\n\t%s = 4294967294\n' $attribute | good
	printf '/files/a:\n\ttype = FILE\n\t%s = 4294967295\n' $attribute | wrong 'is 0 to 4294967294'
done
printf '/files/a:\n\ttype = FILE\n\tsize = 9223372036854775807\n' | good
printf '/files/a:\n\ttype = FILE\n\tsize = 9223372036854775808\n' | wrong 'sysck.cfg:3:9: expected a size in bytes'
printf 'sysck:\n\tprogram_timeout = 86400\n' | good
printf 'sysck:\n\tprogram_timeout = 86401\n' | wrong 'sysck.cfg:2:20: expected seconds, 1 to 86400'

# Symbolic links on the way to an object: 40; to a database: 16.
i=0
ln -s files root/l0
while [ $i -lt 40 ]; do
	ln -s l$i root/l$((i + 1))
	i=$((i + 1))
done
printf '/l39/a:\n\ttype = FILE\n' | good
printf '/l40/a:\n\ttype = FILE\n' >"$db"
check 4 - tcbck -n ALL
has '/l40/a: unsafe-path is more than 40 symlinks on the way'
printf '/files/a:\n\ttype = FILE\n' >"$db"
i=0
ln -s "$PWD/db" d0
while [ $i -lt 16 ]; do
	ln -s d$i d$((i + 1))
	i=$((i + 1))
done
if [ "$(id -u)" -eq 0 ]; then
	check 0 empty "$TCBCK" --root "$PWD/root" --database "$PWD/d15/sysck.cfg" -n ALL
	check 8 - "$TCBCK" --root "$PWD/root" --database "$PWD/d16/sysck.cfg" -n ALL
	has 'Too many levels of symbolic links'
fi

# Options.
check 0 empty tcbck -j 256 -n ALL
check 16 - tcbck -j 257 -n ALL
has 'expected a number of threads, 1 to 256'
check 0 - tcbck --fix-limit 1000000000 --undo "$PWD/undo" -y ALL
check 16 - tcbck --fix-limit 1000000001 -y ALL
has '--fix-limit 1000000001: expected a number'

# Arguments of a program, itself included; and how much of its output a finding has.
need_root
cat >program <<'END'
#!/bin/sh
[ $# -eq 255 ] && exit 0
head -c 1001 /dev/zero | tr '\0' x
exit 1
END
chmod 755 program
define()
{
	printf '%s/root/files/a:\n\ttype = FILE\n\tprogram = %s/program,%s\n' "$PWD" "$PWD" "$(many "$1" %d)" >"$db"
}
define 255
check 0 empty "$TCBCK" --database "$db" -n ALL
define 256
check 8 - "$TCBCK" --database "$db" -n ALL
has 'program unverified: a program has 1 to 256 arguments'
define 1
check 4 - "$TCBCK" --database "$db" -n ALL
has "$(repeated 1000 x)"
has_not "$(repeated 1001 x)"

# What -y removes is kept up to 64 MiB; a larger file stays.
mkdir undo
"$HELPERS/make" sparse root/files/kept 64
"$HELPERS/make" sparse root/files/large 64
printf x >>root/files/large
printf '/files/kept:\n\ttype = ABSENT\n\n/files/large:\n\ttype = ABSENT\n' >"$db"
check 5 - tcbck --undo "$PWD/undo" -y ALL
has 'it is too large for its content to be kept'
expect_true "one of 64 MiB goes, one byte more stays" test ! -e root/files/kept -a -e root/files/large

# The entry of a group with many members, from the C library's name services.
need_mount
printf '%s/root/files/a:\n\ttype = FILE\n\tgroup = many\n' "$PWD" >"$db"
for kilobytes in 3000 9000; do
	{ cat /etc/group && printf 'many:x:0:' && repeated $((kilobytes * 1024)) m && echo; } >group
	if [ $kilobytes = 3000 ]; then status=0; else status=8; fi
	# shellcheck disable=SC2016 # for the inner shell
	check $status - unshare -m sh -c 'mount --bind group /etc/group && exec "$@"' sh "$TCBCK" --database "$db" -n ALL
done
has 'sysck.cfg:3:10: '
finish
