# The Debian packages: built, looked at by lintian, installed, used, upgraded, removed and purged in a tree of their own.
unset DEBS
. "$SRCDIR/tests/package/lib.sh"

libraries=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
db=/etc/security/sysck.cfg

# --- building ---------------------------------------------------------------------------------------------------------

list_source()
{
	(cd "$SRCDIR" && find . \( -name .git -o -path './build*' \) -prune -o -printf '%p %s %C@\n') | sort >"$1"
}
list_source source-before
check 0 - make_debs
has_not 'warning:' build.log
list_source source-after
same source-before source-after
if [ ! -e "$debs/tcbck_${version}_$architecture.deb" ]; then
	fail "there are no packages"
	finish
fi

# With nocheck no test was run in building; without, the unit tests would have been.
has_not '== unit' build.log
check 0 - make -n -C "$debs/source" -f debian/rules override_dh_auto_test
has 'V=1 unit' "$OUT"

check 0 - lintian --allow-root --fail-on error,warning "$debs/tcbck_${version}_$architecture.changes"
check_out empty
check 0 empty dpkg-deb -f "$debs/tcbck_${version}_$architecture.deb" Depends Recommends Suggests
expect_true "what is loaded at need is recommended and suggested" \
	grep -qE '^Recommends:.* libarchive[0-9].*Suggests:.* librpm[0-9]' - <<-END
		$(tr '\n' ' ' <"$OUT" | sed 's/.*Recommends:/Recommends:/')
	END

# The next version: the same build in a package with another number, and a change in a conffile.
build_next()
(
	cd "$debs/source" || exit
	rm -f debian/files
	cat >debian/changelog <<-END
		tcbck ($version+next1) unstable; urgency=medium

		  * Next.

		 -- The tcbck developers <maintainers@tcbck.example>  $(date -R)

		$(cat "$SRCDIR/debian/changelog")
	END
	echo '# next' >>samples/tcbck.logcheck.violations
	quiet ../next.log env -i PATH="$PATH" HOME=/ LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -b -nc
)
check 0 - build_next
mkdir "$root/debs" "$root/debs/next"
for package in tcbck libsysck1 libsysck-dev; do
	cp "$debs/${package}_${version}_$architecture.deb" "$root/debs/"
	cp "$debs/${package}_${version}+next1_$architecture.deb" "$root/debs/next/"
done

# --- installing -------------------------------------------------------------------------------------------------------

# A systemd that is told things, and enables at the most: what is new is preset, to be enabled as all is on Debian.
# /opt is nobody's: dpkg would take it away when it gets empty.
mkdir -p "$root/run/systemd/system" "$root/opt/other"
cat >"$root/usr/bin/systemctl" <<'END'
#!/bin/sh
echo "$*" >>/run/systemctl
case " $* " in
*" is-enabled "*)
	if [ -L /etc/systemd/system/timers.target.wants/tcbck.timer ]; then
		echo enabled
	else
		echo disabled
		exit 1
	fi
	;;
*" preset tcbck.timer "*)
	ln -s /lib/systemd/system/tcbck.timer /etc/systemd/system/timers.target.wants/
	;;
*" is-active "*) exit 3 ;;
esac
END
chmod 0755 "$root/usr/bin/systemctl"
told()
{
	rm -f "$root/run/systemctl"
	"$@"
	mv "$root/run/systemctl" told.log
}

