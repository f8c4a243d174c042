# -l: the entries of /dev as they are.
. "$SRCDIR/tests/cli/lib.sh"

tcb() { "$TCBCK" --database "$PWD/db" "$@"; }
name() { stat -c "$1" "$2"; }

check 0 empty tcb -l /dev/null /dev/zero /dev/null
cat >expected <<END
/dev/null:
	device = 1,3
	group = $(name %G /dev/null)
	mode = $(name %A /dev/null | cut -c2-)
	owner = $(name %U /dev/null)
	type = CHAR_DEV

/dev/zero:
	device = 1,5
	group = $(name %G /dev/zero)
	mode = $(name %A /dev/zero | cut -c2-)
	owner = $(name %U /dev/zero)
	type = CHAR_DEV
END
same expected db
check 0 empty tcb -n ALL

# What is defined already is brought up to date, the rest of it stays.
printf '# null\n/dev/null:\n\tclass = devices\n\tmode = 0600\n\ttype = FILE\n' >db
check 0 empty tcb -l /dev/null
cat >expected <<END
# null
/dev/null:
	class = devices
	mode = $(name %A /dev/null | cut -c2-)
	type = CHAR_DEV
	device = 1,3
	group = $(name %G /dev/null)
	owner = $(name %U /dev/null)
END
same expected db

cp db before
printf '%s\n' 'tcbck: @DIR@: not below /dev' 'tcbck: /dev/no-such-device: no such file; nothing can be computed' \
	"tcbck: /dev/../etc: expected a path without \`.', \`..', \`//' or a trailing \`/'" \
	'tcbck: null: not below /dev' 'tcbck: /dev: not below /dev' 'tcbck: /device: not below /dev' \
	'tcbck: nothing was changed' >expected
check 8 expected tcb -l "$PWD" /dev/zero /dev/no-such-device /dev/../etc null /dev /device
same before db
check 16 - tcb -l
same before db

need_root
# Every type that /dev may have, in a root of its own.
mkdir -p root/etc/security root/dev/sub
printf 'root:x:0:0::/:\n' >root/etc/passwd
printf 'root:x:0:\n' >root/etc/group
if ! mknod -m 0660 root/dev/disk b 8 300; then
	skip "the rest needs device nodes"
	finish
fi
mkfifo -m 0600 root/dev/pipe
echo >root/dev/file
ln -s ../etc root/dev/link
chmod 1777 root/dev/sub
chown 7:8 root/dev/sub
check 0 empty "$TCBCK" --root root -l /dev/disk /dev/pipe /dev/file /dev/link /dev/sub
cat >expected <<'END'
/dev/disk:
	device = 8,300
	group = root
	mode = rw-rw----
	owner = root
	type = BLK_DEV

/dev/pipe:
	group = root
	mode = rw-------
	owner = root
	type = FIFO

/dev/file:
	group = root
	mode = rw-r--r--
	owner = root
	type = FILE

/dev/link:
	group = root
	owner = root
	target = ../etc
	type = SYMLINK

/dev/sub:
	group = 8
	mode = SVTX,rwxrwxrwx
	owner = 7
	type = DIRECTORY
END
same expected root/etc/security/sysck.cfg
check 0 empty "$TCBCK" --root root -n ALL
finish
