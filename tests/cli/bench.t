# `make bench`: what measures counts right, and a wrong answer is never a time. Nothing here says how fast anything is.
. "$SRCDIR/tests/cli/lib.sh"

bench=$BUILDDIR/tests/bench
tab=$(printf '\t')
unset BENCH_PARTS BENCH_RUNS BENCH_KEEP BENCH_THREADS BENCH_WORKERS
if [ ! -x "$bench/floor" ]; then
	skip "the helpers of tests/bench are not built"
	finish
fi

# One file's digest is that file's; the threads share the work, whatever their number.
mkdir one
printf 'content' >one/file
check 0 empty "$bench/floor" one
digest=$(sha256sum one/file | cut -d ' ' -f 1)
expect_true "the floor's digest is sha256sum's" test "$(cat "$OUT")" = "2 objects 7 bytes $digest"
check 0 empty "$bench/corpus" small small 250
expect_true "a corpus has the files it was asked for" test "$(find small -type f | wc -l)" -eq 250
check 0 empty "$bench/floor" -j 1 small
cp "$OUT" once
bytes=$(find small -type f -exec cat {} + | wc -c)
expect_true "the floor reads everything" test "$(cut -d ' ' -f 1-4 once)" = "254 objects $bytes bytes"
check 0 empty "$bench/floor" -j 4 small
same once "$OUT"
check 0 empty "$bench/corpus" small again 250
expect_true "a corpus is the same each time" diff -r small again
check 0 empty "$bench/floor" -l stat small
has "254 objects 0 bytes 0000"  "$OUT"

# What is measured: the status, the time, and the memory of the largest process.
check 3 empty "$bench/measure" table label sh -c 'sleep 0.2; exit 3'
expect_true "a line for the command" grep -qE "^label${tab}0\.[2-9][0-9]*${tab}0\.[0-9]*${tab}[1-9][0-9]*${tab}3\$" table

case $PWD in
*[!A-Za-z0-9/._-]*)
	skip "the rest needs a directory without special characters in its path"
	finish
	;;
esac
export BENCH_DIR="$PWD" BENCH_RUNS=1 BENCH_FILES=250 BENCH_CHANGES=10 BENCH_RESULTS=results
run() { BUILD=$BUILDDIR sh "$SRCDIR/tests/bench/run"; }
# A value of the table: cell WORK PROGRAM COLUMN
cell() { awk -F ' *[|] *' -v work="$1" -v program="$2" -v column="$3" '$2 == work && $3 == program { print $column }' results; }

# All of it on little, without peers.
mkdir usr
printf 'x' >usr/file
export AIDE=none MTREE=none INTEGRIT=none BENCH_USR="$PWD/usr" BENCH_LARGE='2 1' BENCH_GROWTH='100 250'
export BENCH_PARTS='define check changes metadata one tree usr large growth'
check 0 - run
for work in '-a -r, corpus B' '-n ALL, corpus B' '-n ALL, 10 changes, corpus B' '-n ALL, metadata only, corpus B' \
	'-n ALL, corpus A' '-n ALL, corpus C' '-n ALL, 100 files' '-n ALL, 250 files'; do
	expect_true "$work has a time, and is so many times the floor" \
		sh -c 'echo "$1" | grep -qE "^[0-9.]+ \(.*\)$" && echo "$2" | grep -qE "^[0-9]+\.[0-9]+$"' sh \
		"$(cell "$work" tcbck 4)" "$(cell "$work" tcbck 9)"
done
expect_true "growth counts definitions" grep -qE '^\| 254 \|' results
has '| -n ALL, corpus B | tcbck / floor | at most 1.35 |' results
has '| aide | not installed |' results
expect_true "nothing is left over" test ! -e tcbck-bench

# A program that says something else than what was changed is no result.
cat >wrong <<END
#!/bin/sh
"$TCBCK" "\$@"
status=\$?
case " \$* " in *" ALL "*) echo 'one more' >&2 ;; esac
exit \$status
END
chmod +x wrong
BENCH_PARTS=changes
TCBCK=$PWD/wrong check 1 - run
has '| -n ALL, 10 changes, corpus B | tcbck | failed: 11 found, should be 10 |' results
has '| -n ALL, 10 changes, corpus B | floor |' results

