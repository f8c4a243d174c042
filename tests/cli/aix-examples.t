# The update examples of the AIX manual, in a root of their own, and the stanzas that come of them.
. "$SRCDIR/tests/cli/lib.sh"

need_root
mkdir -p root/bin root/dev root/etc/security
printf 'root:x:0:0::/:\nboss:x:77:0::/:\n' >root/etc/passwd
printf 'root:x:0:\nauditors:x:88:\n' >root/etc/group
printf 'content\n' >root/bin/boo
printf 'other\n' >root/bin/who
chown 77:88 root/bin/boo
chmod 0640 root/bin/boo
db=root/etc/security/sysck.cfg
tcb() { "$TCBCK" --root root "$@"; }

if ! setfacl -m u:77:r root/bin/boo 2>/dev/null || ! mknod root/dev/tty c 1 3 2>/dev/null; then
	skip "the rest needs ACLs and device nodes"
	finish
fi
mknod root/dev/disk b 7 0
ln -s disk root/dev/link
chmod 0660 root/dev/disk
chmod 0600 root/dev/tty

# 1: what is named without a value is computed, the rest is written as it is given, the type is added.
check 0 empty tcb -a /bin/boo acl checksum class=audit group owner program=/bin/boock
check_out empty
cat >expected <<END
/bin/boo:
	acl = u::rw-,u:boss:r--,g::r--,m::r--,o::---
	checksum = "$(sum -r <root/bin/boo)"
	class = audit
	group = auditors
	owner = boss
	program = /bin/boock
	type = FILE
END
same expected $db
expect_true "the new database has mode 0640" test "$(stat -c '%a %u %g' $db)" = "640 0 0"

# 2: a value that is not what the file has now.
check 0 empty tcb -a /bin/boo 'size = 1234,VOLATILE'
printf '\tsize = 1234,VOLATILE\n' >>expected
same expected $db
check 0 empty tcb -a /bin/boo size=99 checksum=VOLATILE
sed -e 's/size = .*/size = 99/' -e 's/checksum = .*/checksum = VOLATILE/' expected >expected.2
same expected.2 $db

# 3: the settings.
check 0 empty tcb -a sysck treeck_novfs=/backup,/scratch treeck_nodir=/home,/tmp/x setuids=boss,3 setgids=auditors
cat >>expected.2 <<'END'

sysck:
	treeck_novfs = /backup,/scratch
	treeck_nodir = /home,/tmp/x
	setuids = boss,3
	setgids = auditors
END
same expected.2 $db

# 4: two devices, as they are; a symlink has its target.
check 0 empty tcb -l /dev/tty /dev/disk
check 0 empty tcb -l /dev/link
cat >>expected.2 <<'END'

/dev/tty:
	device = 1,3
	group = root
	mode = rw-------
	owner = root
	type = CHAR_DEV

/dev/disk:
	device = 7,0
	group = root
	mode = rw-rw----
	owner = root
	type = BLK_DEV

/dev/link:
	group = root
	owner = root
	target = disk
	type = SYMLINK
END
same expected.2 $db

# 5: deleted by path, and by class.
check 0 empty tcb -a /bin/who class=audit,apply owner
check 0 empty tcb -a /etc/group class=apply
check 0 empty tcb -d /bin/who
has_not /bin/who $db
check 0 empty tcb -a /bin/who class=audit,apply owner
check 0 empty tcb -d audit
sed '/^\/bin\/boo/,/^$/d' expected.2 >expected
printf '\n/etc/group:\n\tclass = apply\n\ttype = FILE\n' >>expected
same expected $db
check 8 - tcb -d audit
has "tcbck: audit: no definition of that class"
same expected $db

# What the updates wrote is what is found.
check 0 empty tcb -n ALL
finish
