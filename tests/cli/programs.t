# Commands that a definition has run: `program` and a checksum command of one's own.
. "$SRCDIR/tests/cli/lib.sh"

db=$PWD/sysck.cfg
echo content >file
mkdir bin

tcbck()
{
	timeout 100 "$TCBCK" --database "$db" "$@"
}
# program NAME: a checker with the script on standard input; defined for ./file
program()
{
	cat >"bin/$1"
	chmod 755 "bin/$1"
}
define()
{
	tcbck -a "$PWD/file" "program=$*" || fail "cannot define $*"
}

# --- arguments and status

program arguments <<'END'
#!/bin/sh
printf '%s\n' "$#" "$@" >"$(dirname "$2")/arguments"
END
define "$PWD/bin/arguments,%m,%f,100%,%%f,%x,\"-n %m of %f\\, yes\",\"a \\\"q\\\" b\",\$HOME;ls"
check 0 empty tcbck -n ALL
# Only %m and %f mean something; `%%f` is a percent sign before one.
printf '%s\n' 8 -n "$PWD/file" 100% "%$PWD/file" %x "-n -n of $PWD/file, yes" 'a "q" b' '$HOME;ls' >wanted
same arguments wanted
define "$PWD/bin/arguments,%f,%f"
check 0 empty tcbck -n ALL

for status in 1 3 255; do
	echo "exit $status" | { printf '#!/bin/sh\n'; cat; } | program status
	define "$PWD/bin/status"
	echo "@DIR@/file: program is $status, should be 0" >expected
	check 4 expected tcbck -n ALL
done
printf '#!/bin/sh\nkill -TERM $$\n' | program status
echo "@DIR@/file: program is 143, should be 0" >expected
check 4 expected tcbck -n ALL
# With output and status 0 nothing is said; a program that is no script, and one with a fault in its first line.
define /bin/echo,something
check 0 empty tcbck -n ALL
define /bin/false
check 4 - tcbck -n ALL
has "$PWD/file: program is 1, should be 0"
printf '#!/nowhere/at/all\n' | program status
define "$PWD/bin/status"
check 8 - tcbck -n ALL
has "$PWD/file: program unverified: "

# --- output

program loud <<'END'
#!/bin/sh
printf 'first \033[31mred\n'
printf 'second "quoted" \\ \t \377 \303\274\n' >&2
exit 2
END
define "$PWD/bin/loud"
cat >expected <<'END'
@DIR@/file: program is 2 "first \x1b[31mred\nsecond \"quoted\" \\ \t \xff ü", should be 0
END
check 4 expected tcbck -n ALL
LC_ALL=C check 4 - tcbck -n ALL
has '\xff \xc3\xbc", should be 0'
check 4 - tcbck --format json -n ALL
expect_true "its JSON is one line and has no control characters" sh -c '[ "$(grep -c program "$1")" -eq 1 ] &&
	! LC_ALL=C tr -d "\n" <"$1" | LC_ALL=C grep -q "[[:cntrl:]]"' sh "$OUT"
program endless <<'END'
#!/bin/sh
yes 0123456789012345678901234567890123456789 | head -c 30000000
exit 1
END
define "$PWD/bin/endless"
check 4 - tcbck -n ALL
expect_true "much output is cut: $(wc -c <"$ERR") bytes" test "$(wc -c <"$ERR")" -lt 20000
expect_true "and stays one line" test "$(wc -l <"$ERR")" -eq 1

# --- time

check 0 empty tcbck -a sysck program_timeout=1
program slow <<'END'
#!/bin/sh
trap '' TERM INT HUP
echo begun
sleep 100.25 &
echo $! >"$1"
sleep 100.25
END
define "$PWD/bin/slow,$PWD/sleeper"
begin=$(date +%s)
check 4 - tcbck -n ALL
has "$PWD/file: program is killed at program_timeout \"begun\", should be 0"
expect_true "it is killed in time" test $(($(date +%s) - begin)) -lt 30
gone()
{
	! kill -0 "$(cat sleeper)" 2>/dev/null || grep -q '^State:.Z' "/proc/$(cat sleeper)/status"
}
expect_true "what it started is killed too" gone
# One that ends and leaves something running in its group.
program leaves <<'END'
#!/bin/sh
sleep 100.25 &
echo $! >"$1"
END
define "$PWD/bin/leaves,$PWD/sleeper"
begin=$(date +%s)
check 0 empty tcbck -n ALL
expect_true "what it leaves behind holds nothing up" test $(($(date +%s) - begin)) -lt 30
expect_true "and is killed" gone
check 0 empty tcbck -a sysck program_timeout=60

# --- environment, descriptors, directory

program surroundings <<'END'
#!/bin/sh
cd -P . && exec >"$1" 2>&1
pwd
umask
readlink /proc/self/fd/0
tr '\0' '\n' </proc/$$/environ | sort
ls /proc/$$/fd | wc -l
ps -o pgid= -p $$ 2>/dev/null | grep -qw $$ && echo own group
grep -E '^Sig(Ign|Blk)' /proc/self/status | tr -d '\t'
END
define "$PWD/bin/surroundings,$PWD/seen"
exec 9<"$db"
LD_PRELOAD='' IFS=x ENV=/nowhere BASH_ENV=/nowhere SECRET=1 PATH="$PWD/evil:$PATH" check 0 empty sh -c 'exec "$0" "$@" <"$0"' \
	"$TCBCK" --database "$db" -n ALL
