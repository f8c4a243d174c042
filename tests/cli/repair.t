# A tree of 400 objects with 150 random wrong attributes: -y fixes what can be fixed, the next -n shows exactly the rest, and
# the undo record brings back the state before, as other programs see it. Which ones are wrong depends on $REPAIR_SEED.
. "$SRCDIR/tests/cli/lib.sh"

need_xattr
need setcap
seed=${REPAIR_SEED:-$(($(date +%s) % 100000))}
echo "seed: REPAIR_SEED=$seed"
state="$SRCDIR/tests/cli/state"
db=$PWD/sysck.cfg
mkdir undo

tcbck()
{
	"$TCBCK" --database "$db" --undo "$PWD/undo" "$@"
}

# --- the tree, its definitions, the damage and what of it can't be fixed, all from one sequence of random numbers

awk -v seed="$seed" -v top="$PWD" -v wrong=150 '
function random(n) { return int(rand() * n) }
function make(text) { print text >"make.sh" }
function define(text) { print text >"definitions" }
function break_it(text) { print text >"break.sh" }
function rights(path, with_mode) {
	if (random(3) == 0) make("chown -h " (random(2) ? 54321 : 0) ":" (random(2) ? 54322 : 0) " " path)
	if (!with_mode) return
	make("chmod " modes[random(6)] " " path)
	if (random(6) == 0) make("setfacl -m u:54323:r,g:54324:rx " path)
}
function begin(path, type) { define("\n" top "/" path ":\n\ttype = " type "\n\towner\n\tgroup") }
function begin_full(path, type) { begin(path, type); define("\tmode"); define("\tacl") }

function damage_rights(path, type,    kind) {
	kind = random(type == "FILE" ? 7 : type == "SYMLINK" ? 2 : 4)
	if (kind == 0) {
		# Capabilities and set-id bits go with it, or are there all the same.
		break_it("mode=$(stat -c %a " path "); chown -h " 50000 + random(9) " " path \
			(random(2) && type == "FILE" ? " && chmod $mode " path : ""))
	} else if (kind == 1) break_it("chgrp -h " 50000 + random(9) " " path)
	else if (kind == 2) break_it("chmod " modes[random(8)] " " path)
	else if (kind == 3) break_it(random(2) ? "setfacl -b " path : "setfacl -m u:" 51000 + random(9) ":rw " path)
	else if (kind == 4) break_it("setfattr " (random(2) ? "-x" : "-v 1 -n") " security.tcb " path " 2>/dev/null")
	else if (kind == 5) break_it("setcap cap_sys_admin=ep " path)
	else break_it("setcap -q -r " path " 2>/dev/null; chmod 4777 " path)
}
function damage_whole(path, type, has_source,    kind) {
	kind = random(type == "FILE" ? 7 : 4)
	if (!has_source) print top "/" path >"unfixable"
	if (kind == 0) break_it("rm " path)
	else if (kind == 1) break_it("rm " path " && mkdir " path (type == "FILE" ? "" : " && setfacl -m d:u:51000:rwx " path))
	else if (kind == 2) break_it("rm " path " && printf new >" path " && chown 50000 " path " && chmod 4755 " path)
	else if (kind == 3) break_it("rm " path " && " (type == "SYMLINK" ? "mkfifo " : "ln -s elsewhere ") path)
	else if (kind == 4) break_it("printf x >>" path)
	else if (kind == 5) break_it("printf changed >" path " && chmod 4755 " path)
	else break_it(": >" path " && chown 50001 " path)
}

