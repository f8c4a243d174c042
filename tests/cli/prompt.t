# -t: every answer, from a pipe and from a terminal; the end of input, signals, colour, and names and values that want to be
# more than text.
. "$SRCDIR/tests/cli/lib.sh"

need_root
need setfacl
mkdir undo t
t=$PWD/t
db=$PWD/sysck.cfg
escape=$(printf '\033')

# Three files with two wrong attributes each, one that is missing, and one that is good.
broken()
{
	rm -rf t
	mkdir t
	: >"$db"
	for i in 1 2 3; do
		echo content >"$t/$i"
		printf '%s:\n\ttype = FILE\n\tgroup = 54321\n\tmode = rw-------\n\tclass = first,second\n\n' "$t/$i" >>"$db"
	done
	printf '%s:\n\ttype = FILE\n\n' "$t/missing" >>"$db"
	echo content >"$t/good"
	printf '%s:\n\ttype = FILE\n' "$t/good" >>"$db"
	cp "$db" before.cfg
}

# answers STATUS TEXT [OPTION]...: runs -t with the answers on a pipe
answers()
{
	wanted_exit=$1
	input=$2
	shift 2
	# shellcheck disable=SC2059 # the text is a format
	printf "$input" >input.text
	# shellcheck disable=SC2016 # for the inner shell
	check "$wanted_exit" - sh -c 'cat input.text | "$@"' sh "$TCBCK" --database "$db" --undo "$PWD/undo" -t "$@" ALL
}
# Lines of standard error, names below t, without the record's.
said()
{
	grep -v '^tcbck: undo record: ' "$ERR" | sed -e "s|$t/||g" -e "s|$PWD|@DIR@|g" >said
	printf '%s\n' "$@" >wanted
	if diff -u wanted said; then
		ok "says so"
	else
		fail "says something else"
	fi
}
modes()
{
	found=$(cd t && stat -c '%n%g:%a' 1 2 3 | tr '\n' ' ')
	expect_true "are ${found}should be $1" test "$found" = "$1 "
}

q='Fix? [y,n,u,a,s,q,?]'
broken
answers 5 'y\nn\nYES\n\nyes\nY\nx\n'
said '1: group is root, should be 54321' "$q 1: mode is rw-r--r--, should be rw-------" \
	"$q 1: group is root, should be 54321 [fixed]" '1: mode is rw-r--r--, should be rw------- [left]' \
	'2: group is root, should be 54321' "$q 2: mode is rw-r--r--, should be rw-------" \
	"$q 2: group is root, should be 54321 [fixed]" '2: mode is rw-r--r--, should be rw------- [left]' \
	'3: group is root, should be 54321' "$q 3: mode is rw-r--r--, should be rw-------" \
	"$q 3: group is root, should be 54321 [fixed]" '3: mode is rw-r--r--, should be rw------- [fixed]' \
	'missing: missing is absent, should be FILE' "$q missing: missing is absent, should be FILE [left]"
modes '154321:644 254321:644 354321:600'
has_not "$escape"
same before.cfg "$db"

# a and s are for the attribute.
broken
answers 5 'a\ns\ny\n'
modes '154321:644 254321:644 354321:644'
expect_true "asked three times" test "$(grep -o 'Fix?' "$ERR" | wc -l)" = 3
has 'missing: missing is absent, should be FILE [failed: no source to restore it from]'
broken
answers 5 's\nA\nS\n'
modes '10:600 20:600 30:600'

# q leaves this one and all others, which are told.
broken
answers 37 'y\nq\ny\ny\n'
said '1: group is root, should be 54321' "$q 1: mode is rw-r--r--, should be rw-------" \
	"$q 1: group is root, should be 54321 [fixed]" '1: mode is rw-r--r--, should be rw------- [left]' \
	'2: group is root, should be 54321' '2: mode is rw-r--r--, should be rw-------' \
	'3: group is root, should be 54321' '3: mode is rw-r--r--, should be rw-------' \
	'missing: missing is absent, should be FILE'
modes '154321:644 20:644 30:644'
# So does the end of input, a line that is not ended included: it is no yes.
for input in '' 'y' 'yes' 'y\ny'; do
	broken
	wanted=36
	case $input in *n*y) wanted=37 ;; esac
	answers $wanted "$input"
	modes "$([ $wanted = 36 ] && echo 10 || echo 154321):644 20:644 30:644"
	has 'missing: missing is absent, should be FILE'
