# Below a directory that others control nothing is given, made, or replaced; permissions are still taken away.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/attack/attack.sh"
make_sentinel 0640
mkdir -m 0775 group group/below
mkdir -m 0777 others others/below
mkdir a/below
chgrp daemon group
chmod 0755 group/below others/below a/below
echo good >source
hash=sha256:$(sha256sum <source | cut -d' ' -f1)

for directory in group others a group/below others/below a/below; do
	for name in mode owner group narrow acl caps target names content; do
		echo good >"$directory/$name"
	done
	chmod 0600 "$directory/mode" "$directory/acl" "$directory/caps"
	chmod 0666 "$directory/narrow"
	chown daemon "$directory/owner"
	chgrp daemon "$directory/group"
	ln -sf nowhere "$directory/target"
	echo evil >"$directory/content"
	case $directory in
	a | a/*) why="directory $PWD/a belongs to user $attacker" ;;
	*) why="directory $PWD/${directory%/below} is writable for group or others (mode 0" ;;
	esac
	define <<-X
	$PWD/$directory/mode:
		type = FILE
		mode = SUID,rwxr-xr-x
		hash_value = $hash

	$PWD/$directory/owner:
		type = FILE
		owner = root

	$PWD/$directory/group:
		type = FILE
		group = root

	$PWD/$directory/acl:
		type = FILE
		acl = u::rw-,u:daemon:rw-,g::---,m::rw-,o::---

	$PWD/$directory/caps:
		type = FILE
		capabilities = cap_net_raw=ep
		hash_value = $hash

	$PWD/$directory/target:
		type = SYMLINK
		target = mode

	$PWD/$directory/names:
		type = FILE
		symlinks = $PWD/$directory/new-symlink

	$PWD/$directory/missing:
		type = FILE
		source = $PWD/source
		hash_value = $hash
	X
	refused 4
	for attribute in mode owner group acl capabilities target symlinks missing; do
		if grep -F ": $attribute is " "$ERR" | grep -qF "[refused: $why"; then
			ok "$directory: $attribute refused"
		else
			fail "$directory: $attribute is not refused because $why"
			sed 's/^/says: /' "$ERR"
		fi
	done
	is "600 0:0" "$directory/mode"
	is "644 1:0" "$directory/owner"
	expect_true "$directory: nothing new" test ! -e "$directory/missing" -a ! -L "$directory/new-symlink"
	expect_true "$directory: the target is as it was" test "$(readlink "$directory/target")" = nowhere

	# What takes away is done, also the disabling where a copy would have to be made.
	define <<-X
	$PWD/$directory/narrow:
		type = FILE
		mode = rw-r--r--

	$PWD/$directory/content:
		type = FILE
		source = $PWD/source
		hash_value = $hash
	X
	refused 5 "narrow: mode is rw-rw-rw-, should be rw-r--r-- [fixed]" "[left: disabled: $why"
	is "644 0:0" "$directory/narrow"
	is "0 0:0" "$directory/content"
done
sentinel_is_safe "all the while"
finish
