# tree: which file systems are walked, and what mounts hide, repeat or lead back to. Each object is found once.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/tree.sh"

mkdir db
: >db/empty
root=$PWD/root
database=empty
tree()
{
	"$TCBCK" --no-progress --root "$root" --database "$PWD/db/$database" "$@" tree
}
setuid()
{
	for file in "$@"; do
		cp /bin/true "$file" && chmod 4755 "$file"
	done
}
# Nothing but these paths is found, once each, whatever the number of threads.
finds()
{
	printf '%s\n' "$@" | LC_ALL=C sort >wanted
	for jobs in 1 8; do
		check 4 - tree -n -j $jobs
		sed 's/: tree-.*//' "$ERR" | LC_ALL=C sort >found
		same_strays "-j $jobs"
	done
}
begin()
{
	[ ! -d root ] || umount -R root
	rm -rf --one-file-system root
	mkdir root
	# A mount of its own, so that one command ends all that is mounted below.
	mount --bind root root
	mkdir root/etc
}

# --- file systems of each kind

begin
mkdir root/tmpfs root/ramfs root/proc root/sys root/left
setuid root/on-disk
for type in tmpfs ramfs; do
	mount -t $type $type root/$type
	setuid root/$type/set-id
done
mount -t proc proc root/proc
mount -t tmpfs tmpfs root/left
setuid root/left/set-id
printf 'sysck:\n\ttreeck_novfs = /left,/nowhere\n' >db/novfs
database=novfs
finds /on-disk /tmpfs/set-id /ramfs/set-id
check 4 - tree -n -v
for line in "walked: / (" 'walked: /tmpfs (tmpfs)' 'walked: /ramfs (ramfs)' 'left out: /left (tmpfs): treeck_novfs' \
	'left out: /proc (proc): nodev: on no device'; do
	has "tcbck: file system $line"
done
check 4 - tree -n -v --format json
jq -c 'select(.event == "coverage") | .file_systems[] | [.path, .walked, .reason]' "$OUT" | LC_ALL=C sort >found
cat >wanted <<'END'
["/",true,null]
["/left",false,"treeck_novfs"]
["/proc",false,"nodev: on no device"]
["/ramfs",true,null]
["/tmpfs",true,null]
END
same_strays 'coverage in JSON'
expect_true 'with types' test "$(jq -r 'select(.event == "coverage") | .file_systems[] | select(.path == "/proc").type' \
	"$OUT")" = proc
database=empty
# A device and an overlay: nothing of an overlay is walked, whose layers are.
mkdir root/lower root/upper root/work root/overlay
setuid root/lower/set-id
mount -t tmpfs tmpfs root/upper
mkdir root/upper/up root/upper/work
if mount -t overlay -o "lowerdir=$root/lower,upperdir=$root/upper/up,workdir=$root/upper/work" overlay root/overlay; then
	finds /on-disk /tmpfs/set-id /ramfs/set-id /left/set-id /lower/set-id
else
	skip 'no overlay file system here'
fi

# --- treeck_nodir: what is mounted below is walked all the same, unless -i is given

begin
mkdir -p root/var/spool/mnt root/var/mnt root/varied root/link
setuid root/seen root/var/pruned root/var/spool/pruned root/varied/seen
for directory in var/mnt var/spool/mnt; do
	mount -t tmpfs tmpfs root/$directory
	setuid root/$directory/mounted
done
ln -s var root/to-var
printf 'sysck:\n\ttreeck_nodir = /var,/missing\n' >db/nodir
database=nodir
finds /seen /varied/seen /var/mnt/mounted /var/spool/mnt/mounted
check 4 - tree -n -v
has 'tcbck: directory not entered: /var: treeck_nodir'
has 'tcbck: file system walked: /var/mnt (tmpfs)'
check 4 - tree -n -v -i
sed -n 's/: tree-.*//p' "$ERR" >found
printf '/seen\n/varied/seen\n' >wanted
same_strays '-i'
has 'tcbck: file system left out: /var/mnt (tmpfs): below treeck_nodir, -i'
has 'tcbck: file system left out: /var/spool/mnt (tmpfs): below treeck_nodir, -i'
check 4 - tree -n -v -i --format json
expect_true 'JSON: not entered' test \
	"$(jq -c 'select(.event == "coverage").not_entered' "$OUT")" = '[{"path":"/var","reason":"treeck_nodir"}]'