BEGIN {
	srand(seed)
	count = 0
	split("0644 0755 0600 4755 2755 0711 1777 0000", list)
	for (i in list) modes[i - 1] = list[i]
	for (i = 0; i < 20; i++) {
		path = sprintf("tree/d%02d", i)
		make("mkdir -p " path); make("chmod " (random(2) ? "0755" : "0711") " " path)
		if (random(3) == 0) make("setfacl -d -m u:54321:rx " path)
		begin_full(path, "DIRECTORY")
		name[count] = path; types[count++] = "DIRECTORY"
	}
	for (i = 0; i < 270; i++) {
		path = sprintf("tree/d%02d/f%03d", random(20), i)
		make("awk \"BEGIN { for (i = 0; i < " random(2000) "; i++) print i * " random(1000) " }\" >" path)
		begin_full(path, "FILE"); define("\tcapabilities\n\tsize\n\thash_value")
		if (random(2)) define("\tchecksum")
		rights(path, 1)
		if (random(10) == 0) make("setfattr -n security.tcb -v 1 " path)
		if (random(8) == 0) make("setcap cap_net_raw,cap_chown=ep " path)
		if (random(3)) {
			define("\tsource = " top "/sources/" i)
			make("cp " path " sources/" i)
			source[count] = 1
		}
		if (i % 12 == 0) {
			make("ln " path " " path ".hard")
			define("\tlinks = " top "/" path ".hard")
			hard[count] = 1
		} else define("\tlinks")
		if (i % 12 == 6) {
			make("ln -s " top "/" path " " path ".soft")
			define("\tsymlinks = " top "/" path ".soft")
			soft[count] = 1
		}
		name[count] = path; types[count++] = "FILE"
	}
	for (i = 0; i < 65; i++) {
		path = sprintf("tree/d%02d/x%03d", random(20), i)
		type = i < 25 ? "SYMLINK" : i < 40 ? "FIFO" : i < 50 ? "SOCKET" : i < 60 ? "CHAR_DEV" : "BLK_DEV"
		if (type == "SYMLINK") make("ln -s to/" i " " path)
		else if (type == "FIFO") make("mkfifo " path)
		else if (type == "SOCKET") make("$HELPERS/make socket " path)
		else make("mknod " path (type == "BLK_DEV" ? " b " : " c ") 240 + random(9) " " random(9))
		rights(path, type != "SYMLINK")
		if (type == "SYMLINK") { begin(path, type); define("\ttarget") } else begin_full(path, type)
		if (type ~ /DEV/) define("\tdevice")
		if (random(3)) { define("\tsource ="); source[count] = 1 }
		name[count] = path; types[count++] = type
	}
	while (done < wrong) {
		i = random(count)
		if (i in whole) continue
		path = name[i]
		what = random(10)
		if (what < 4 && types[i] != "DIRECTORY" && !(i in touched)) {
			whole[i] = 1
			damage_whole(path, types[i], i in source)
		} else if (what == 4 && (i in hard)) {
			break_it("rm " path ".hard")
			if (random(2)) break_it("printf other >" path ".hard; chmod 4711 " path ".hard")
			delete hard[i]
		} else if (what == 5 && (i in soft)) {
			break_it("ln -sfn wrong " path ".soft" (random(2) ? "; rm " path ".soft" : ""))
			delete soft[i]
		} else if (what == 6 && types[i] == "SYMLINK" && !(i in touched)) {
			break_it("ln -sfn \"wrong target\" " path)
		} else if (types[i] == "DIRECTORY") {
			kind = random(3)
			break_it((kind == 0 ? "chmod 1700 " : kind == 1 ? "setfacl -k -m u:50000:rx " : "chgrp 50001 ") path)
		} else if (what > 5) {
			damage_rights(path, types[i])
		} else continue
		touched[i] = 1
		done++
	}
}' || fail "cannot make plans"
mkdir tree sources
touch unfixable
sh -e make.sh || fail "cannot make the tree"
expect_true "400 objects are there ($(find tree/*/* | wc -l) and 20 directories)" test "$(find tree/* | wc -l)" -eq 400
"$TCBCK" --database "$db" -a -n -f definitions || fail "cannot define"
check 0 empty tcbck -n ALL
sh "$state" tree >good
# Some of it finds nothing to break, as a flag that is not there; that enough was broken shows below.
sh break.sh
sh "$state" tree >bad
check 4 - tcbck -n ALL
findings=$(grep -c ' is ' "$ERR")
expect_true "$findings findings are at least 150" test "$findings" -ge 150

# --- fixed what can be

sort -u unfixable >unfixable.sorted
check 5 - tcbck -y ALL
cp "$ERR" fixed
record=$(sed -n 's/^tcbck: undo record: //p' fixed)
grep -v ' \[fixed' fixed | sed -n 's/: [a-z_]* is .*//p' | sort -u >left
same unfixable.sorted left
cat >usual <<'END'
[fixed
[left: disabled: no source
[failed: no source
[refused: its content is not as
symlink has no mode
undo record
END
expect_true "what is left was disabled, or has no source" sh -c '! grep -vF -f usual fixed'
check 4 - tcbck -n ALL
sed -n 's/: [a-z_]* is .*//p' "$ERR" | sort -u >rest
same unfixable.sorted rest
# Nothing of what others had a hand in is left with power.
while read -r path; do
	case $(stat -c '%F %a' "$path" 2>/dev/null) in
	'symbolic link '* | *' 0' | '') ;;
	*) fail "$path is not disabled: $(stat -c '%F %a' "$path")" ;;
	esac
done <unfixable.sorted
find tree -name '.tcbck.*' >leftovers
same /dev/null leftovers
# What was fixed is as it was before the damage, link counts included.
sed "s|^$PWD/tree|.|" unfixable.sorted >names
sh "$state" tree >after
expect_true "the fixed tree differs from the good one only in the rest" sh -c '
	for which in good after; do sed "s/^\([^|]*|directory|.*\)|[0-9]*|0,0\$/\1/" $which >$which.counted; done
	diff good.counted after.counted | sed -n "s/^[<>] \([^|]*\)|.*/\1/p" | sort -u | while read -r name; do
		grep -qxF -e "${name%.hard}" names || echo "$name"
	done >differ; cat differ; [ ! -s differ ]'
# A second run has nothing more to fix, and changes nothing.
check 4 - tcbck -y ALL
expect_true "a second run fixes nothing" sh -c '! grep -F "[fixed]" "$1"' sh "$ERR"
sh "$state" tree >again
same after again

# --- and back

expect_true "the record is 0600" test "$(stat -c '%a %u' "$record")" = "600 0"
check 1 - "$TCBCK" --database "$record" --undo "$PWD/undo" -y ALL
cp "$ERR" undone
sh "$state" tree >back
same bad back
check 0 empty "$TCBCK" --database "$record" -n ALL
# What was undone can be repaired again, and is then the same.
check 5 - tcbck -y ALL
sh "$state" tree >forth
same after forth
if [ $failures -gt 0 ] && [ -n "${REPAIR_KEEP-}" ]; then
	rm -rf "$REPAIR_KEEP"
	cp -a . "$REPAIR_KEEP"
fi
finish
