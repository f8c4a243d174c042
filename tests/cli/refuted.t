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
finish
