# Each system call that a run makes fails once, with each error that it can return, in each mode: it is never a crash, a hang, a
# finding that is lost without a word, or a lost or torn file. The table of calls, errors and modes is printed; see
# matrix.sh for the verdicts. The short form takes a sample of them, MATRIX_LONG=1 all (TEST_TIMEOUT=1800 gives it the time).
# MATRIX_TABLE=FILE writes the table there: MATRIX.md is one. MATRIX_MODES names the modes, MATRIX_CALLS (a pattern) the calls,
# MATRIX_SAMPLE the size of the sample; every MATRIX_SIGNALS-th call is met by signals too.
. "$SRCDIR/tests/cli/lib.sh"

need_xattr
need setcap
need_ptrace

# A sanitizer's leak check does not work under strace, and it ends the program where it gets no memory.
export ASAN_OPTIONS=detect_leaks=0 LSAN_OPTIONS=detect_leaks=0
memory=1
! grep -q fsanitize "$BUILDDIR/flags" || memory=0
# Only the calls in question are stopped at, where strace can do that.
by_filter=--seccomp-bpf
strace -f -qq --seccomp-bpf -o strace.log true 2>strace.err && [ ! -s strace.err ] || by_filter=
. "$SRCDIR/tests/fault/matrix.sh"

# --- what is looked at

r=$PWD/r
mkdir -p pristine/etc/security pristine/files/deep/er pristine/usr pristine/source
printf 'root:x:0:0::/:/bin/sh\nfred:x:54321:54321::/:/bin/sh\n' >pristine/etc/passwd
printf 'root:x:0:\nstaff:x:54321:\n' >pristine/etc/group
echo 'what it should be' >pristine/source/good
hash=$(sha256sum <pristine/source/good | cut -d' ' -f1)
for file in all content deep/er/mode names added1 added2; do
	echo "$file" >pristine/files/$file
done
setcap cap_sys_admin=ep pristine/files/all
setfacl -m u:54321:r pristine/files/all
chmod 600 pristine/files/deep/er/mode
chmod 755 pristine/files/content
ln -s wrong pristine/files/target
mkfifo pristine/files/type
mknod pristine/files/device c 1 3
# Strays.
for file in setuid setgid capabilities; do
	echo $file >pristine/usr/$file
done
chmod 4755 pristine/usr/setuid
chmod 2755 pristine/usr/setgid
setcap cap_net_raw=ep pristine/usr/capabilities
setfattr -n security.tcb -v 1 pristine/usr/setgid
mknod pristine/usr/device b 7 7
ln pristine/files/names pristine/usr/link
ln -s ../files/names pristine/usr/symlink
# Every attribute is wrong, so that whichever is not looked at is a finding lost.
cat >pristine/etc/security/sysck.cfg <<END
* kept
/files/all:
	type = FILE
	owner = fred
	group = staff
	mode = SUID,rwxr-x---
	acl =
	capabilities = cap_net_raw=ep
	size = 1
	checksum = 1 2
	hash_value = $hash
	links = /files/all.link
	symlinks = /files/all.symlink

/files/deep/er/mode:
	type = FILE
	mode = rw-r-----

/files/target:
	type = SYMLINK
	target = right

/files/device:
	type = CHAR_DEV
	device = 1,5

/files/type:
	type = FILE

/files/gone:
	type = DIRECTORY
END
# Only what can be put right.
cat >repair.cfg <<END
/files/all:
	type = FILE
	owner = root
	group = staff
	mode = rwxr-x---
	acl =
	capabilities = cap_net_raw=ep

/files/content:
	type = FILE
	mode = SUID,rwxr-xr-x
	hash_value = $hash
	source = /source/good

/files/deep/er/mode:
	type = FILE
	mode = rw-r-----

/files/names:
	type = FILE
	links = /files/names.link,/usr/link
	symlinks = /files/names.symlink

/files/target:
	type = SYMLINK
	target = right

/files/gone:
	type = FILE
	hash_value = $hash
	source = /source/good
END

# --- the modes: run_MODE runs it; set_up_KIND is what it begins with, judge_KIND looks at what it has left

