# Installed setuid root for group security (4750): who may run it, what it refuses, what it takes from its caller. All of it
# in a mount namespace of its own, with users of its own: the host's files are not touched.
. "$SRCDIR/tests/cli/lib.sh"

need_mount
need setpriv
if grep -q fsanitize "$BUILDDIR/flags"; then
	skip "sanitizers don't work in set-id programs"
	finish
fi
if [ -z "${SETUID_INSIDE-}" ]; then
	SETUID_INSIDE=yes exec unshare -m sh "$0"
fi

place=/mnt
cp /etc/passwd passwd
printf 'tcbmember:x:60001:60001::%s/home:/bin/sh\ntcbother:x:60002:60002::/:/bin/sh\n' $place >>passwd
grep -v '^security:' /etc/group >group.without
{ cat group.without; printf 'security:x:60010:tcbmember\n'; } >group
if ! mount -t tmpfs -o mode=0755,suid,exec none $place || ! mount --bind passwd /etc/passwd ||
	! mount --bind group /etc/group; then
	skip "the rest needs mounts"
	finish
fi
mkdir -p /etc/security 2>/dev/null
mount -t tmpfs -o mode=0755 none /etc/security || { skip "the rest needs /etc/security"; finish; }
chmod 0644 passwd group group.without

mkdir $place/bin $place/home $place/data $place/closed
chown 60001:60001 $place/home
chmod 0700 $place/closed
cp "$TCBCK" $place/bin/tcbck
chown 0:60010 $place/bin/tcbck
chmod 4750 $place/bin/tcbck
cp -p $place/bin/tcbck $place/bin/tcbck.4755
chmod 4755 $place/bin/tcbck.4755
tcb=$place/bin/tcbck
db=/etc/security/sysck.cfg
echo content >$place/data/file
echo s3cret-content >$place/data/private
chmod 0600 $place/data/private
echo hidden >$place/closed/file

member() { setpriv --reuid 60001 --regid 60001 --groups 60010 "$@"; }
other() { setpriv --reuid 60002 --regid 60002 --clear-groups "$@"; }
if ! member $place/bin/tcbck -V >/dev/null 2>&1 || ! cp /bin/cat $place/bin/cat ||
	! chmod 4755 $place/bin/cat || ! member $place/bin/cat $place/data/private >/dev/null 2>&1; then
	skip "the rest needs set-id programs to work"
	finish
fi
rm $place/bin/cat

# Who may run it.
check 126 - other sh -c "$tcb -V"
for arguments in -V -h '-n ALL' '-a /x type=FILE' ''; do
	# shellcheck disable=SC2086 # options
	check 8 - other $tcb.4755 $arguments
	has 'only root and members of group security may run this program'
	check_out empty
done
check 0 - member $tcb.4755 -V
check 0 - setpriv --reuid 60002 --regid 60010 --clear-groups $tcb.4755 -V
check 0 - $tcb -V
expect_true "nothing was made" test ! -e $db
mount --bind group.without /etc/group
check 8 - member $tcb.4755 -V
has 'only root and members of group security may run this program'
check 0 - $tcb -V
umount /etc/group

# Its work: the database of the host, and files that the caller can't read.
check 0 empty member $tcb -a $place/data/private size hash_value owner group mode
check 0 empty member $tcb -a $place/closed/file size mode
expect_true "the database is root's, 0640" test "$(stat -c '%a %u %g' $db)" = "640 0 0"
expect_true "so is the lock" test "$(stat -c '%a %u %g' $db.lock)" = "600 0 0"
check 0 empty member $tcb -n ALL
chmod 0640 $place/data/private
check 4 - member $tcb -n ALL
echo "$place/data/private: mode is rw-r-----, should be rw-------" >expected
same expected "$ERR"
chmod 0600 $place/data/private
cp $db before

# What is not root's is refused as a database, as a root, as a file of definitions; nothing of it is used.
printf '%s/data/file:\n\ttype = FILE\n' $place >$place/home/db
cp $place/home/db $place/data/db
cp $place/home/db $place/home/shared
chown 60001:60001 $place/home/db
refused()
{
	text=$1
	shift
	check 8 - member $tcb "$@"
	has "$text"
	has_not s3cret
	has_not ':1:'
	same before $db
}
for file in home/db home/shared home/../home/db; do
	refused 'not trusted: ' --database $place/$file -n ALL
	refused 'not trusted: ' --database $place/$file -a /x type=FILE
	refused 'not trusted: ' -a -f $place/$file
	refused 'not trusted: ' -d -f $place/$file
done
ln -s $place/data/db $place/home/link
refused 'not trusted: ' --database $place/home/link -n ALL
refused 'not trusted: ' -a -f $place/home/link
chmod 0664 $place/data/db
refused 'not trusted: writable for group or others' --database $place/data/db -n ALL
refused 'not trusted: writable for group or others' -a -f $place/data/db
chmod 0644 $place/data/db
check 0 empty member $tcb --database $place/data/db -n ALL
check 0 empty member $tcb -a -f $place/data/db
check 0 empty member $tcb -d -f $place/data/db
same before $db
mkdir -p $place/home/root/etc/security $place/data/root/etc/security
cp $place/data/db $place/data/root/etc/security/sysck.cfg
printf 'root:x:0:0::/:\n' >$place/data/root/etc/passwd
refused 'not trusted: ' --root $place/home/root -n ALL
refused 'not trusted: ' --root $place/home/root -a /x type=FILE
check 4 - member $tcb --root $place/data/root -n ALL
has 'missing is absent, should be FILE'