# By way of a symlink that is root's; a mounted directory itself.
printf 'sysck:\n\ttreeck_nodir = /to-var/spool,/var/mnt\n' >db/nodir
finds /seen /varied/seen /var/pruned /var/spool/mnt/mounted
check 4 - tree -n -v
has 'tcbck: directory not entered: /var/spool: treeck_nodir'
has 'tcbck: directory not entered: /var/mnt: treeck_nodir'
database=empty

# --- the same directory twice, and in a circle

begin
mkdir -p root/a/b root/c root/circle/in root/part
setuid root/a/top root/a/b/low
setfattr -n security.tcb -v 1 root/a/b
mount --bind root/a root/c
mount --bind root root/circle
mount --bind root root/circle/circle
mount --bind root/a/b root/part
: >root/file
mount --bind root/a/top root/file
# A file from elsewhere.
setuid outside
: >root/foreign
mount --bind outside root/foreign
# A file that is mounted by itself has one more name.
finds /a/top /a/b /a/b/low /file /foreign
check 4 - tree -n
expect_true 'a directory with the flag is told once' test "$(grep -c tree-tcb "$ERR")" = 1
# The object of a definition is none, by whatever name.
printf '/a/top:\n\ttype = FILE\n' >db/top
database=top
finds /a/b /a/b/low /foreign
database=empty
# A part that is mounted first in the order of paths, of a file system that is itself mounted further on.
begin
mkdir root/a root/z
mount -t tmpfs tmpfs root/z
mkdir -p root/z/in/deep
setuid root/z/top root/z/in/set-id root/z/in/deep/set-id
mount --bind root/z/in root/a
finds /z/top /z/in/set-id /z/in/deep/set-id
# Only a part is mounted at all.
umount root/z
finds /a/set-id /a/deep/set-id

# --- what is covered by another mount shows where the same file system is mounted again

begin
mkdir -p root/data/covered/deep root/again root/data/stacked
setuid root/data/seen root/data/covered/hidden root/data/covered/deep/hidden root/data/file
setfattr -n security.tcb -v 1 root/data/covered
mount --bind root/data root/again
mount -t tmpfs tmpfs root/data/covered
setuid root/data/covered/above
mount --bind /bin/true root/data/file
finds /data/seen /data/covered/above /again/covered /again/covered/hidden /again/covered/deep/hidden /again/file
# The other way round: the file system is walked through the second place first.
begin
mkdir -p root/zz/covered root/aa
setuid root/zz/covered/hidden root/zz/file root/zz/covered/file
mount --bind root/zz root/aa
mount -t tmpfs tmpfs root/zz/covered
mount --bind /bin/true root/aa/file
finds /aa/covered/hidden /aa/covered/file /zz/file
# Covered at every place: it is not there for anybody.
mount -t tmpfs tmpfs root/aa/covered
finds /zz/file

# --- one mount on another

begin
mkdir root/stack
for text in low middle high; do
	mount -t tmpfs tmpfs root/stack
	setuid root/stack/$text
done
finds /stack/high
check 4 - tree -n -v
expect_true 'two of three are told to be covered' test \
	"$(grep -c 'left out: /stack (tmpfs): covered by another mount' "$ERR")" = 2

# --- names of mount points with blanks, and what stands for them in the kernel's list

begin
name=$(printf 'a b\tc\nd\\e#\377')
mkdir "root/$name"
mount -t tmpfs tmpfs "root/$name"
setuid "root/$name/set-id"
finds '"/a b\tc\nd\\e#\xff/set-id"'
check 4 - tree -n -v
has 'tcbck: file system walked: "/a b\tc\nd\\e#\xff" (tmpfs)'

# --- below another directory than the root of a mount

begin
mkdir -p root/image/mnt root/image/etc root/outside
setuid root/image/in root/outside/not
mount -t tmpfs tmpfs root/image/mnt
setuid root/image/mnt/in
root=$PWD/root/image
finds /in /mnt/in
mount --bind root/image/mnt root/outside
finds /in /mnt/in
root=$PWD/root

# --- btrfs numbers devices of its own for subvolumes; ext4 and others are mounted from images

if [ -c /dev/loop-control ] && command -v mkfs.ext4 >/dev/null; then
	begin
	mkdir root/one root/two
	truncate -s 4M image
	mkfs.ext4 -q -O ^has_journal image
	if mount -o loop image root/one; then
		setuid root/one/set-id
		mount --bind root/one root/two
		finds /one/set-id
		# No longer to be seen at the first place, but at the second.
		mount -t tmpfs tmpfs root/one
		finds /two/set-id
	else
		skip 'no loop devices here'
	fi
fi
umount -R root
finish