run_check() { traced --root "$r" -j 1 -n ALL; }
run_verbose() { traced --root "$r" -j 1 -v -n ALL; }
run_json() { traced --root "$r" -j 1 --format json -n ALL; }
run_tree() { traced --root "$r" -j 1 -n tree; }
run_host() { traced --database "$PWD/host.cfg" -j 1 -n ALL; }
run_jobs() { traced --root "$r" -j 3 -n tree; }
run_add() { traced --root "$r" -j 1 -a /files/added1 owner mode size hash_value; }
run_recursive() { traced --root "$r" -j 1 -a -r /files/deep owner mode; }
run_register() { traced --root "$r" -j 1 -a tree class=found; }
run_delete() { traced --root "$r" -d /files/gone; }
run_repair() { traced --root "$r" --undo "$PWD/undo" -j 1 -y ALL; }
run_undo() { traced --root "$r" --database "$PWD/undone.cfg" --undo "$PWD/undo2" -j 1 -y ALL; }
kind_of()
{
	case $1 in
	add | recursive | register | delete) echo update ;;
	repair | undo) echo "$1" ;;
	*) echo check ;;
	esac
}

database=r/etc/security/sysck.cfg
set_up_check() { :; }
set_up_update()
{
	rm -f r/etc/security/.sysck* r/etc/security/sysck*
	cp pristine/etc/security/sysck.cfg $database
}
set_up_repair()
{
	rm -rf r undo
	cp -a pristine r
	cp repair.cfg $database
}
set_up_undo()
{
	rm -rf r undo2
	cp -a repaired r
}

# Nothing is changed, and nothing is left.
judge_check()
{
	cmp -s $database pristine/etc/security/sysck.cfg || damage="the database is changed"
	[ "$(echo r/etc/security/* r/etc/security/.[!.]*)" = "$database r/etc/security/.[!.]*" ] || damage="a file is left"
}

# The database is old or new, and new if that was confirmed; what is left does not disturb the next update.
judge_update()
{
	if cmp -s $database "new.$mode"; then
		state=new
	elif cmp -s $database pristine/etc/security/sysck.cfg; then
		state=old
		[ "$status" -ne 0 ] || damage="confirmed, but it is not in"
	elif [ $((status & 8)) -ne 0 ] && ! grep -vxF -f "new.$mode" $database &&
		cmp -s -n "$(wc -c <pristine/etc/security/sysck.cfg)" $database pristine/etc/security/sysck.cfg; then
		# What could not be looked at is told, and not in; everything else is.
		state=part
	else
		damage="the database is neither old nor new"
		return
	fi
	[ "$(stat -c %a $database)" = 644 ] || damage="the mode is not kept"
	[ -e r/etc/security/.sysck.cfg.new ] || return
	"$TCBCK" --root "$r" -a /next type=FILE 2>err2 || damage="the next update fails: $(cat err2)"
	[ ! -e r/etc/security/.sysck.cfg.new ] || damage="the next update leaves a file"
	grep -q '^/next:' $database || damage="the next update is not in"
}

