# What a review found to count as good though it was not examined.
. "$SRCDIR/tests/cli/lib.sh"

need_root
db=$PWD/sysck.cfg
tcbck()
{
	"$TCBCK" --database "$db" "$@"
}

# A checksum command whose output is more than is kept: what was thrown away can't be compared.
head -c 200000 /dev/zero | tr '\0' a >long
printf 'sysck:\n\tchecksum = "/bin/cat <"\n\n%s:\n\ttype = FILE\n\tchecksum = "%s"\n' "$PWD/long" \
	"$(head -c 65536 long)" >"$db"
chmod 600 "$db"
check 8 - tcbck -n ALL
has "checksum unverified: the checksum command prints too much"
: >"$db"
tcbck -a sysck 'checksum="/bin/cat <"' || fail "cannot set the command"
check 8 - tcbck -a "$PWD/long" checksum
has "checksum cannot be computed"

# A file that changes at each run of the checksum command is not good, whatever that prints.
echo x >changing
printf 'sysck:\n\tchecksum = "date +%%%%N >>%s; echo same; : <"\n\n%s:\n\ttype = FILE\n\tchecksum = same\n' \
	"$PWD/changing" "$PWD/changing" >"$db"
check 8 - tcbck -n ALL
has "checksum unverified: changes while it is read"
expect_true "it was tried three times" test "$(wc -l <changing)" -eq 4

# One change under the first run: the second one counts.
echo x >once
printf 'sysck:\n\tchecksum = "grep -q y %s || echo y >>%s; cat <"\n\n%s:\n\ttype = FILE\n\tchecksum = "x\\ny"\n' \
	"$PWD/once" "$PWD/once" "$PWD/once" >"$db"
check 0 empty tcbck -n ALL

# A stanza whose name is no path is told of, also where only another one is checked.
printf 'relative:\n\ttype = FILE\n\n%s:\n\ttype = FILE\n' "$PWD/once" >"$db"
check 8 - tcbck -n "$PWD/once"
has ':1:1: relative: expected an absolute path'
check 8 - tcbck -n ALL
has ':1:1: relative: expected an absolute path'
expect_true "it is told once" test "$(grep -c relative "$ERR")" -eq 1

# A hard link named twice, in whatever spelling, would hide one that nobody knows.
mkdir dir
ln -s dir same
echo x >dir/f
ln dir/f dir/g
ln dir/f dir/unknown
d=$PWD/dir
printf '%s:\n\ttype = FILE\n\tlinks = %s,%s\n' "$d/f" "$d/g" "$PWD/same/g" >"$db"
check 4 - tcbck -n ALL
has "$PWD/same/g the same name again"
check 8 - tcbck -a "$d/f" "links=$d/g,$d/g"
has 'is named twice'
check 8 - tcbck -a "$d/f" "links=$d/f"
has "is the object's own name"

# Sources that prove to be of no use disable at most --fix-limit objects.
for i in 1 2 3; do
	echo bad >"dir/bad$i"
	printf '%s:\n\ttype = FILE\n\tsize = 2\n\tsource = /nowhere/at/all\n\n' "$d/bad$i"
done >"$db"
check 4 - tcbck -y --undo "$PWD/undo" --fix-limit 1 ALL
has 'its source is of no use, and --fix-limit is reached'
expect_true "one is disabled" test "$(find dir -name 'bad*' -perm 0 | wc -l)" -eq 1

# A blank at the end of the default checksum command changes nothing.
printf 'sysck:\n\tchecksum = "/usr/bin/sum -r < "\n\n%s:\n\ttype = FILE\n\tchecksum = "%s"\n' "$d/g" \
	"$(sum -r <dir/g | tr -s ' ')" >"$db"
check 0 empty tcbck -n ALL
finish
