# An inventory of a whole Debian tree; 30 packages are upgraded and 20 files tampered with: what is explained, and what is not,
# is exactly that. The upgrades are the tree's own archives, rebuilt with other content and a higher version.
. "$SRCDIR/tests/package/lib.sh"
need jq

tree=$root
archives=$tree/var/cache/apt/archives
mkdir -p db
tcb()
{
	"$TCBCK" --no-progress --root "$tree" --database "$PWD/db/cfg" "$@"
}
# dpkg_in ARGUMENTS: dpkg in the tree, without questions.
dpkg_in()
{
	in_root dpkg --force-confold "$@" >>dpkg.log 2>&1
}
# contents: the digest and name of each regular file, by other means.
contents()
{
	(cd "$tree" && find usr etc -xdev -type f -print0 | sort -z | xargs -0 sha256sum)
}

# Everything that dpkg itself finds nothing wrong with is defined, and good.
check 0 - tcb -a --packages
check 0 empty tcb -n inventory
defined=$(grep -c '^/' db/cfg)
expect_true "$defined definitions" [ "$defined" -gt 1000 ]
expect_true 'owner and mode are those of the archives' [ "$(grep -c 'mode = ' db/cfg)" -gt 1000 ]
has "hash_value = sha256:$(sha256sum <"$tree/usr/bin/passwd" | cut -d ' ' -f 1)" db/cfg

# upgrade ARCHIVE: the same package with another content in each file below usr/share/doc and usr/bin, and a higher version.
upgrade()
{
	rm -rf new
	dpkg-deb -R "$1" new
	find new/usr/share/doc new/usr/bin new/usr/sbin -type f 2>/dev/null | while read -r file; do
		case $(head -c 2 "$file" | od -An -c | tr -d ' ') in
		'\037\213') continue ;;
		esac
		printf '\n' >>"$file"
	done
	sed -i 's/^\(Version: .*\)/\1+upgraded/' new/DEBIAN/control
	if [ -f new/DEBIAN/md5sums ]; then
		(cd new && find . -path ./DEBIAN -prune -o -type f -print | sed 's|^\./||' | sort | xargs -d '\n' md5sum) >sums
		# Configuration files are not in it.
		grep -v '  etc/' sums >new/DEBIAN/md5sums
	fi
	dpkg-deb -Znone -b new "upgrades/$(basename "$1")" >>dpkg.log
}
mkdir upgrades
# Packages that others need to be configured keep out of it: the shell, libc, dpkg.
for name in adduser apt base-passwd bsdutils coreutils debianutils diffutils findutils gpgv grep gzip hostname \
	init-system-helpers login \
	logsave mawk mount ncurses-base ncurses-bin passwd perl-base sed sysvinit-utils tzdata usr-is-merged util-linux \
	util-linux-extra debian-archive-keyring gcc-12-base libsemanage-common e2fsprogs; do
	for archive in "$archives/${name}"_*.deb; do
		[ ! -e "$archive" ] || upgrade "$archive"
	done
done
count=$(find upgrades -name '*.deb' | wc -l)
expect_true "$count packages have an upgrade" [ "$count" -ge 30 ]

# Ten files of packages that stay as they are, each in its own way.
contents >before
cd "$tree" || exit 1
printf 'x' >>usr/bin/tar
printf 'X' | dd of=usr/lib/os-release bs=1 conv=notrunc 2>/dev/null
: >usr/share/doc/tar/copyright
chmod 4755 usr/bin/bash
chmod 0777 usr/bin/dash
chown 1:0 usr/sbin/rmt-tar
chgrp 12 usr/share/doc/bash/copyright
rm usr/share/doc/dash/copyright
rm usr/bin/bashbug && ln -s /bin/sh usr/bin/bashbug
setcap cap_setuid+ep usr/bin/clear_console 2>/dev/null || chmod 2755 usr/bin/clear_console
echo '# tampered with' >>etc/bash.bashrc
cd "$OLDPWD" || exit 1
check 4 - tcb -n inventory
cut -d : -f 1 "$ERR" | sort -u >first
expect_true "tampered with: $(wc -l <first) files" [ "$(wc -l <first)" -ge 10 ]

