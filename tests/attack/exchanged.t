# A file changes places with another one while it is looked at. Neither of them is as it should be, but each in another way:
# what is told must be of one of them, and never of the better half of each.
. "$SRCDIR/tests/cli/lib.sh"
need_xattr

db=$PWD/sysck.cfg
mkdir d
chmod 0755 d

# make_files MODE_F CONTENT_F MODE_OTHER CONTENT_OTHER
make_files()
{
	rm -f d/f d/other
	printf '%s' "$2" >d/f
	printf '%s' "$4" >d/other
	chmod "$1" d/f
	chmod "$3" d/other
	inode=$(stat -c %i d/f)
}

# look COMMAND... - one check in which the file is exchanged.
look()
{
	LD_PRELOAD=$HELPERS/preload_exchange.so ATTACK_NAME=f ATTACK_OTHER=other \
		"$TCBCK" "$@" --no-confine --database "$db" >"$OUT" 2>"$ERR"
	status=$?
	expect_true "it was exchanged" test "$(stat -c %i d/other)" = "$inode"
}

# The same, exchanged back at once.
look_back()
{
	LD_PRELOAD=$HELPERS/preload_exchange.so ATTACK_NAME=f ATTACK_OTHER=other ATTACK_BACK=yes \
		"$TCBCK" -n --no-confine --database "$db" ALL >"$OUT" 2>"$ERR"
	has "/d/f: mode is TCB,rwxr-xr-x, should be rwxr-xr-x"
}

# The directory is root's alone, which lets names be trusted for longest; then it is not.
for directory in 0755 0777; do
	chmod "$directory" d

	# f has the mode and the flag, the other one neither.
	printf '%s\n\ttype = FILE\n\tmode = rwxr-xr-x\n' "$PWD/d/f:" >"$db"
	make_files 0755 abc 0700 abc
	setfattr -n security.tcb -v 1 d/f
	look -n ALL
	expect_true "status 4" test "$status" -eq 4
	expect_true "the mode is that of one file, $directory" grep -q -x -e ".*/d/f: mode is rwx------, should be rwxr-xr-x" \
		-e ".*/d/f: mode is TCB,rwxr-xr-x, should be rwxr-xr-x" "$ERR"

	# It is back before anybody looks at the name again. (Where a list opens the file, it is not exchanged at all.)
	make_files 0755 abc 0700 abc
	setfattr -n security.tcb -v 1 d/f
	# File systems may count time in ticks.
	sleep 0.1
	[ "$directory" = 0777 ] || look_back

	# It is exchanged when its attributes were listed, and stat is to come.
	if [ "$directory" = 0755 ]; then
		make_files 0700 abc 0755 abc
		setfattr -n security.tcb -v 1 d/other
		ATTACK_AFTER=yes look -n ALL
		expect_true "status 4" test "$status" -eq 4
		expect_true "the mode is that of one file" grep -q -x -e ".*/d/f: mode is rwx------, should be rwxr-xr-x" \
			-e ".*/d/f: mode is TCB,rwxr-xr-x, should be rwxr-xr-x" "$ERR"
	fi

	# f has the mode, the other one the content.
	printf '%s\n\ttype = FILE\n\tmode = rwxr-xr-x\n\thash_value = %s\n' "$PWD/d/f:" \
		ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad >"$db"
	make_files 0755 xyz 0700 abc
	look -n ALL
	expect_true "not good" test "$status" -ge 4
	has "/d/f: mode is rwx------, should be rwxr-xr-x"

	# What is defined is one of them, too; or nothing is.
	rm -f "$db"
	make_files 0755 xyz 0700 abc
	look -a -r "$PWD/d" mode hash_value
	if [ "$directory" = 0755 ]; then
		grep -A 3 /d/f: "$db" >defined
		expect_true "it is defined by one file" sh -c "grep -q 'mode = rwx------' defined &&
			grep -q 'hash_value = sha256:ba7816bf' defined"
	else
		expect_true "it is not defined" test "$status" -eq 8 -a ! -e "$db"
	fi
done
finish
