# shellcheck shell=sh
# lib.sh - a host of its own for a case: mounts, processes and network that nobody else sees, with the components of
# tests/fetch-components over the files of this host, and the wrappers, the sample and tcbck in their places below /usr. A
# case begins with
#	. "$SRCDIR/tests/wrappers/lib.sh"
# and is run once more from its beginning in there. What it does to /etc, /usr, /run, /var/lib, /var/log and /var/spool is gone
# afterwards, and so is what it left running. It has the functions of tests/cli/lib.sh, and:
#
#	good COMMAND...        the checker COMMAND, started as tcbck starts it, ends with 0, and a definition with that
#	                       `program` has no finding
#	bad TEXT COMMAND...    it ends with another status and says TEXT, and the definition has a finding that tells TEXT
#	define CLASS...        registers the definitions of these classes of samples/linux-tcb.cfg
#	component FILE         is FILE of a component there? Else says what is passed over
#	make_devices           a /dev of its own, with the null device and its like
#	account NAME           there is a user and a group NAME, as its package would have made it
. "$SRCDIR/tests/cli/lib.sh"

components=${COMPONENTS:-build/components}
case $components in
/*) ;;
*) components=$SRCDIR/$components ;;
esac
wrappers=/usr/libexec/tcbck
sample=$SRCDIR/samples/linux-tcb.cfg
db=$PWD/sysck.cfg
host=$TMPDIR/host

# A writable /NAME, the components' files over the host's.
overlay()
{
	mkdir -p "$host/$1/upper" "$host/$1/work" "$components/root/$1"
	mount -t overlay -o "lowerdir=$components/root/$1:/$1,upperdir=$host/$1/upper,workdir=$host/$1/work" overlay "/$1"
}

make_host()
{
	mkdir "$host"
	mount -t tmpfs -o mode=0755 host "$host" || return
	for directory in usr etc var/lib var/log var/spool; do
		overlay "$directory" || return
	done
	mount -t tmpfs -o mode=0755 run /run || return
	mkdir -p "$wrappers"
	install -m 0755 "$SRCDIR"/libexec/check-* "$wrappers/"
	install -m 0644 "$BUILDDIR"/libexec/*.so "$wrappers/"
	install -m 0755 "$TCBCK" /usr/sbin/tcbck
}

if [ -z "${IN_HOST-}" ]; then
	need_mount
	if [ ! -e "$components/fetched" ]; then
		skip "the rest needs components, which \`make deps-check\` fetches"
		finish
	fi
	export IN_HOST=1
	exec unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0"
fi
if ! make_host; then
	skip "the rest needs overlay file systems"
	finish
fi

tcbck()
{
	timeout 60 /usr/sbin/tcbck --database "$db" "$@"
}

direct()
{
	(cd / && timeout 60 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/ SHELL=/bin/sh "$@" </dev/null)
}

through_tcbck()
{
	subject=$PWD/subject
	: >"$subject"
	rm -f "$db"
	"$TCBCK" -a --database "$db" "$subject" "program=$(printf '%s,' "$@" | sed 's/,$//')" >"$OUT" 2>&1
	[ -s "$db" ] || fail "cannot define $*: $(cat "$OUT")"
}

good()
{
	check 0 - direct "$@"
	through_tcbck "$@"
	check 0 empty tcbck -n ALL
}

bad()
{
	text=$1
	shift
	direct "$@" >"$OUT" 2>&1
	direct_status=$?
	if [ "$direct_status" -eq 0 ]; then
		fail "$*: status 0"
	else
		ok "$*: $direct_status"
	fi
	has "$text" "$OUT"
	through_tcbck "$@"
	check 4 - tcbck -n ALL
	has "$PWD/subject: program is $direct_status \""
	# Quotes and the like are escaped in a finding.
	sed -e 's/\\n/ /g' -e 's/\\\(.\)/\1/g' "$ERR" >"$ERR.plain"
	has "$text" "$ERR.plain"
}

define()
{
	rm -f "$db" "$db.part"
	for class in "$@"; do
		# Stanzas stand apart by blank lines.
		CLASS=$class awk -v RS= '
			match($0, /\n\tclass = [^\n]*/) {
				list = "," substr($0, RSTART + 10, RLENGTH - 10) ","
				if (index(list, "," ENVIRON["CLASS"] ","))
					print $0 "\n"
			}' "$sample" >>"$db.part"
	done
	"$TCBCK" -a -n --database "$db" --if-present -f "$db.part" >"$OUT" 2>&1
	[ -s "$db" ] || fail "cannot define $*: $(cat "$OUT")"
}

component()
{
	if [ ! -e "$1" ]; then
		skip "$1 is in no package of this release"
		return 1
	fi
}

make_devices()
{
	mkdir "$host/dev"
	mount -t tmpfs -o mode=0755 dev "$host/dev"
	mkdir "$host/dev/shm" "$host/dev/pts"
	for name in null zero full random urandom tty; do
		cp -a "/dev/$name" "$host/dev/"
	done
	ln -s /proc/self/fd "$host/dev/fd"
	ln -s /proc/self/fd/1 "$host/dev/stdout"
	mount --move "$host/dev" /dev
}

account()
{
	grep -q "^$1:" /etc/group || echo "$1:x:64999:" >>/etc/group
	grep -q "^$1:" /etc/passwd || echo "$1:x:64999:64999::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
}
