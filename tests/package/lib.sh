# shellcheck shell=sh
# lib.sh - a Debian tree of a case's own, to install packages in. A case begins with
#	. "$SRCDIR/tests/package/lib.sh"
# and is run once more from its beginning with mounts and processes of its own. It has the functions of tests/cli/lib.sh, and:
#
#	$root                  the tree, a copy. Of one that debootstrap makes once, of this host's release, and that is kept in
#	                       $COMPONENTS/package; or of the directory $TREE
#	in_root COMMAND...     runs a command in it, as root, with a login's environment
#	fetch NAME...          gets these packages and what they need into the copy's cache, and into that of the kept tree
#	list_files FILE        writes the names of all that is in it to FILE, but what apt and dpkg keep for themselves
#	list_contents FILE     the same with type, owner, mode and digest of what is in /etc
#	make_debs              builds the packages of tcbck into $debs; those of the directory $DEBS are taken instead, if it is
#	                       set. $version and $architecture are theirs
. "$SRCDIR/tests/cli/lib.sh"

need_mount
for tool in dpkg-buildpackage dh lintian debootstrap; do
	need "$tool"
done
: "${COMPONENTS:=build/components}"
case $COMPONENTS in
/*) ;;
*) COMPONENTS=$SRCDIR/$COMPONENTS ;;
esac
if [ -z "${IN_TREE-}" ]; then
	export IN_TREE=1
	exec unshare --mount --pid --fork --kill-child --mount-proc sh "$0"
fi
root=$PWD/root
kept=$COMPONENTS/package/tree

make_tree()
{
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# Packages are for the release that they were built on, and its mirror is where this host gets its own from.
	mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		sed -n "s/^$suite main //p" | head -n 1)
	rm -rf --one-file-system "$kept" "$kept.new"
	# To debootstrap, COMPONENTS are parts of the archive.
	timeout 600 env -u COMPONENTS debootstrap --variant=minbase "${suite:-stable}" "$kept.new" \
		"${mirror:-http://deb.debian.org/debian}" >"$OUT" 2>&1 || return
	# dpkg need not wait for the disk.
	echo force-unsafe-io >"$kept.new/etc/dpkg/dpkg.cfg.d/unsafe-io"
	mv "$kept.new" "$kept"
}

if [ -n "${TREE-}" ]; then
	kept=
	cp -a "$TREE" "$root"
else
	# Cases run side by side: the first makes it, for all.
	mkdir -p "$COMPONENTS/package"
	exec 9>"$COMPONENTS/package/lock"
	flock 9
	if [ ! -d "$kept" ] && ! make_tree; then
		skip "the rest needs a Debian tree, which debootstrap could not make here: $(tail -n 1 "$OUT")"
		finish
	fi
	exec 9>&-
	cp -a "$kept" "$root"
fi
mkdir -p "$root/proc" "$root/etc"
mount -t proc proc "$root/proc"
rm -f "$root/etc/resolv.conf"
cp /etc/resolv.conf "$root/etc/resolv.conf"

in_root()
{
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		chroot "$root" "$@" </dev/null
}

download()
{
	in_root apt-get -q install -y --no-install-recommends --download-only "$@" >"$OUT" 2>&1
}

fetch()
{
	download "$@" && return
	if ! in_root apt-get -q update >"$OUT" 2>&1 || ! download "$@"; then
		skip "the rest needs packages that could not be fetched: $(grep '^[EW]:' "$OUT" | tail -n 1)"
		finish
	fi
	if [ -n "$kept" ]; then
		cp -a "$root/var/lib/apt/lists/." "$kept/var/lib/apt/lists/"
		cp -a "$root/var/cache/apt/archives/." "$kept/var/cache/apt/archives/"
	fi
}

list_files()
{
	(cd "$root" && find . \( -path ./proc -o -path ./debs -o -path ./var/lib/apt -o -path ./var/cache/apt \
		-o -path ./var/log/apt -o -path ./var/lib/dpkg -o -path ./var/log/dpkg.log \) -prune -o -print) |
		sed 's|^\.||' | sort >"$1"
}

list_contents()
{
	(cd "$root" && find etc -printf '/%p %y %U:%G %m %l ' \( -type f -exec sha256sum {} \; -o -print \)) | sort >"$1"
}

version=$(sed -n '1s/^tcbck (\(.*\)).*/\1/p' "$SRCDIR/debian/changelog")
architecture=$(dpkg-architecture -qDEB_HOST_ARCH)
debs=${DEBS:-$PWD/build/deb}

# quiet LOG COMMAND...: keeps what it says in LOG, and shows the end of that if it fails.
quiet()
{
	log=$1
	shift
	"$@" >"$log" 2>&1 && return
	tail -n 20 "$log"
	return 1
}

# As if nobody had started it. The unit tests are another part's.
make_debs()
{
	[ -z "${DEBS-}" ] || return 0
	quiet build.log env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL DEB_BUILD_OPTIONS=nocheck \
		make --no-print-directory -C "$SRCDIR" DEPS=no BUILD="$PWD/build" deb
}
