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
hostile_environment="LD_PRELOAD=$evil/evil.so LD_AUDIT=$evil/evil.so LD_LIBRARY_PATH=$evil PATH=$evil:/usr/bin
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
check 4 - member env $hostile_environment $tcb -n ALL
expect_true "nothing of the caller's was run" test ! -e $evil/ran
expect_true "one finding, of the program" test "$(wc -l <"$ERR")" -eq 1
has "$place/data/file: program is 7"
has_not evil
# What only reads gives up the rest. Left are CAP_DAC_READ_SEARCH and CAP_FOWNER, CAP_AUDIT_WRITE, and CAP_KILL for commands.
has 'CapEff:\t000000002000002c'
# shellcheck disable=SC2086
check 0 empty member env $hostile_environment $tcb -a $place/data/file checksum hash_value
expect_true "nor in an update" test ! -e $evil/ran
if command -v strace >/dev/null && strace -qq -o strace.log -u tcbmember true 2>/dev/null; then
	options=
	for variable in $hostile_environment; do
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

# The matrix: each way of starting it, with the group and without. What is wrong must never go unseen, nothing of the caller's
# must be run or made, nothing secret be told, and the database be old or new, never torn.
cp "$HELPERS/hostile" $place/bin/hostile
chmod 0755 $place/bin/hostile
hostile=$place/bin/hostile
chmod 0755 $place/home
row()
{
	name=$1
	shift
	problems=
	chmod 0640 $place/data/private
	if member timeout -k 1 20 "$@" $tcb -n ALL >"$OUT" 2>"$ERR" </dev/null; then
		problems="$problems, misses what is wrong"
	fi
	chmod 0600 $place/data/private
	! grep -q s3cret "$OUT" "$ERR" || problems="$problems, tells a secret"
	if member timeout -k 1 20 "$@" $tcb -a /there type=FILE size=77 >"$OUT" 2>"$ERR" </dev/null &&
		! grep -qx '	size = 77' $db; then
		problems="$problems, says that it wrote, and did not"
	fi
	[ "$(stat -c '%a %u %g' $db)" = "640 0 0" ] || problems="$problems, gives the database away"
	$tcb -d /there >/dev/null 2>&1
	cmp -s before $db || problems="$problems, spoils the database"
	for arguments in '-n ALL' '-a /there type=FILE'; do
		# shellcheck disable=SC2086 # options
		if other timeout -k 1 20 "$@" $tcb.4755 $arguments >"$OUT" 2>"$ERR" </dev/null; then
			problems="$problems, works for others"
		fi
	done
	cmp -s before $db || problems="$problems, lets others write"
	[ ! -e $evil/ran ] || problems="$problems, runs what is the caller's"
	rm -f $evil/ran
	[ "$(cd /etc/security && echo .[!.]* *)" = ".[!.]* sysck.cfg sysck.cfg.lock" ] || problems="$problems, leaves files"
	find $place/home -user 0 | LC_ALL=C sort | cmp -s - of_root || problems="$problems, makes him files of root's"
	if [ -z "$problems" ]; then
		ok "matrix: $name"
	else
		fail "matrix: $name${problems}"
	fi
}
closed() { row "closed: $1" sh -c "exec \"\$@\" $1" sh; }
limit() { row "limit: $*" prlimit "$@"; }
shell() { row "$1" sh -c "$1; exec \"\$@\"" sh; }

find $place/home -user 0 | LC_ALL=C sort >of_root
row 'nothing special' env
# shellcheck disable=SC2086 # a list
row 'hostile environment' env $hostile_environment
row 'the linker' env LD_DEBUG=all "LD_DEBUG_OUTPUT=$evil/ran" LD_SHOW_AUXV=1 LD_PROFILE=libc.so.6 "LD_PROFILE_OUTPUT=$evil" \
	"LD_ORIGIN_PATH=$evil" LD_DYNAMIC_WEAK=1 LD_BIND_NOT=1 LD_HWCAP_MASK=0 LD_WARN=1 LD_VERBOSE=1 \
	GLIBC_TUNABLES=glibc.malloc.check=3:glibc.malloc.perturb=9:glibc.rtld.optional_static_tls=0
row 'the allocator' env MALLOC_CHECK_=3 MALLOC_PERTURB_=165 MALLOC_ARENA_MAX=1 MALLOC_ARENA_TEST=1 MALLOC_MMAP_MAX_=0 \
	MALLOC_MMAP_THRESHOLD_=0 MALLOC_TOP_PAD_=99999999999 MALLOC_TRIM_THRESHOLD_=0
# shellcheck disable=SC2016 # for a shell that should not look
row 'the shell' env IFS=/ CDPATH=$evil SHELLOPTS=xtrace 'PS4=$(: >/mnt/home/evil/ran)' \
	'BASH_FUNC_sum%%=() { : >/mnt/home/evil/ran; }' 'BASH_FUNC_sum()=() { : >/mnt/home/evil/ran; }'
row 'zones and languages' env TZ=/mnt/home/evil/tz TZDIR=$evil LC_ALL=../../../../mnt/home/evil LOCPATH=$evil LANGUAGE=$evil \
	"NLSPATH=$evil/%N" "GCONV_PATH=$evil" CHARSET=evil "TERMINFO=$evil" TERM=evil
