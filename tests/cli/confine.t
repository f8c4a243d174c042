# What a check gives up: what code injected into it can do, that its results are the same all the same, and where and why a
# run is not confined.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
t=$PWD/t
mkdir t
echo content >t/file
echo victim >t/victim
chmod 0644 t/victim

tcbck() { "$TCBCK" --database "$db" "$@"; }
check 0 empty tcbck -a "$t/file" owner group mode size hash_value

# What -v says decides what can be tested here.
check 0 - tcbck -v -n ALL
if grep -q 'TCBCK_UNCONFINED' "$BUILDDIR/flags"; then
	has 'tcbck: not confined to reading: built for tests'
	skip "this build is not confined"
	finish
fi
if ! grep -qx 'tcbck: confined to reading' "$ERR"; then
	has 'tcbck: confined to reading, but without '
	skip "this kernel does not have all that the rest is about"
	finish
fi
check 0 - tcbck -v -n --no-confine ALL
has 'tcbck: not confined to reading: --no-confine'
check 0 - tcbck --why "$t/file"
check 0 - tcbck -n --format json ALL
check 0 - tcbck -v -y --undo "$PWD/undo" ALL
has 'tcbck: not confined to reading: something may be changed'

# --- code in the process

attack()
{
	rm -f log
	env LD_PRELOAD="$HELPERS/preload_attack.so" ATTACK_VICTIM="$t/victim" ATTACK_LOG="$PWD/log" \
		"$TCBCK" --database "$db" "$@"
}
# It works where nothing holds it in.
check 0 empty attack -n --no-confine ALL
for what in chmod 'open to write' link unlink mkdir rmdir socket connect kill fork; do
	has "$what: done" log
done
has 'execve: ENOENT' log
has 'ptrace: ESRCH' log
has 'Seccomp:	0' log
expect_true "the attack is one" test "$(stat -c %a t/victim)" = 777
chmod 0644 t/victim

echo victim >t/victim
for arguments in '-j1 -n ALL' '-j8 -n ALL' "-n $t/file" "--why $t/file" '-n --format json ALL'; do
	# shellcheck disable=SC2086 # a list
	check 0 - attack $arguments
	grep -v '^Cap' log | grep -v '^NoNewPrivs' | grep -v '^Seccomp' >tried
	sed 's/: .*//' tried | sed 's/$/: EPERM/' >expected
	same expected tried
	expect_true "all of it was tried" test "$(wc -l <tried)" -eq 15
	has 'NoNewPrivs:	1' log
	has 'Seccomp:	2' log
	for set in Prm Eff; do
		# CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_AUDIT_WRITE are all that root keeps.
		expect_true "Cap$set: nothing but what reading needs" \
			test $((0x$(sed -n "s/^Cap$set:	//p" log) & ~0x2000000c)) -eq 0
	done
	for set in Inh Amb; do
		has "Cap$set:	0000000000000000" log
	done
	[ "$(id -u)" -ne 0 ] || has 'CapBnd:	0000000000000000' log
done
expect_true "nothing has changed" test "$(stat -c '%a %s' t/victim)" = '644 7'
expect_true "nothing is new" test "$(ls t)" = 'file
victim'

# --- the same results

mkdir t/d t/d/deep
for i in 1 2 3 4 5 6 7 8; do
	echo $i >t/d/f$i
	ln -s f$i t/d/l$i
done
echo x >t/d/deep/f
ln -s d t/way
mkfifo t/d/fifo
check 0 empty tcbck -a -r "$t" owner group mode acl size hash_value checksum target capabilities class=all
check 0 empty tcbck -a "$t/way/f3" links="$t/none" symlinks="$t/d/l3,$t/d/l4"
check 0 empty tcbck -a "$t/none" type=FILE owner=root
check 0 empty tcbck -a "$t/d/nobody" type=FILE mode=0600
printf '\n%s/wrong:\n\ttype = FILE\n\towner = there is no such user\n' "$t" >>"$db"
printf '\n%s/d/f1:\n\ttype = FILE\n' "$t" >>"$db"
chmod 0600 t/d/f1
echo more >>t/d/f2
rm t/d/f5 t/d/l6
ln -s elsewhere t/d/l6
mkdir t/d/f5
chmod 0 t/d/f8
chmod 4755 t/d/f7
touch t/wrong
[ "$(id -u)" -ne 0 ] || chown 12345:54321 t/d/f4
# What differs between any two runs is taken out of JSON.
compare_runs()
{
	for form in text json; do
		for jobs in 1 8; do
			"$@" "$TCBCK" --database "$db" --format $form -j$jobs -n ALL >confined.out 2>confined.err
			confined=$?
			"$@" "$TCBCK" --database "$db" --format $form -j$jobs -n --no-confine ALL >free.out 2>free.err
			free=$?
			sed -i -e 's/"time":"[^"]*"//' -e 's/"seconds":[^,]*,//' confined.out free.out
			expect_true "$form, -j$jobs: status $confined, as without confinement" test $confined -eq $free
			same free.out confined.out
			same free.err confined.err
			[ $form = json ] || cp free.err free.text
		done
	done
	"$@" "$TCBCK" --database "$db" --why "$t/d/f4" >confined.out 2>confined.err
	"$@" "$TCBCK" --database "$db" --no-confine --why "$t/d/f4" >free.out 2>free.err
	same free.out confined.out
	same free.err confined.err
}
compare_runs env
expect_true "there is something to compare" test "$("$TCBCK" --database "$db" -n ALL 2>&1 | wc -l)" -gt 9
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 0644 "$db"
	compare_runs setpriv --reuid 65534 --regid 65534 --clear-groups
	has 'unverified: ' free.text