done
# Without standard input nobody says yes.
broken
check 36 - sh -c '"$@" <&-' sh "$TCBCK" --database "$db" --undo "$PWD/undo" -t ALL
modes '10:644 20:644 30:644'
# Anything else is a no: words that begin with y, blanks apart, long lines, bytes.
broken
long=$(printf 'y%.0s' $(seq 1 300))
answers 5 ' y \t\nyy\nyes please\n'"$long"'\ny\\000\n\001\nn\n'
modes '154321:644 20:644 30:644'
broken
# 4096 lines of y in advance are all of use, and no more than are wanted.
i=0
while [ $i -lt 4096 ]; do
	echo y
	i=$((i + 1))
done >many
check 5 - sh -c '"$@" <many' sh "$TCBCK" --database "$db" --undo "$PWD/undo" -t ALL
modes '154321:600 254321:600 354321:600'

# ? shows both values, class and place, and asks again.
broken
answers 37 '?\n?\ny\nq\n'
expect_true "asked four times" test "$(grep -o 'Fix?' "$ERR" | wc -l)" = 4
for line in "  path       $t/1" '  attribute  group' '  is         root' '  should be  54321' '  class      first,second' \
	"  defined    $db:1" '  y fix  n leave'; do
	has "$line"
done
modes '154321:644 20:644 30:644'
if dpkg -S /usr/bin/passwd >/dev/null 2>&1; then
	printf '/usr/bin/passwd:\n\ttype = FILE\n\tgroup = 54321\n' >passwd.cfg
	printf '?\nn\n' | "$TCBCK" --database passwd.cfg --undo "$PWD/undo" -t ALL 2>"$ERR"
	has '  package    passwd'
fi

# u changes the definition: each attribute, and what is missing.
broken
answers 5 'u\nn\nn\nu\nn\nn\nu\n'
has '1: group is root, should be 54321 [database updated]'
has '2: mode is rw-r--r--, should be rw------- [database updated]'
has 'missing: missing is absent, should be FILE [database updated]'
modes '10:644 20:644 30:644'
expect_true "the first has its group" sh -c 'sed -n 1,5p "$1" | grep -qx "	group = root"' sh "$db"
sed -n 7,11p "$db" >second
expect_true "the second its mode, and no more" test "$(grep -cxE '	(mode = rw-r--r--|group = 54321)' second)" = 2
expect_true "the missing one is gone" sh -c '! grep -q missing "$1"' sh "$db"
"$TCBCK" --database "$db" -n ALL 2>"$ERR"
expect_true "three findings are left" test "$(wc -l <"$ERR")" = 4
# All attributes that can be computed, and names of links.
rm -rf t
mkdir t
echo content >"$t/f"
ln "$t/f" "$t/a"
ln -s f "$t/s"
mknod "$t/d" c 240 7
ln -s there "$t/l"
cat >"$db" <<END
$t/f:
	type = FILE
	owner = 54321
	group = 54321
	mode = r--r--r--
	acl = u::r--,u:5:r--,g::r--,m::r--,o::r--
	capabilities = cap_net_raw=ep
	links = $t/a,$t/b
	symlinks = $t/s,$t/s2
	size = 1
	checksum = "1"
	hash_value = sha256:$(echo x | sha256sum | cut -d' ' -f1)

$t/d:
	type = CHAR_DEV
	device = 1,2

$t/l:
	type = SYMLINK
	target = elsewhere

$t/s:
	type = FILE
	size = 1
	mode = rw-r--r--
END
cp "$db" before.cfg
yes u | "$TCBCK" --database "$db" --undo "$PWD/undo" -t ALL 2>"$ERR"
status=$?
expect_true "u to all: status $status is 1" test $status -eq 1
updated=$(grep -c 'database updated' "$ERR")
expect_true "all $updated are taken over" test "$updated" = "$(grep -o 'Fix?' "$ERR" | wc -l)" -a "$updated" -ge 12
check 0 empty "$TCBCK" --database "$db" -n ALL
expect_true "nothing was changed but the database" test ! -e "$t/b" -a "$(stat -c '%u %a' t/f)" = "0 644"
# Links that nobody knows can't be taken over.
cp before.cfg "$db"
ln "$t/f" "$t/unknown"
printf 'n\nn\nn\nn\nn\nu\nq\n' | "$TCBCK" --database "$db" --undo "$PWD/undo" -t "$t/f" 2>"$ERR"
has '[failed: '
# --- names and values that want to be more

rm -rf t
mkdir t
bad="$t/$(printf 'a\n\033[31mb\302\205c')"
touch "$bad"
ln -s "$(printf 'x\n\033]0;title\007\342\200\256y\303\244')" "$t/l"
cat >"$db" <<END
"$t/a\\n\\x1b[31mb\\xc2\\x85c":
	type = FILE
	mode = rw-------

$t/l:
	type = SYMLINK
	target = "ä\\nä"