# What the caller can't read is not read for him.
for file in data/private closed/file closed/none /etc/shadow; do
	case $file in /*) path=$file ;; *) path=$place/$file ;; esac
	[ -e "$path" ] || [ $file = closed/none ] || continue
	refused 'not readable for the user who calls' -a -f $path
	refused 'not readable for the user who calls' -d -f $path
	refused 'not readable for the user who calls' --database $path -n ALL
done
check 8 - member $tcb --database $place/closed/none -n ALL
cp "$ERR" none
check 8 - member $tcb --database $place/closed/file -n ALL
sed 's/none/file/' none >expected
same expected "$ERR"
# Nor through what stands for a descriptor.
check 8 - member sh -c '"$0" -a -f /dev/fd/3 3<"$1"' $tcb $place/home/db
same before $db

# The environment is not his: no library, no locale, no path, no file that it names.
evil=$place/home/evil
mkdir $evil
chmod 0777 $evil
for name in sum cksum sh; do
	printf '#!/bin/sh\n: >%s/ran\n' $evil >$evil/$name
	chmod 0755 $evil/$name
done
hostile="LD_PRELOAD=$evil/evil.so LD_AUDIT=$evil/evil.so LD_LIBRARY_PATH=$evil PATH=$evil:/usr/bin
	TZ=:$evil/tz TZDIR=$evil LC_ALL=evil LOCPATH=$evil LANGUAGE=evil NLSPATH=$evil/%N GCONV_PATH=$evil
	OPENSSL_CONF=$evil/cnf OPENSSL_MODULES=$evil OPENSSL_ENGINES=$evil BASH_ENV=$evil/sum ENV=$evil/sum
	TMPDIR=$evil HOME=$evil HOSTALIASES=$evil/hosts MALLOC_TRACE=$evil/malloc ASAN_OPTIONS=log_path=$evil/asan"
cat >evil.c <<END
#include <fcntl.h>
__attribute__((constructor)) static void run(void)
{
	open("$evil/ran", O_CREAT | O_WRONLY, 0666);
}
END
if $CC -shared -fPIC -o $evil/evil.so evil.c 2>/dev/null; then
	env LD_PRELOAD=$evil/evil.so true
	expect_true "the hostile library works" test -e $evil/ran
	rm -f $evil/ran
fi
# shellcheck disable=SC2016 # for the inner shell
printf '#!/bin/sh\nenv\ngrep CapEff /proc/$PPID/status\nexit 7\n' >$place/bin/show
chmod 0755 $place/bin/show
check 0 empty member $tcb -a sysck 'checksum="cksum <"'
check 0 empty member $tcb -a $place/data/file "checksum=\"$(cksum <$place/data/file)\"" program=$place/bin/show
# shellcheck disable=SC2086 # a list
check 4 - member env $hostile $tcb -n ALL
expect_true "nothing of the caller's was run" test ! -e $evil/ran
expect_true "one finding, of the program" test "$(wc -l <"$ERR")" -eq 1
has "$place/data/file: program is 7"
has_not evil
# What only reads gives up the rest: CAP_DAC_READ_SEARCH and CAP_FOWNER are left.
has 'CapEff:\t000000000000000c'
# shellcheck disable=SC2086
check 0 empty member env $hostile $tcb -a $place/data/file checksum hash_value
expect_true "nor in an update" test ! -e $evil/ran
if command -v strace >/dev/null && strace -qq -o strace.log -u tcbmember true 2>/dev/null; then
	options=
	for variable in $hostile; do
		options="$options -E $variable"
	done
	# shellcheck disable=SC2086
	check 4 - strace -f -qq -o strace.log -u tcbmember -e trace=file $options $tcb -n ALL
	grep -v 'execve("[^"]*tcbck"' strace.log >shown
	has_not /evil shown
else
	skip "strace can't run set-id programs here"
fi
# In another language a name is not shown as it is: the environment that says so is gone.
: >$place/data/ä
check 0 empty member $tcb -a $place/data/ä mode=0600
check 4 - member env LC_ALL=C.UTF-8 $tcb -n $place/data/ä
has '"/mnt/data/\xc3\xa4": mode is'
check 0 empty member $tcb -d $place/data/ä $place/data/file
check 0 empty member $tcb -a sysck checksum=

# Closed descriptors: what is opened does not become standard error; the exit status stays.
cp $db before
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	check 0 - member sh -c "\"\$0\" -n ALL $closed" $tcb
	check 8 - member sh -c "\"\$0\" -n /none $closed" $tcb
	check 8 - member sh -c "\"\$0\" -a /none size=x $closed" $tcb
	same before $db
	check 0 - member sh -c "\"\$0\" -a /there type=FILE size=77 $closed" $tcb
	check 0 - member $tcb -d /there
	same before $db
done
# His limits and mask.
check 0 empty member sh -c 'umask 000; ulimit -S -f 0; ulimit -n 20; ulimit -S -t 5; exec "$@"' sh $tcb -a /there type=FILE
expect_true "the mode is kept whatever the mask" test "$(stat -c %a $db)" = 640
check 0 empty member sh -c 'umask 777; exec "$@"' sh $tcb -d /there
same before $db
for limit in '-n 3' '-n 5' '-n 7' '-f 0' '-s 64'; do
	member sh -c "ulimit $limit"' && exec "$@"' sh $tcb -a /there type=FILE >"$OUT" 2>"$ERR" && member $tcb -d /there
	same before $db
done
left=$(cd /etc/security && echo .[!.]* *)
expect_true "nothing but the database and its lock is there" test "$left" = ".[!.]* sysck.cfg sysck.cfg.lock"
finish