needed=$(for deb in "$root"/debs/*.deb; do dpkg-deb -f "$deb" Depends | tr ',' '\n'; done |
	sed -e 's/^ *//' -e 's/[ (|:].*//' | grep -v '^libsysck' | sort -u)
# shellcheck disable=SC2086 # a list of names
fetch $needed
list_files before
list_contents contents-before

install_debs()
{
	in_root sh -c "apt-get -q install -y --no-install-recommends $1/*.deb"
}
told check 0 - install_debs /debs
has 'daemon-reload' told.log
expect_true "no unit is started" sh -c '! grep -E "(^| )(re)?start " told.log'
expect_true "the timer is not enabled" test -z "$(find "$root/etc/systemd" -name 'tcbck*')"
expect_true "the timer is there" test -s "$root/lib/systemd/system/tcbck.timer"
check 0 empty in_root dpkg --audit
check_out empty
check 0 empty in_root dpkg --verify tcbck libsysck1 libsysck-dev
check_out empty
check 0 empty in_root tcbck --version
has "tcbck ${version%%[+~-]*}" "$OUT"
check 0 empty in_root getent group security
expect_true "nobody is in group security" grep -q '^security:x:[0-9]*:$' "$OUT"
expect_true "it is a system group" test "$(cut -d: -f3 "$OUT")" -lt 1000
in_root stat -c '%n %a %U:%G' /usr/sbin/tcbck /usr/bin/chtcb /var/log/tcbck >modes
cat >wanted <<'END'
/usr/sbin/tcbck 755 root:root
/usr/bin/chtcb 755 root:root
/var/log/tcbck 750 root:adm
END
same wanted modes
for manual in tcbck.8 chtcb.1 sysck.cfg.5 tcbck-programs.7 tcbck-logs.7 libsysck.3; do
	gzip -dc "$root/usr/share/man/man${manual##*.}/$manual.gz" >manual
	expect_true "$manual is there" cmp "$SRCDIR/man/$manual" manual
done
for file in "$SRCDIR"/libexec/*; do
	name=$(basename "$file" .c)
	expect_true "$name is there" test -n "$(find "$root/usr/libexec/tcbck" -name "$name*")"
done
expect_true "there is no database" test ! -e "$root$db"
# What root runs does without a library of ours.
check 0 - in_root ldd /usr/sbin/tcbck
has_not libsysck "$OUT"
has libcrypto "$OUT"

# --- using ------------------------------------------------------------------------------------------------------------

check 0 - in_root tcbck -a --if-present -f /usr/share/doc/tcbck/examples/linux-tcb.cfg
check 0 - in_root tcbck -a -v tree
check 0 - in_root tcbck -n -v tree
has ' 0 findings, 0 unverified, 0 errors'
expect_true "that was many definitions" test "$(grep -c '^/' "$root$db")" -gt 300
chmod g+w "$root/etc/passwd"
check 4 - in_root tcbck -n --report /var/log/tcbck/report.json ALL
has '/etc/passwd: mode is rw-rw-r--, should be rw-r--r--'
check 1 - in_root tcbck -y ALL
expect_true "there is an undo record" test -n "$(find "$root/var/lib/tcbck/undo" -name '*.cfg')"
check 0 empty in_root tcbck -n ALL
cp "$root$db" database

# A program with the library.
if command -v pkg-config >/dev/null; then
	flags=$(PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root$libraries/pkgconfig pkg-config --cflags --libs libsysck)
	# shellcheck disable=SC2086 # lists of options
	check 0 empty $CC -o "$root/debs/list-setuid" "$root/usr/share/doc/libsysck-dev/examples/list-setuid.c" $flags
	check 0 empty in_root /debs/list-setuid "$db"
	has /usr/bin/su "$OUT"
	check 0 - in_root ldd /debs/list-setuid
	has "libsysck.so.1 => " "$OUT"
fi

# --- the trigger ------------------------------------------------------------------------------------------------------

# Packages of one file in one directory each, by the names that dpkg knows.
helper=$root/usr/libexec/tcbck/refresh-packages
[ ! -e "$helper" ] || mv "$helper" helper
directories='bin etc lib lib64 opt sbin usr'
for directory in $directories; do
	name=trifle-$directory
	mkdir -p "$name/DEBIAN" "$name/$directory"
	cat >"$name/DEBIAN/control" <<-END
		Package: $name
		Version: 1
		Architecture: all
		Maintainer: nobody <nobody@tcbck.example>
		Description: none
	END
	: >"$name/$directory/trifle"
	dpkg-deb -b --root-owner-group "$name" "$root/debs/$name" >/dev/null
done
# trigger CALLS ABOUT NAME...: installs these, and removes them; each time dpkg ends well, and the helper is called that often.
trigger()
{
	calls=$1
	about=$2
	shift 2
	for action in -i -P; do
		rm -f "$root/debs/calls"
		check 0 - in_root sh -c "cd /debs && dpkg $action $*"
		[ -e "$root/debs/calls" ] || : >"$root/debs/calls"
		expect_true "the helper $about is called $calls times" test "$(wc -l <"$root/debs/calls")" -eq "$calls"
	done
	check 0 empty in_root dpkg --audit
	check_out empty
}
# A helper that does this after it has noted that it was called.
helper_does()
{
	printf '#!/bin/sh\necho called >>/debs/calls\n%s\n' "$1" >"$helper"
	chmod 0755 "$helper"
}
trigger 0 "that is missing" trifle-usr
helper_does 'exit 0'
for directory in $directories; do
	trigger 1 "for $directory" "trifle-$directory"
done
trigger 1 "for many packages" trifle-usr trifle-bin trifle-opt
helper_does 'exit 1'
trigger 1 "that fails" trifle-usr
# shellcheck disable=SC2016 # for the helper
helper_does 'kill -9 $$'
trigger 1 "that is killed" trifle-usr
chmod 0644 "$helper"
trigger 0 "that can't be run" trifle-usr
printf '#!/nowhere\n' >"$helper"
chmod 0755 "$helper"
trigger 0 "without an interpreter" trifle-usr
rm -f "$helper"
[ ! -e helper ] || mv helper "$helper"

# --- upgrading --------------------------------------------------------------------------------------------------------

check 0 - in_root dpkg-statoverride --update --add root security 4750 /usr/sbin/tcbck
mkdir -p "$root/etc/systemd/system/timers.target.wants"
timer=$root/etc/systemd/system/timers.target.wants/tcbck.timer
ln -s /lib/systemd/system/tcbck.timer "$timer"
echo '# mine' >>"$root/etc/logrotate.d/tcbck"

told check 0 - install_debs /debs/next
has 'restart tcbck.timer' told.log
has_not 'tcbck.service' told.log
check 0 empty in_root dpkg-query -W -f '${Version}\n' tcbck libsysck1 libsysck-dev
expect_true "all are upgraded" test "$(sort -u "$OUT")" = "$version+next1"
expect_true "the timer is still enabled" test -L "$timer"
expect_true "the program is still set-user-ID, for the group" \
	test "$(stat -c '%a' "$root/usr/sbin/tcbck") $(in_root stat -c '%U:%G' /usr/sbin/tcbck)" = "4750 root:security"
has '# mine' "$root/etc/logrotate.d/tcbck"
has '# next' "$root/etc/logcheck/violations.d/tcbck"
same database "$root$db"
check 0 - in_root tcbck -n /etc/passwd

# --- removing and purging ---------------------------------------------------------------------------------------------

check 0 - in_root dpkg-statoverride --remove /usr/sbin/tcbck
told check 0 - in_root apt-get -q remove -y tcbck libsysck-dev libsysck1
has 'stop tcbck.timer' told.log
expect_true "programs are gone" test -z "$(find "$root/usr" -name '*tcbck*' -o -name '*sysck*')"
for file in /etc/logrotate.d/tcbck /etc/logcheck/cracking.d/tcbck /var/log/tcbck/report.json /var/lib/tcbck/undo "$db"; do
	expect_true "$file is left by remove" test -e "$root$file"
done

check 0 - in_root apt-get -q purge -y tcbck
same database "$root$db"
check 0 - in_root getent group security
check 0 - in_root apt-get -q autoremove --purge -y

rm -f "$root/run/systemctl"

# What README.Debian tells of, and nothing else: the database, the group. Tools that make groups leave copies and a lock.
list_files after
printf '%s\n' "$db" /etc/group- /etc/gshadow- /run/adduser | sort -u before - >wanted
check 0 empty diff wanted after
list_contents contents-after
comm -3 contents-before contents-after | awk '{ print $1 }' | sort -u >changed
printf '%s\n' /etc/group /etc/group- /etc/gshadow /etc/gshadow- "$db" >wanted
check 0 empty diff wanted changed
check 0 empty in_root dpkg --audit
check_out empty
finish
