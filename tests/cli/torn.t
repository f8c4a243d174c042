# A database that is written to in place while a check has it mapped: the check says that it is not to be trusted.
. "$SRCDIR/tests/cli/lib.sh"

# A program among the definitions does what somebody else might do just then. Confined, it could not.
cat >meddle <<-END
	#!/bin/sh
	cd "$PWD" && . ./how
END
chmod 755 meddle
: >file
# write_database FILE: a program first, then so much that it takes many pages, and a finding last.
write_database()
{
	printf '/%s/meddle:\n\ttype = FILE\n\tprogram = "%s/meddle"\n\n' "${PWD#/}" "$PWD" >"$1"
	i=0
	while [ $i -lt 3000 ]; do
		i=$((i + 1))
		printf '/%s/missing-%d:\n\ttype = FILE\n\tmode = 644\n\tsize = %d\n\n' "${PWD#/}" $i $i
	done >>"$1"
	printf '/%s/file:\n\ttype = FILE\n\tsize = 1\n' "${PWD#/}" >>"$1"
}
lost='the database was cut short while it was being checked, or cannot be read'
torn='changed while it was being checked; the result is not to be trusted: check again'
try()
{
	write_database sysck.cfg
	echo "$1" >how
	shift
	"$TCBCK" --no-confine --database sysck.cfg "$@" >"$OUT" 2>"$ERR" </dev/null
	status=$?
}

try : -j1 -n ALL
expect_true "undisturbed: 4, not $status" test $status -eq 4
has "file: size "
has_not "$torn"

try 'cp sysck.cfg new; mv new sysck.cfg' -j1 -n ALL
expect_true "another file in its place: 4, not $status" test $status -eq 4
has_not "$torn"

try 'echo >>sysck.cfg' -j1 -n ALL
expect_true "a line more: 12, not $status" test $status -eq 12
has "sysck.cfg: $torn"

for size in 0 100 4096 100000; do
	for jobs in 1 2 8; do
		try "truncate -s $size sysck.cfg" -j$jobs -n ALL
		expect_true "cut to $size bytes, -j$jobs: $status has 8" test $((status & 8)) -eq 8
		# With several threads all may have been read by then.
		expect_true "and says why" grep -qF -e "$lost" -e "sysck.cfg: $torn" "$ERR"
	done
done

# Confined as well. A file that takes a while to read gives the time.
truncate -s 2G big
printf '/%s/big:\n\ttype = FILE\n\thash_value = sha256:%064d\n\n' "${PWD#/}" 0 >sysck.cfg
write_database rest
cat rest >>sysck.cfg
sed -i '/program/d' sysck.cfg
"$TCBCK" -j1 --database sysck.cfg -n ALL >"$OUT" 2>"$ERR" </dev/null &
running=$!
until [ ! -d /proc/$running/fd ] || readlink /proc/$running/fd/* | grep -q '/big$'; do
	sleep 0.01
done
truncate -s 4096 sysck.cfg
wait $running
status=$?
expect_true "cut while confined: 8, not $status" test $status -eq 8
has "$lost"

# Who repairs has read the text before. (Its definitions are those of the file; nothing is written into what was cut.)
need_root
mkdir undo
printf '/%s/mode:\n\ttype = FILE\n\tmode = 600\n' "${PWD#/}" >last
: >mode
chmod 644 mode
write_database sysck.cfg
cat last >>sysck.cfg
echo 'truncate -s 0 sysck.cfg' >how
check 5 - "$TCBCK" --database sysck.cfg --undo undo -j1 -p ALL
expect_true "repaired by what was read" test "$(stat -c %a mode)" = 600
has_not "$torn"
finish