row 'libcrypto' env "OPENSSL_CONF=$evil/cnf" "OPENSSL_MODULES=$evil" "OPENSSL_ENGINES=$evil" OPENSSL_ia32cap=0 \
	"SSLKEYLOGFILE=$evil/ran" "RANDFILE=$evil/ran"
row 'no environment' env -i
row 'a big environment' env "BIG=$(head -c 100000 /dev/zero | tr '\0' x)"
row 'environment without names' $hostile bare
row 'no arguments at all' $hostile nothing
for each in '<&-' '>&-' '2>&-' '<&- >&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	closed "$each"
done
row 'output that can only be read' sh -c 'exec "$@" >&0 2>&0' sh
row 'output to a full disk' sh -c 'exec "$@" >/dev/full 2>/dev/full' sh
row 'output that nobody takes' sh -c '{ sleep 0.2; exec "$@"; } 2>&1 | exit 1; exit 8' sh
if command -v prlimit >/dev/null; then
	for each in 3 4 5 6 8 16; do
		limit --nofile=$each
	done
	for each in fsize=0 fsize=100 as=10000000 as=30000000 cpu=1 core=unlimited stack=65536 stack=unlimited data=100000 \
		nproc=0 nproc=1 memlock=0 sigpending=0 rttime=100 locks=0 msgqueue=0 nice=0 rss=0; do
		limit --$each
	done
else
	skip "the limits need prlimit"
fi
row 'all descriptors in use' sh -c 'ulimit -n 64; exec "$@"' sh $hostile crowded
for each in 'umask 000' 'umask 777' 'mkdir -p /tmp/gone.$$ && cd /tmp/gone.$$ && rmdir /tmp/gone.$$' 'cd /proc/self/fd' \
	"trap '' HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM CHLD CONT TSTP TTIN TTOU URG" \
	"trap '' XCPU XFSZ VTALRM PROF WINCH IO PWR SYS" \
	'echo 1000 >/proc/self/oom_score_adj' 'echo 0x7f >/proc/self/coredump_filter'; do
	shell "$each"
done
row 'blocked signals' $hostile blocked
row 'alarms' $hostile alarm
row 'low priority' nice -n 19
row 'no new privileges' setpriv --no-new-privs
row 'a user namespace' unshare -Ur
for each in -R -X -L -3; do
	row "personality $each" setarch "$(uname -m)" $each
done
if command -v strace >/dev/null && member strace -qq -o /dev/null true 2>/dev/null; then
	row 'traced' strace -qq -f -o /dev/null
	row 'traced, with answers of the tracer' strace -qq -f -o /dev/null -e inject=getuid,geteuid,getresuid:retval=0
else
	skip "strace does not work for members here"
fi

# Somebody who does not read what he asked for holds nobody up: the lock is not held meanwhile.
yes x | head -n 3000 | sed 's|.*|/there&/|' | awk '{ print $0 NR }' >operands
# shellcheck disable=SC2046 # operands
member timeout -k 1 12 $hostile full $tcb -a /there $(sed 's/$/=1/' operands | head -n 500) &
waiting=$!
sleep 1
check 0 empty timeout 10 $tcb -a /there type=FILE
check 0 empty timeout 10 $tcb -d /there
wait $waiting
same before $db

# What he names is neither opened, made nor waited for.
mkfifo $place/home/fifo
for file in $place/home/fifo /dev/stdin /dev/tty /dev/zero /proc/self/mem /proc/self/fd/0 /proc/self/environ $place/home /; do
	for option in --database -f; do
		case $option in -f) mode=-a ;; *) mode='-n ALL' ;; esac
		# shellcheck disable=SC2086 # an option and its operand
		member timeout 60 $tcb $mode $option $file >"$OUT" 2>"$ERR" </dev/null
		status=$?
		expect_true "$option $file: status $status is 8" test $status -eq 8
	done
done
same before $db
for file in $place/home/report $place/data/file /etc/passwd /dev/stdout; do
	member $tcb -n --report $file ALL >"$OUT" 2>"$ERR"
	has '--report: only root names a file for reports'
	check 8 - member $tcb -n --undo $file ALL
done
check 8 - member $tcb -a --packages --deb $place/home
has '--deb: only root names a directory of archives'
check 8 - member $tcb -n --no-confine ALL
has '--no-confine: only root goes without confinement'
expect_true "no report was made" test ! -e $place/home/report
echo content >expected
same expected $place/data/file
# Operands with anything in them are shown harmlessly.
for operand in "$(printf '/a\033[2J\n%%s%%n')" "$(head -c 5000 /dev/zero | tr '\0' /)" /.. //etc /etc/../etc/shadow \
	"$(printf '\377')"; do
	check 8 - member $tcb -n "$operand"
	expect_true "nothing but plain text is shown" test -z "$(LC_ALL=C tr -d '\n -~' <"$ERR")"
done
same before $db
left=$(cd /etc/security && echo .[!.]* *)
expect_true "nothing but the database and its lock is there" test "$left" = ".[!.]* sysck.cfg sysck.cfg.lock"
finish
