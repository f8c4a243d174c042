# The database is read only if nobody but root (or the caller) can have written it, and keeps its rights when rewritten.
. "$SRCDIR/tests/cli/lib.sh"

tcb() { "$TCBCK" --database "$PWD/etc/db" "$@"; }
mkdir etc
echo >file
printf '#!/bin/sh\n: >%s/ran\n' "$PWD" >program
chmod 0755 program
make_db()
{
	rm -rf etc ran
	mkdir etc
	cat >etc/db <<-END
		sysck:
			checksum = "$PWD/program <"

		$PWD/file:
			checksum = x
			program = $PWD/program
			type = FILE
	END
	cp etc/db before
}
# $1: why. It is refused for a check and for each update, nothing of it is used, and nothing is changed.
refused()
{
	text=$1
	for how in '-n ALL' "-n $PWD/file" "--why $PWD/file" "-a $PWD/file size" '-a sysck hash=sha256' "-d $PWD/file" \
		'-l /dev/null' "-a -r $PWD/etc"; do
		# shellcheck disable=SC2086 # options
		tcb $how >"$OUT" 2>"$ERR"
		[ $? -eq 8 ] && grep -qF -e "db: $text" "$ERR" && [ "$(wc -l <"$ERR")" -eq 1 ] && continue
		fail "$how: not refused with: $text"
		sed 's/^/stderr: /' "$ERR"
	done
	ok "refused: $text"
	expect_true "nothing of it was run" test ! -e ran
	[ -f etc/db ] && same before etc/db
}

# A control: this one is trusted and its program does run.
make_db
check 4 - tcb -n ALL
expect_true "the program ran" test -e ran

for mode in 0660 0606 0666 0622 0620; do
	make_db
	chmod $mode etc/db
	refused 'not trusted: writable for group or others'
done
for mode in 0775 0757 0777 1777; do
	make_db
	chmod $mode etc
	refused 'not trusted: the directory that holds db is writable for group or others'
	chmod 0755 etc
done
make_db
rm etc/db
mkdir etc/db
check 8 - tcb -n ALL
check 8 - tcb -a /x type=FILE
rmdir etc/db
mkfifo etc/db
refused 'not trusted: not a regular file'
rm etc/db
# A sticky directory may be on the way to one of root's, never hold the database.
make_db
mkdir -m 0755 etc/own
mv etc/db etc/own/db
chmod 1777 etc
check 4 - "$TCBCK" --database "$PWD/etc/own/db" -n ALL
chmod 0777 etc
check 8 - "$TCBCK" --database "$PWD/etc/own/db" -n ALL
chmod 0755 etc

# Symbolic links: root's are followed, not in another root.
make_db
ln -s etc/db link
ln -s etc dirlink
check 4 - "$TCBCK" --database "$PWD/link" -n ALL
check 0 empty "$TCBCK" --database "$PWD/dirlink/db" -a /x type=FILE
has '/x:' etc/db
expect_true "the link is still one" test -L link
expect_true "the lock is beside the database" test -e etc/db.lock
expect_true "and not beside the link" test ! -e link.lock
ln -s loop loop
check 8 - "$TCBCK" --database "$PWD/loop" -n ALL
mkdir -p root/etc root/real
ln -s ../real root/etc/security
cp before root/real/sysck.cfg
check 8 - "$TCBCK" --root root -n ALL
has 'not trusted: a symbolic link on its way in another root'

# What is new: 0640, its lock 0600, whatever the umask.
make_db
rm etc/db
check 0 empty sh -c 'umask 000; exec "$@"' sh "$TCBCK" --database "$PWD/etc/db" -a /x type=FILE
expect_true "a new database is 0640" test "$(stat -c %a etc/db)" = 640
expect_true "its lock is 0600" test "$(stat -c %a etc/db.lock)" = 600
chmod 0644 etc/db.lock
cp etc/db before
check 8 - tcb -a /y type=FILE
has "the lock file beside it can't be trusted"
same before etc/db
rm etc/db.lock
ln -s /dev/null etc/db.lock
check 8 - tcb -a /y type=FILE
has 'the lock file beside it'
rm etc/db.lock
mkfifo -m 0600 etc/db.lock
check 8 - timeout 60 "$TCBCK" --database "$PWD/etc/db" -a /y type=FILE
has 'the lock file beside it'
same before etc/db
# What an update that was killed left behind, even as a link, is no harm.
rm etc/db.lock
echo precious >precious
ln -s ../precious etc/.db.new
check 0 empty tcb -a /y type=FILE
expect_true "a link in place of the successor was not followed" test "$(cat precious)" = precious

need_root
make_db
chown 65534 etc/db
refused 'not trusted: owned by another user'
make_db
chown 65534 etc
refused 'not trusted: the directory that holds db is owned by another user'
chown 0 etc
make_db
ln -s etc/db strange
chown -h 65534 strange
check 8 - "$TCBCK" --database "$PWD/strange" -n ALL
has 'not trusted: a symbolic link on its way is owned by another user'
if setfacl -m u:65534:rw etc/db 2>/dev/null; then
	refused 'not trusted: writable for group or others'
	make_db
	setfacl -m u:65534:rwx etc
	refused 'not trusted: the directory that holds db is writable for group or others'
	setfacl -b etc
	# Reading is no harm.
	make_db
	setfacl -m u:65534:r etc/db
	check 4 - tcb -n ALL
else
	skip "no ACLs here"
fi

# Owner, group, mode, ACL and label are kept on rewriting.
make_db
chmod 0604 etc/db
chown 0:54321 etc/db
setfacl -m u:65534:r,g:4:r etc/db 2>/dev/null
setfattr -n security.tcb -v 1 etc/db 2>/dev/null
setfattr -n security.selinux -v system_u:object_r:etc_t:s0 etc/db 2>/dev/null
rights()
{
	stat -c '%a %u %g' "$1"
	getfacl -ncp "$1"
	getfattr -dm security "$1"
}
rights etc/db >rights.before
check 0 empty tcb -a /x type=FILE
rights etc/db >rights.after
same rights.before rights.after
expect_true "there was something to keep" test "$(wc -l <rights.after)" -gt 4

# Somebody else's own database is trusted by him, another's is not.
need setpriv
make_db
mkdir theirs
chown 65534 theirs
printf '/none:\n\ttype = FILE\n' >theirs/db
cp theirs/db etc/db
cp theirs/db before
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$TCBCK" "$@"; }
chown 65534:65534 theirs/db
check 0 empty nobody --database "$PWD/theirs/db" -a /x type=FILE
check 4 - nobody --database "$PWD/etc/db" -n ALL
check 8 - nobody --database "$PWD/etc/db" -a /x type=FILE
has 'the lock file beside it cannot be opened: Permission denied'
chmod 0600 etc/db
check 8 - nobody --database "$PWD/etc/db" -n ALL
has 'db: cannot be opened: Permission denied'
chown 1 theirs/db
check 8 - nobody --database "$PWD/theirs/db" -n ALL
finish