END
for locale in C.UTF-8 C; do
	LC_ALL=$locale
	export LC_ALL
	answers 4 '?\nn\n?\nn\n'
	expect_true "$locale: no control character is in the question" \
		sh -c "! LC_ALL=C tr -d '\\n -~\\200-\\377' <'$ERR' | grep -q ."
	has "\"$t/a\\n\\x1b[31mb\\xc2\\x85c\": mode is rw-r--r--, should be rw-------"
	has '\x1b]0;title\x07\xe2\x80\xaey'
	expect_true "$locale: two questions, two more" test "$(grep -o 'Fix?' "$ERR" | wc -l)" = 4
	expect_true "$locale: lines are as many as there should be" test "$(wc -l <"$ERR")" = $((2 + 2 * 8 + 2))
done
expect_true "C: nothing but ASCII" sh -c "! LC_ALL=C tr -d '\\n -~' <'$ERR' | grep -q ."
LC_ALL=C.UTF-8

# --- usage

check 16 - "$TCBCK" --database "$db" -t --format json ALL
has '--format json'
check 16 - "$TCBCK" --database "$db" --format=json -t "$t/l"
check 16 - "$TCBCK" --database "$db" -a -t --format json -f "$db"

# --- a terminal

need expect
need_terminal
broken
cat >terminal.exp <<'END'
log_user 0
# Long: a disk may take its time for the record of undoing.
set timeout 120
proc fail {text} { puts "not ok - terminal: $text"; exit 1 }
proc wait_for {text} {
	expect {
		-ex $text {}
		timeout { fail "no $text" }
		eof { fail "it ended before $text" }
	}
}
proc end {wanted} {
	expect eof
	set status [lindex [wait] 3]
	if {$status != $wanted} { fail "status $status, should be $wanted" }
}
set kind [lindex $argv 0]
spawn -noecho $env(TCBCK) --database $env(DB) --undo $env(UNDO) -t ALL
set prompt "\033\[1mFix? \[y,n,u,a,s,q,?\]\033\[0m "
if {$kind eq "plain"} { set prompt "\nFix? \[y,n,u,a,s,q,?\] " }
switch $kind {
	colour - plain {
		wait_for "group is root"
		wait_for $prompt; send "?\r"
		wait_for "should be  54321"
		wait_for $prompt; send "y\r"
		wait_for $prompt; send "n\r"
		wait_for "\[fixed\]"
		wait_for "\[left\]"
		wait_for $prompt; send "s\r"
		wait_for $prompt; send "u\r"
		wait_for "\[database updated\]"
		wait_for $prompt; send "a\r"
		wait_for "mode is rw-r--r--, should be rw------- \[fixed\]"
		wait_for $prompt; send "q\r"
		wait_for "\[left\]"
		end 37
	}
	eof {
		wait_for $prompt; send "\004"
		wait_for "should be FILE"
		end 36
	}
	unfinished {
		wait_for $prompt; send "y\004\004"
		wait_for "should be FILE"
		end 36
	}
	interrupt {
		wait_for $prompt; send "y\r"
		wait_for $prompt; send "\003"
		wait_for "should be FILE"
		end 37
	}
}
puts "ok - terminal: $kind"
END
terminal()
{
	broken
	DB=$db UNDO=$PWD/undo TERM=xterm "$@" >"$OUT" 2>&1
	if grep -q '^ok - ' "$OUT"; then
		ok "terminal: $*"
	else
		fail "terminal: $*: $(cat "$OUT")"
	fi
}
terminal expect terminal.exp colour
modes '154321:644 20:644 30:600'
expect_true "u on a terminal" sh -c 'sed -n 7,11p "$1" | grep -qx "	mode = rw-r--r--"' sh "$db"
terminal env NO_COLOR=1 expect terminal.exp plain
modes '154321:644 20:644 30:600'
terminal expect terminal.exp eof
modes '10:644 20:644 30:644'
terminal expect terminal.exp unfinished
modes '10:644 20:644 30:644'
terminal expect terminal.exp interrupt
# What was answered before the question that nobody answered is done.
modes '154321:644 20:644 30:644'

# --- signals, where input comes from a pipe that stays open

for signal in INT TERM HUP; do
	broken
	mkfifo input
	# Not what the last one said.
	: >"$ERR"
	# The shell has what runs behind it ignore SIGINT, and what is ignored stays so.
	env --default-signal=INT "$TCBCK" --database "$db" --undo "$PWD/undo" -t ALL <input 2>"$ERR" &
	running=$!
	exec 8>input
	wait_until grep -q 'Fix?' "$ERR"
	kill -$signal $running
	wait $running
	status=$?
	exec 8>&-
	rm input
	expect_true "$signal at the prompt: status $status, should be 36" test $status -eq 36
	modes '10:644 20:644 30:644'
	has '3: mode is rw-r--r--, should be rw-------'
done
finish
