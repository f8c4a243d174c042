# shellcheck shell=sh
# tree.sh - what the cases about the whole tree have in common; read after lib.sh. They run in a mount namespace of their own.
#	make_strays DIRECTORY      makes one of each kind, and what is no stray, in it
#	strays [FILE]              the findings in FILE (default: $ERR), one a line: path, blank, kind; sorted
#	strays_by_others DIRECTORY [FIND-TEST]
#	                           the same, as find(1), getcap(8) and getfattr(1) see the file system of the directory; without
#	                           links. Ids up to 999 are the system's. Names must be printable.
#	same_strays TEXT           compares the files wanted and found
# shellcheck disable=SC2034,SC2154 # read by the cases, given by run-cli and lib.sh
need_xattr
need_mount
need getcap
need jq
if [ -z "${TREE_INSIDE-}" ]; then
	TREE_INSIDE=yes exec unshare -m sh "$0"
fi

make_strays()
{
	mkdir -p "$1/bin" "$1/lib/deeper" "$1/dev" "$1/home/user"
	for mode in 4755 2755 6755 4000 6000 0755 1755 4777; do
		for ids in 0:0 999:999 1000:1000 0:1000 1000:0; do
			cp /bin/true "$1/bin/$mode-$ids"
			chown "$ids" "$1/bin/$mode-$ids"
			chmod "$mode" "$1/bin/$mode-$ids"
		done
	done
	cp /bin/true "$1/lib/deeper/capable"
	setcap cap_net_raw,cap_chown+ep "$1/lib/deeper/capable"
	cp /bin/true "$1/lib/both"
	chmod 4755 "$1/lib/both"
	setcap cap_net_raw+p "$1/lib/both"
	echo flagged >"$1/lib/flagged"
	setfattr -n security.tcb -v 1 "$1/lib/flagged"
	mkdir "$1/lib/flagged directory"
	setfattr -n security.tcb -v 1 "$1/lib/flagged directory"
	mknod "$1/dev/null" c 1 3
	mknod "$1/dev/blank name" b 7 200
	ln "$1/bin/4755-0:0" "$1/bin/other name"
	# What has set-id bits and is no file, or is somebody's own; other attributes; other types.
	mkdir -m 6755 "$1/lib/set-id directory"
	mkfifo "$1/home/user/fifo"
	"$HELPERS/make" socket "$1/home/user/socket"
	chmod 6755 "$1/home/user/fifo" "$1/home/user/socket"
	ln -s ../../bin/4755-0:0 "$1/home/user/symlink"
	ln -s nowhere "$1/home/user/dangling"
	echo note >"$1/home/user/note"
	setfattr -n user.note -v 1 "$1/home/user/note"
	setfattr -n trusted.note -v 1 "$1/home/user/note"
}

strays()
{
	sed -nE 's/^(.*): (tree-[a-z]+) is .*/\1 \2/p' "${1:-$ERR}" | LC_ALL=C sort
}

strays_by_others()
{
	(
		cd "$1" || exit 1
		shift
		find . -xdev "$@" \( -type f -perm -4000 -uid -1000 -printf '%p tree-setuid\n' , \
			-type f -perm -2000 -gid -1000 -printf '%p tree-setgid\n' , \
			\( -type b -o -type c \) -printf '%p tree-device\n' , \
			\( -type f -o -type d \) -fprint0 "$TMPDIR/looked-at" \)
		xargs -0 -r getfattr -h -m '^security\.(tcb|capability)$' <"$TMPDIR/looked-at" 2>/dev/null |
			awk '/^# file: / { name = substr($0, 9) }
				/^security.tcb/ { print name " tree-tcb" }
				/^security.capability/ { print name " tree-capabilities" }'
		xargs -0 -r getcap <"$TMPDIR/looked-at" 2>/dev/null | sed -nE 's/^(.*) cap_[^ ]*$/\1 tree-capabilities/p'
	) | sed -e 's|^\./||' -e 's|^|/|' | LC_ALL=C sort -u
}

same_strays()
{
	if diff -u wanted found; then
		ok "$1: $(wc -l <found) strays"
	else
		fail "$1: strays differ"
	fi
}
