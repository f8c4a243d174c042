# shellcheck shell=sh
# packages.sh - a root with a small dpkg database, made here; read after lib.sh.
#
#	$root, $info    the root, and the directory of dpkg's lists in it; the database is db/cfg
#	tcb ARG...      tcbck with that root and that database
#	package NAME VERSION PATH...
#	                what dpkg knows of an installed package; all its regular files have digests
#	status [PACKAGE STATE]
#	                the status file; all that have a list are installed, but one
#	put PATH TEXT [MODE]
#	                a file of the root
mkdir -p root/usr/bin root/etc root/var/lib/dpkg/info root/var/lib/dpkg/updates db undo
root=$PWD/root
info=$root/var/lib/dpkg/info
tcb()
{
	"$TCBCK" --no-progress --root "$root" --database "$PWD/db/cfg" --undo "$PWD/undo" "$@"
}
package()
{
	name=$1
	version=$2
	shift 2
	: >"$info/$name.md5sums"
	printf '%s\n' /. /usr /usr/bin "$@" >"$info/$name.list"
	for path in "$@"; do
		if [ -f "$root$path" ] && [ ! -L "$root$path" ]; then
			printf '%s  %s\n' "$(md5sum <"$root$path" | cut -d ' ' -f 1)" "${path#/}" >>"$info/$name.md5sums"
		fi
	done
	eval "version_$name=\$version"
	status
}
# shellcheck disable=SC2120 # cases give it arguments
status()
{
	for list in "$info"/*.list; do
		name=$(basename "$list" .list)
		state=installed
		[ "$name" != "${1-}" ] || state=$2
		eval "version=\$version_$name"
		printf 'Package: %s\nStatus: install ok %s\nArchitecture: amd64\nVersion: %s\n\n' "$name" "$state" "$version"
	done >"$root/var/lib/dpkg/status"
}
put()
{
	printf '%s\n' "$2" >"$root$1"
	chmod "${3-755}" "$root$1"
}
