# Archives as dpkg-deb makes them, with each compressor, are read as tar and the sums have them; damaged ones are not.
. "$SRCDIR/tests/cli/lib.sh"
need dpkg-deb
need_root
if ! grep -q HAVE_LIBARCHIVE "$BUILDDIR/flags"; then
	skip "built without libarchive"
	finish
fi
list()
{
	"$HELPERS/list-deb" "$@"
}

mkdir -p tree/DEBIAN tree/usr/bin tree/etc tree/dev
cat >tree/DEBIAN/control <<'END'
Package: sample
Version: 2:1.0~rc1-1
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: a sample
 of several lines
END
printf 'content\n' >tree/usr/bin/tool
: >tree/usr/bin/empty
seq 200000 >tree/usr/bin/long
ln tree/usr/bin/tool tree/usr/bin/tool2
ln -s ../bin/tool tree/usr/link
printf 'x\n' >"tree/etc/a name, with \"all\" of $(printf '\303\244\377')"
mkfifo tree/etc/fifo
mknod tree/dev/null c 1 3 2>/dev/null || skip "devices cannot be made here"
long=$(printf '%0150d' 0)
mkdir "tree/etc/$long"
printf 'y\n' >"tree/etc/$long/$long"
ln -s "$long/$long" tree/etc/longlink
chmod 0755 tree/DEBIAN tree tree/usr tree/etc tree/dev tree/usr/bin
chown 0:42 tree/usr/bin/tool
chmod 4755 tree/usr/bin/tool

# What must come out, from the files themselves. The archive has names sorted; which of two hard links is first, tar decides.
(
	echo "sample 2:1.0~rc1-1 all"
	cd tree || exit
	find . -path ./DEBIAN -prune -o -print | LC_ALL=C sort | while IFS= read -r file; do
		case $(stat -c %F "$file") in
		directory) type=DIRECTORY ;;
		regular*) type=FILE ;;
		symbolic*) type=SYMLINK ;;
		fifo) type=FIFO ;;
		character*) type=CHAR_DEV ;;
		esac
		size=- md5=- sha=-
		case $type in
		FILE)
			size=$(stat -c %s "$file")
			md5=$(md5sum <"$file" | cut -d' ' -f1)
			sha=$(sha256sum <"$file" | cut -d' ' -f1)
			;;
		CHAR_DEV) size=1,3 ;;
		esac
		path=${file#.}
		[ "$type" != SYMLINK ] || path="$path -> $(readlink "$file")"
		[ "$file" != . ] || path=/
		echo "$type $(printf %04d "$(stat -c %a "$file")") $(stat -c %u/%g "$file") $size $md5 $sha $path"
	done
) >wanted

# A hard link takes its content from the other name, so that the two sides can be compared.
comparable()
{
	awk 'NR == 1 { print; next }
		{ name = $0; for (i = 1; i <= 7; i++) sub(/^[^ ]+ /, "", name) }
		match(name, / link to /) {
			other = substr(name, RSTART + 9)
			print $1, $2, $4, content[other], substr(name, 1, RSTART - 1)
			next
		}
		{ content[name] = $5 " " $6 " " $7; print $1, $2, $4, $5, $6, $7, name }' "$1" |
		LC_ALL=C sort
}

for compressor in none gzip xz zstd; do
	if ! dpkg-deb -Z$compressor -b tree $compressor.deb >/dev/null 2>&1; then
		skip "dpkg-deb has no $compressor"
		continue
	fi
	check 0 empty list $compressor.deb
	comparable "$OUT" >got.$compressor
	LC_ALL=C sort wanted >wanted.sorted
	same wanted.sorted got.$compressor
done

# Data that dpkg-deb does not write any more, but reads.
if command -v ar >/dev/null; then
	dpkg-deb --fsys-tarfile none.deb >data.tar
	ar p none.deb control.tar >control.tar
	printf '2.0\n' >debian-binary
	bzip2 -k data.tar 2>/dev/null || skip "no bzip2"
	xz -k --format=lzma data.tar 2>/dev/null || skip "no xz"
	for part in data.tar.bz2 data.tar.lzma; do
		[ -e "$part" ] || continue
		ar rcS old.deb debian-binary control.tar "$part"
		check 0 empty list old.deb
		comparable "$OUT" >got.old
		same wanted.sorted got.old
		rm old.deb
	done
	# What is packed otherwise than its name tells, twice, or not at all, is not guessed.
	gzip -c data.tar >data.tar.xz
	gzip -c data.tar | gzip >data.tar.gz
	ar rcS wrong1.deb debian-binary control.tar data.tar.xz
	ar rcS wrong2.deb debian-binary control.tar data.tar.gz
	mv data.tar data.tar.zst
	ar rcS wrong3.deb debian-binary control.tar data.tar.zst
	for archive in wrong1.deb wrong2.deb wrong3.deb; do
		check 1 - list $archive
		has "$archive: EBADMSG: "
	done
	# Compressed data that end before their end, or have something behind it.
	for suffix in gz xz zst; do
		case $suffix in
		gz) archive=gzip.deb ;;
		xz) archive=xz.deb ;;
		zst) archive=zstd.deb ;;
		esac
		[ -e $archive ] || continue
		rm -f data.tar.*
		ar p $archive data.tar.$suffix >whole
		head -c -9 whole >data.tar.$suffix
		ar rcS cut.deb debian-binary control.tar data.tar.$suffix
		check 1 - list cut.deb
		has "cut.deb: EBADMSG: "
		{ cat whole; echo more; } >data.tar.$suffix
		ar rcS more.deb debian-binary control.tar data.tar.$suffix
		check 1 - list more.deb
		has "more.deb: EBADMSG: "
		rm cut.deb more.deb
	done
else
	skip "ar is not there"
fi

# One byte of the compressed data is another one: found by the checksum of the compressor.
for archive in xz.deb zstd.deb; do
	[ -e $archive ] || continue
	size=$(stat -c %s $archive)
	for part in 2 3 4; do
		cp $archive damaged.deb
		at=$((size * part / 5))
		byte=$(od -An -tu1 -j $at -N 1 damaged.deb)
		# shellcheck disable=SC2059 # an escape made of a number
		printf "$(printf '\\%03o' $(((byte + 1) % 256)))" | dd of=damaged.deb bs=1 seek=$at conv=notrunc status=none
		check 1 - list damaged.deb
		has "damaged.deb: EBADMSG: "
	done
done
printf 'no archive\n' >text
check 1 - list text
has "text: EBADMSG: no archive"

# Nothing but reading: no program is run, no file is written, nothing but the library is opened.
watched=execve,openat,creat,unlink,mkdir,socket
if command -v strace >/dev/null && strace -o trace -f -e trace=$watched "$HELPERS/list-deb" xz.deb >/dev/null 2>&1; then
	grep -c execve trace >count
	expect_true "no program is run" test "$(cat count)" -eq 1
	grep -E 'O_CREAT|O_WRONLY|O_RDWR|creat\(|unlink|mkdir|socket' trace >writes
	expect_true "nothing is written" test ! -s writes
else
	skip "strace does not work here"
fi
finish