# A temporary name has no privilege. What there is under a proper name has content, of old or of new. A second run ends it.
judge_repair()
{
	find r/files r/usr -name '.tcbck.*' -perm /6000 ! -links +1 >powerful
	[ ! -s powerful ] || damage="a privilege under a temporary name: $(cat powerful)"
	find r/files r/usr -type f ! -name '.tcbck.*' -exec sha256sum '{}' + | cut -d' ' -f1 | sort -u >contents.is
	[ -z "$(comm -13 contents contents.is)" ] || damage="half a file"
	cmp -s $database repair.cfg || damage="the database is changed"
	find r -name '.tcbck.*' -exec rm -r '{}' +
	"$TCBCK" --root "$r" --undo "$PWD/undo" -j 1 -y ALL 2>err2 && : # whatever was left
	shown >state.is
	cmp -s state.repaired state.is || damage="a second run does not end it: $(diff state.repaired state.is | sed -n 2,3p)"
	for record in undo/*.cfg; do
		[ ! -e "$record" ] || "$TCBCK" --root "$r" --database "$PWD/$record" --undo "$PWD/undo2" -n ALL 2>err2
		[ $(($? & 24)) -eq 0 ] || damage="the undo record can't be read: $(cat err2)"
	done
	rm -rf undo2
}
judge_undo()
{
	find r/files r/usr -type f ! -name '.tcbck.*' -exec sha256sum '{}' + | cut -d' ' -f1 | sort -u >contents.is
	[ -z "$(comm -13 contents contents.is)" ] || damage="half a file"
	find r -name '.tcbck.*' -exec rm -r '{}' +
	"$TCBCK" --root "$r" --database "$PWD/undone.cfg" --undo "$PWD/undo2" -j 1 -y ALL 2>err2 && : # whatever was left
	shown >state.is
	cmp -s state.undone state.is || damage="a second run does not end it: $(diff state.undone state.is | sed -n 2,3p)"
}
shown()
{
	(cd r && sh "$SRCDIR/tests/cli/state" files)
}

# --- undisturbed

cp -a pristine r
cat >host.cfg <<END
$r/files/all:
	type = FILE
	owner = fred-is-not-here
	group = daemon
	mode = rwxr-x---
	program = $PWD/program

$r/files/deep/er/mode:
	type = FILE
	owner = daemon
	size = 77
END
printf '#!/bin/sh\nexit 7\n' >program
chmod 755 program
for file in pristine/files/all pristine/files/content pristine/files/deep/er/mode pristine/files/names pristine/source/good \
	pristine/files/added1 pristine/files/added2 pristine/usr/setuid pristine/usr/setgid pristine/usr/capabilities; do
	sha256sum <$file | cut -d' ' -f1
done | sort -u >contents

all="check verbose json tree host jobs add recursive register delete repair undo"
: "${MATRIX_MODES:=$all}"
loader=1
: >planned
for mode in $all; do
	kind=$(kind_of "$mode")
	injection=
	call=
	# Once before it, so that what is made at the first use is there.
	if [ "$mode" = undo ]; then
		set_up_repair
		run_repair
		cp -a r repaired
		cp undo/*.cfg undone.cfg
	fi
	rm -rf r
	cp -a pristine r
	"set_up_$kind"
	without_filter=$by_filter
	by_filter=
	"run_$mode"
	status=$?
	by_filter=$without_filter
	echo $status >"status.$mode"
	found >"found.$mode"
	cp strace.log "log.$mode"
	cp $database "new.$mode"
	case $mode in
	repair) shown >state.repaired ;;
	undo) shown >state.undone ;;
	esac
	expect_true "$mode: ends with $status, $(wc -l <"found.$mode") findings" test $status -lt 16
	case " $MATRIX_MODES " in
	*" $mode "*) plan strace.log "$mode" "$loader" "${MATRIX_SIGNALS-40}" >>planned ;;
	esac
	loader=
done
for attribute in acl capabilities checksum device group hash_value links missing mode owner size symlinks target type; do
	for mode in check verbose tree jobs; do
		grep -q ": $attribute is " "found.$mode" || fail "$mode: does not find $attribute"
	done
	grep -q "\"attribute\":\"$attribute\"" found.json || fail "json: does not find $attribute"
done
[ -z "${MATRIX_CALLS-}" ] || { awk -v calls="^($MATRIX_CALLS)\$" '$2 ~ calls' planned >some && mv some planned; }

# A sample: as many as fit the time, of each mode and error some, spread evenly.
if [ -z "${MATRIX_LONG-}" ]; then
	awk -v step="$(($(wc -l <planned) / ${MATRIX_SAMPLE:-250} + 1))" 'NR % step == 0' planned >some
	mv some planned
fi

# --- disturbed

echo "$(wc -l <planned) faults are chosen"
: >results
last=
start=$(date +%s)
while read -r mode call n error phase; do
	if [ "$mode" != "$last" ]; then
		kind=$(kind_of "$mode")
		rm -rf r
		cp -a pristine r
		status_wanted=$(cat "status.$mode")
		last=$mode
		repairs=
		case $kind in repair | undo) repairs=yes ;; esac
	fi
	"set_up_$kind"
	case $error in
	SIG*) injection="-e trace=$call -e inject=$call:signal=${error#SIG}:when=$n" ;;
	*) injection="-e trace=$call -e inject=$call:error=$error:when=$n" ;;
	esac
	"run_$mode"
	status=$?
	why=
	damage=
	judge_status
	"judge_$kind"
	if [ -n "$damage" ]; then
		verdict=broken
		why="$why; $damage"
	fi
	echo "$mode $call $n $error $verdict" >>results
	[ $verdict != broken ] || echo "$mode: $error of $call $n: $why" >>broken
done <planned

for mode in $MATRIX_MODES; do
	made=$(grep -c "^$mode " results)
	if grep -q "^$mode: " broken 2>/dev/null; then
		fail "$mode: $(grep -c "^$mode: " broken) of $made: $(grep "^$mode: " broken | head -n 20)"
	else
		ok "$mode: each of $made faults"
	fi
done
expect_true "$(grep -c ' told$' results) faults are told" grep -q ' told$' results
echo "$(wc -l <results) runs in $(($(date +%s) - start)) seconds"
table results >table
cat table
[ -z "${MATRIX_TABLE-}" ] || document table >"$MATRIX_TABLE"
[ -z "${MATRIX_BROKEN-}" ] || cp broken "$MATRIX_BROKEN" 2>/dev/null
finish