exec 9<&-
expect_true "it runs in /" test "$(sed -n 1p seen)" = /
expect_true "with a umask of its own" test "$(sed -n 2p seen)" = 0077
expect_true "and standard input from /dev/null" test "$(sed -n 3p seen)" = /dev/null
for name in SECRET ENV BASH_ENV IFS LD_PRELOAD evil; do
	has_not "$name" seen
done
has PATH=/usr/sbin:/usr/bin:/sbin:/bin seen
has LC_ALL=C seen
has "own group" seen
has SigIgn:0000000000000000 seen
has SigBlk:0000000000000000 seen

# --- trust

# A script is opened by descriptor, so its own name tells it nothing of where it is.
printf '#!/bin/sh\necho ran >>"%s"\n' "$PWD/ran" >bin/trusted
chmod 755 bin/trusted
define "$PWD/bin/trusted"
check 0 empty tcbck -n ALL
expect_true "a trusted program is run" test -e ran
refused()
{
	rm -f ran
	check 8 - tcbck -n ALL
	has "$PWD/file: program unverified: "
	has "$1"
	expect_true "it is not run" test ! -e ran
}
chmod 775 bin/trusted
refused "is not trusted: not only its owner can write to it"
chmod 757 bin/trusted
refused "is not trusted"
chmod 644 bin/trusted
refused "is not an executable regular file"
chmod 755 bin/trusted
chmod 775 bin
refused "bin is writable for group or others"
chmod 1777 bin
refused "its directory is writable for group or others"
chmod 755 bin
mv bin/trusted bin/real
refused "No such file"
mkfifo bin/trusted
refused "is not an executable regular file"
rm bin/trusted
mkdir bin/trusted
refused "is not an executable regular file"
rmdir bin/trusted
ln -s real bin/trusted
rm -f ran
check 0 empty tcbck -n ALL
expect_true "a trusted symlink to a trusted program does" test -e ran
mkdir public
chmod 777 public
mv bin/real public/real
chmod 755 public/real
ln -sf ../public/real bin/trusted
refused "public is writable for group or others"
rm bin/trusted
mv public/real bin/trusted
if command -v setfacl >/dev/null && setfacl -m u:1:rwx bin/trusted 2>/dev/null; then
	refused "is not trusted"
	setfacl -b bin/trusted
	setfacl -m u:1:rwx bin
	refused "is writable for group or others"
	setfacl -b bin
fi
if [ "$(id -u)" -eq 0 ]; then
	chown 65534 bin/trusted
	refused "its owner is user 65534"
	chown 0 bin/trusted
	chown 65534 bin
	refused "belongs to user 65534"
	chown 0 bin
fi
rm -f ran
check 0 empty tcbck -n ALL
expect_true "trusted again, it is run again" test -e ran
# No name but an absolute one is one.
for bad in trusted ../bin/trusted "$PWD/bin/../bin/trusted"; do
	check 8 - tcbck -a "$PWD/file" program="$bad"
done
tcbck -a "$PWD/file" program= || fail "cannot take the program away"

# --- a checksum command of one's own

check 0 empty tcbck -a sysck 'checksum="wc -c <"'
check 0 empty tcbck -a "$PWD/file" checksum
expect_true "it computes" grep -qx '	checksum = "8"' "$db"
check 0 empty tcbck -n ALL
echo longer content >file
echo '@DIR@/file: checksum is "15", should be "8"' >expected
check 4 expected tcbck -n ALL
# Names never become shell text: each of these files has a name that would do something.
mkdir names
for name in '$(touch made1)' '`touch made2`' '; touch made3' '-c' '"; touch made4; "' "'; touch made5; '" \
	'| touch made6' '$1' '*' 'made7 > made7' "$(printf 'a\ntouch made8')" "$(printf '\377\033x')" ' x '; do
	printf '%s' "$name" >"names/$name"
done
names=$(find names -type f -printf x | wc -c)
check 0 empty tcbck -a -r "$PWD/names" checksum size
sed -i 's|^\(	checksum = \)"8"$|\1"15"|' "$db"
check 0 empty tcbck -n ALL
expect_true "all $names names are defined" test "$(grep -c '^	checksum = ' "$db")" -eq $((names + 2))
expect_true "no name did anything" test -z "$(find . / -maxdepth 1 -name 'made*')"
# What is written to standard error is not its result, what comes with another status is none.
check 0 empty tcbck -a sysck 'checksum="echo noise >&2; wc -c <"'
check 0 empty tcbck -n "$PWD/file"
check 0 empty tcbck -a sysck 'checksum="false"'
check 8 - tcbck -n "$PWD/file"
has "$PWD/file: checksum unverified: the checksum command ended with 1"
check 0 empty tcbck -a sysck 'checksum="/nowhere/sum"'
check 8 - tcbck -n "$PWD/file"
has "the checksum command ended with 127"
check 0 empty tcbck -a sysck program_timeout=1 'checksum="sleep 20; cat"'
check 8 - tcbck -n "$PWD/file"
has "$PWD/file: checksum unverified: the checksum command was killed at program_timeout"
# Text is compared byte for byte after trimming, numbers mean nothing here.
check 0 empty tcbck -a sysck program_timeout=60 'checksum="printf \"  007   1 \\n\"; :"'
check 0 empty tcbck -a "$PWD/file" 'checksum="007   1"'
check 0 empty tcbck -n "$PWD/file"
check 0 empty tcbck -a "$PWD/file" 'checksum="7 1"'
check 4 - tcbck -n "$PWD/file"
# A file that nobody may read, and a thing that is no file, are not handed to it.
rm file
mkfifo file
check 4 - tcbck -n "$PWD/file"
has "type is FIFO, should be FILE"
finish
