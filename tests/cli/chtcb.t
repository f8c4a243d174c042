# chtcb: the TCB flag of files.
. "$SRCDIR/tests/cli/lib.sh"

usage='usage: chtcb {on|off|query} File ...'
printf '%s\n' "$usage" >usage
check 2 usage "$CHTCB"
check 2 usage "$CHTCB" on
check 2 usage "$CHTCB" maybe file
need_xattr
echo >file
mkdir dir
ln -s file link
mkfifo fifo
check 0 empty "$CHTCB" query file dir
printf 'file: off\ndir: off\n' >expected
check_out expected
check 0 empty "$CHTCB" on file dir
check_out empty
expect_true "the attribute is there" test "$(getfattr --only-values -n security.tcb file 2>/dev/null)" = 1
check 0 empty "$CHTCB" on file
check 0 empty "$CHTCB" query file
printf 'file: on\n' >expected
check_out expected

# tcbck sees it.
check 0 empty "$TCBCK" --database "$PWD/db" -a "$PWD/file" mode
has 'mode = TCB,rw-r--r--' db
check 0 empty "$CHTCB" off file
check 4 - "$TCBCK" --database "$PWD/db" -n ALL
has "file: mode is rw-r--r--, should be TCB,rw-r--r--"
check 0 empty "$CHTCB" off file
check 0 empty "$CHTCB" query file dir
printf 'file: off\ndir: on\n' >expected
check_out expected
# Another value is no flag.
setfattr -n security.tcb -v 10 file
check 0 empty "$CHTCB" query file
printf 'file: off\n' >expected
check_out expected
check 0 empty "$CHTCB" on file
expect_true "the value is 1" test "$(getfattr --only-values -n security.tcb file 2>/dev/null)" = 1

# What has none: named, the others are done.
check 1 - "$CHTCB" off link fifo none "$(printf 'a\nb')" dir
printf '%s\n' 'chtcb: link: no regular file or directory' 'chtcb: fifo: no regular file or directory' \
	'chtcb: none: No such file or directory' 'chtcb: "a\nb": No such file or directory' >expected
check 1 expected "$CHTCB" off link fifo none "$(printf 'a\nb')" dir
check 0 empty "$CHTCB" query file dir
printf 'file: on\ndir: off\n' >expected
check_out expected
check 1 - sh -c '"$1" query file >/dev/full' sh "$CHTCB"

# Only root sets it; everybody who can open the file sees it.
chmod 0666 file
need setpriv
check 1 - setpriv --reuid 65534 --regid 65534 --clear-groups "$CHTCB" off file
has 'chtcb: file: Operation not permitted'
check 0 empty setpriv --reuid 65534 --regid 65534 --clear-groups "$CHTCB" query file
chmod 0600 file
check 1 - setpriv --reuid 65534 --regid 65534 --clear-groups "$CHTCB" query file
has 'chtcb: file: Permission denied'
finish