fi

# Another root, with its strays.
if [ "$(id -u)" -eq 0 ]; then
	mkdir -p image/etc image/bin
	echo 'root:x:0:0::/:' >image/etc/passwd
	cp t/file image/bin/defined
	cp t/file image/bin/stray
	chmod 6755 image/bin/stray
	mknod image/bin/device c 1 3
	printf '/bin/defined:\n\ttype = FILE\n\towner = root\n\tmode = 0600\n' >image.cfg
	chmod 0644 image.cfg
	check 4 - "$TCBCK" --database image.cfg --root image -n tree
	cp "$ERR" confined.err
	check 4 - "$TCBCK" --database image.cfg --root image --no-confine -n tree
	same "$ERR" confined.err
	has '/bin/stray: '
	has '/bin/device: '
fi

# --- the filter is not in the way of what a run does, and all threads have it

if command -v strace >/dev/null && strace -qq -o strace.log true 2>/dev/null; then
	tcbck -d "$t/wrong" 2>/dev/null
	for arguments in '-j4 -n ALL' '-v -o -n --progress ALL' "-n --format json --report $PWD/report ALL" "--why $t/d/f4"; do
		# shellcheck disable=SC2086 # a list
		strace -f -qq -o strace.log "$TCBCK" --database "$db" $arguments >/dev/null 2>&1
		sed -n '/SECCOMP_SET_MODE_FILTER.*filter=.*= 0$/,$p' strace.log >after
		expect_true "there is a filter: $arguments" test -s after
		# Of these libraries have another way, or no need: threads without clone3, reading without O_NOATIME.
		grep -E ' = -1 (EPERM|ENOSYS)' after | grep -v -e clone3 -e O_NOATIME >refused
		same /dev/null refused
		sed '/SECCOMP_SET_MODE_FILTER.*filter=.*= 0$/,$d' strace.log | grep -E 'CLONE_THREAD' >before
		same /dev/null before
	done
else
	skip "strace does not work here"
fi

# --- commands

cat >print <<END
#!/bin/sh
echo ran >>"$PWD/ran"
grep NoNewPrivs /proc/self/status
exit 7
END
chmod 0755 print
: >"$db"
check 0 empty tcbck -a "$t/file" mode program="$PWD/print" class=programs
check 0 empty tcbck -a "$t/victim" mode checksum class=plain
check 4 - tcbck -v -n ALL
has 'program is 7'
has 'tcbck: not confined to reading: commands are run'
has 'NoNewPrivs:'
expect_true "the command could write" test -s ran
# Where none is run, it is confined: other definitions, another root.
rm ran
check 0 - tcbck -v -n plain
has 'tcbck: confined to reading'
check 0 - tcbck -v -n "$t/victim"
has 'tcbck: confined to reading'
mkdir -p root/etc
check 4 - tcbck -v --root "$PWD/root" -n ALL
has 'tcbck: confined to reading'
expect_true "no command was run" test ! -e ran
check 0 empty tcbck -a sysck 'checksum="cksum <"'
check 0 empty tcbck -a "$t/victim" checksum
check 0 - tcbck -v -n plain
has 'tcbck: not confined to reading: commands are run'
# One that becomes another user is ended in time, too.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	printf '#!/bin/sh\nexec setpriv --reuid 65534 --clear-groups sleep 300\n' >print
	check 0 empty tcbck -a sysck program_timeout=1
	begun=$(date +%s)
	check 4 - tcbck -n programs
	expect_true "in time" test $(($(date +%s) - begun)) -lt 60
	has 'program is'
fi

# --- name services

if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
	skip "the rest needs root and mount namespaces"
	finish
fi
mkdir lib
cp "$HELPERS/preload_nss.so" lib/libnss_tcbck.so.2
echo 'passwd: files tcbck' >nsswitch
echo 'group: files' >>nsswitch
: >"$db"
check 0 empty tcbck -a "$t/file" owner=4711 mode
check 0 empty tcbck -a "$t/victim" owner=4712 mode
sed -i -e 's/4711/tcbcklocal/' -e 's/4712/tcbckremote/' "$db"
chown 4711 t/file
chown 4712 t/victim
# shellcheck disable=SC2016 # for the inner shell
served()
{
	unshare -m sh -c 'mount --bind nsswitch /etc/nsswitch.conf && exec env LD_LIBRARY_PATH=lib "$@"' sh \
		"$TCBCK" --database "$db" "$@"
}
check 0 empty served --no-confine -n ALL
check 0 empty served -n "$t/file"
# What is asked over a network by this very process can't be asked: an error, never good.
check 8 - served -n "$t/victim"
has 'tcbckremote'
check 8 - served -n ALL
finish