# The packages of a host, played by others: both peers answer, and each time the same, or it is no result.
cat >played <<END
#!/bin/sh
case " \$* " in
*" -a "*)
	printf '/usr/bin/x:\n\ttype = FILE\n' >"$PWD/tcbck-bench/db/packages.tcbck"
	echo '/usr/bin/x: missing is absent, should be FILE' >&2
	exit 4
	;;
*" inventory "*)
	echo '/usr/bin/x: missing is absent, should be FILE' >&2
	exit 4
	;;
*) exec "$TCBCK" "\$@" ;;
esac
END
# A peer: how long it takes, what it says, and its status.
cat >dpkg-played <<END
#!/bin/sh
[ "\$1" = --verify ] || exit
echo 'missing     /usr/bin/x'
sleep 0.3
END
cat >debsums-played <<END
#!/bin/sh
[ "\$1" = -s ] || exit
echo one >>"$PWD/asked"
cat "$PWD/asked" >&2
exit 2
END
chmod +x played dpkg-played debsums-played
BENCH_PARTS=packages
export DPKG="$PWD/dpkg-played" DEBSUMS=none
TCBCK=$PWD/played check 0 - run
taken=$(cell "-n inventory, the host's packages" dpkg 4)
expect_true "dpkg took its time" sh -c 'echo "$1" | grep -qE "^0\.[3-9]"' sh "$taken"
has "| -n inventory, the host's packages | dpkg / tcbck | at least 3 |" results
has "| -n inventory, the host's packages | debsums / tcbck | at least 3 | - | not measured |" results
DEBSUMS=$PWD/debsums-played
TCBCK=$PWD/played check 1 - run
has "| -n inventory, the host's packages | debsums | failed: not the answer of the first time |" results
DPKG=none
check 0 - run
has_not "host's packages" results
unset DPKG DEBSUMS

# Medians, ratios and targets.
mkdir tables
printf 'check\t-n ALL, corpus B\n' >tables/works
printf 'check\t100\n' >tables/counts
printf 'check\ttcbck\t5000\n' >tables/sizes
: >tables/failures
echo "machine${tab}a test" >tables/machine
for wall in 3.0 1.0 2.0; do
	printf 'check\tfloor\t%s\t1.0\t1000\t0\n' $wall
done >tables/measurements
printf 'check\ttcbck\t2.6\t1.0\t26000\t0\ncheck\taide\t5.2\t1.0\t100000\t0\n' >>tables/measurements
awk -f "$SRCDIR/tests/bench/report.awk" -v directory=tables "$SRCDIR/tests/bench/targets" >results
has '| -n ALL, corpus B | tcbck / floor | at most 1.35 | 1.30 | met |' results
has '| -n ALL, corpus B | aide / tcbck | at least 3 | 2.00 | **not met** |' results
has '| -n ALL, corpus B | tcbck, bytes of memory a definition beyond the database | at most 200 | 210 | **not met** |' results
has '| -n ALL, corpus B | memory of tcbck / aide | at most 0.25 | 0.26 | **not met** |' results
has '| -n ALL, corpus B | memory of tcbck / mtree | at most 1 | - | not measured |' results
has '| -n ALL, corpus B | floor | 2.000 (1.000-3.000) | 1.000 |' results

# Peers find what was changed, or their time is no result either.
unset AIDE MTREE INTEGRIT
BENCH_PARTS='check changes'
peers=
for peer in aide mtree integrit; do
	if command -v $peer >/dev/null; then
		peers="$peers $peer"
	else
		skip "$peer is not installed"
	fi
done
[ -n "$peers" ] || finish
check 0 - run
for peer in $peers; do
	expect_true "$peer was measured" sh -c 'echo "$1" | grep -qE "^[0-9.]+$"' sh "$(cell '-n ALL, corpus B' "$peer" 10)"
done
finish