# One just before the upgrade of its package, which then replaces it; and a configuration file, which stays.
printf 'evil' >>"$tree/usr/bin/sort"
chmod 6777 "$tree/usr/bin/cut"
echo '# tampered with' >>"$tree/etc/login.defs"

sleep 1
cp upgrades/*.deb "$tree/root/"
expect_true 'the upgrade works' dpkg_in -i --recursive /root
cp upgrades/*.deb "$archives/"
contents >upgraded

# And ten after it, one of them at once.
cd "$tree" || exit 1
printf 'evil' >>usr/bin/uniq
chmod 4755 usr/bin/comm
printf 'X' | dd of=usr/bin/expand bs=1 seek=100 conv=notrunc 2>/dev/null
rm usr/bin/fmt
cp usr/bin/true usr/bin/false
chown 33:33 usr/bin/fold
rm usr/bin/head && ln -s true usr/bin/head
chmod 000 usr/bin/id
: >usr/bin/join
setcap cap_net_raw+ep usr/bin/nl 2>/dev/null || chmod 2755 usr/bin/nl
cd "$OLDPWD" || exit 1

# What changed between the two lists of digests and is not what was tampered with before is what the packages brought.
diff before upgraded | sed -n 's/^> [0-9a-f]*  /\//p' | sort -u >brought
for path in /usr/bin/uniq /usr/bin/expand /usr/bin/false /usr/bin/join /usr/bin/fmt /usr/bin/head; do
	echo "$path"
done | sort >after
sort -u first after >known
echo /etc/login.defs >>known
sort -uo known known
# Of the inventory: what is defined.
grep '^/.*:$' db/cfg | sed 's/:$//' | sort >names
comm -12 brought names | comm -23 - known >explainable
check 4 - tcb -n --format json inventory
jq -r 'select(.event == "finding" and .explanation == "explained") | .path' "$OUT" | sort -u >explained
jq -r 'select(.event == "finding" and .explanation != "explained") | .path' "$OUT" | sort -u >unexplained
same explainable explained
expect_true "explained: $(wc -l <explained)" [ "$(wc -l <explained)" -gt 100 ]
(cat first; for name in uniq comm expand fmt false fold head id join nl; do echo "/usr/bin/$name"; done; echo /etc/login.defs) |
	sort -u >wanted
same wanted unexplained
has_not /usr/bin/cut unexplained
has_not /usr/bin/sort unexplained

# Accepting leaves the others, and blesses none of them.
check 5 - tcb -a --accept-explained inventory
grep 'database updated' "$ERR" | cut -d : -f 1 | sort -u >accepted
same explained accepted
check 4 - tcb -n --format json inventory
jq -r 'select(.event == "finding") | .path' "$OUT" | sort -u >left
same wanted left
expect_true 'nothing is explained any more' \
	[ "$(jq -r 'select(.explanation == "explained") | .path' "$OUT" | wc -l)" -eq 0 ]

# The inventory done again takes what the packages have, and nothing of what was tampered with.
check 4 - tcb -a --packages
cut -d : -f 1 "$ERR" | sort -u >again
same wanted again
for path in $(cat wanted); do
	case $path in
	# Of these the content is right.
	*/copyright | */comm | */fold | */id | */nl | */bash | */dash | */rmt-tar | */clear_console | */false) continue ;;
	esac
	[ -f "$tree$path" ] && [ ! -L "$tree$path" ] || continue
	digest=$(sha256sum <"$tree$path" | cut -d ' ' -f 1)
	if grep -qF "sha256:$digest" db/cfg; then
		fail "$path is blessed"
	fi
done
finish
