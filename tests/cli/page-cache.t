# What an audit reads does not drive out of the page cache what others need: after it, there is about what was there before.
. "$SRCDIR/tests/cli/lib.sh"

need fincore
need truncate

# The kibibytes of the files that are in the cache.
cached()
{
	fincore -b -n -o RES "$@" | awk '{ sum += $1 } END { print int(sum / 1024) }'
}

# Writes files back, and takes them out of the cache.
forget()
{
	for file in "$@"; do
		dd if=/dev/null of="$file" oflag=nocache conv=notrunc,fdatasync count=0 2>/dev/null
	done
}

mkdir files
i=0
while [ $i -lt 100 ]; do
	head -c $((i * 2000 + 1)) /dev/urandom >files/small$i
	i=$((i + 1))
done
head -c 60000000 /dev/urandom >files/large
head -c 60000000 /dev/urandom >files/half
chmod 755 . files
"$TCBCK" --database "$PWD/sysck.cfg" -a -r "$PWD/files" size hash_value checksum || fail "cannot define"
size=$(du -k --apparent-size -s files | cut -f1)

forget files/*
if [ "$(cached files/*)" -ne 0 ]; then
	skip "the rest needs a file system whose files leave the page cache"
	finish
fi

# Nothing of them there: next to nothing is afterwards, and at no time was much of a large one.
check 0 empty "$TCBCK" --database "$PWD/sysck.cfg" -n ALL
after=$(cached files/*)
expect_true "of $size kB that were read, $after kB are left in the cache (5 % at most)" test "$after" -le $((size / 20))

# All of them there, as on a host that uses them: they stay.
cat files/* >/dev/null
before=$(cached files/*)
check 0 empty "$TCBCK" --database "$PWD/sysck.cfg" -n ALL
after=$(cached files/*)
expect_true "of $before kB that were there, $after kB are (95 % at least)" test "$after" -ge $((before / 20 * 19))

# The one and the other, on two threads.
forget files/*
cat files/small?[02468] files/half >/dev/null
before=$(cached files/*)
others=$(cached files/small?[13579] files/large)
check 0 empty "$TCBCK" --database "$PWD/sysck.cfg" -j 2 -n ALL
after=$(cached files/*)
expect_true "of $before kB that were there, $after kB are (95 to 105 %)" \
	test "$after" -ge $((before / 20 * 19)) -a "$after" -le $((before / 20 * 21))
now=$(cached files/small?[13579] files/large)
expect_true "of the others $others kB were, $now kB are" test "$now" -le $((others + size / 20))

# A run that is stopped in the middle of a large file leaves no more of it.
need timeout
truncate -s 20G files/sparse
printf '%s:\n\ttype = FILE\n\thash_value = sha256:%064d\n' "$PWD/files/sparse" 0 >large.cfg
timeout -s TERM 1 "$TCBCK" --database "$PWD/large.cfg" -n ALL 2>err
after=$(cached files/sparse)
expect_true "stopped in a file of 20 GB: $after kB are left of it" test "$after" -le 1024
finish
