# shellcheck shell=sh
# rpm.sh - an installation of rpm's, for the cases that read one. lib.sh is read before; skips where it can't be made.
need_root
need rpm
need rpmbuild
if ! grep -q HAVE_LIBRPM "$BUILDDIR/flags"; then
	skip "built without librpm"
	finish
fi

# rpm on the root that is made below; what it says about its use on Debian goes away.
rpm_below()
{
	place=$1
	shift
	rpm --root "$PWD/$place" --dbpath /var/lib/rpm "$@" 2>rpm.err
}

# make_rpm NAME FILES COMMANDS - builds $NAME.rpm: version 2:1.0-3, with the lines FILES of %files, after COMMANDS in %install.
make_rpm()
{
	cat >"$1.spec" <<END
Name: $1
Epoch: 2
Version: 1.0
Release: 3
Summary: a sample
License: none
BuildArch: noarch
%description
a sample
%install
cd %{buildroot}
mkdir -p usr/bin etc var/log dev
$3
%files
$2
END
	if ! rpmbuild -bb --quiet --define "_topdir $PWD/build" --define '_build_id_links none' "$1.spec" >rpm.out 2>&1; then
		cat rpm.out
		skip "rpmbuild cannot build $1 here"
		finish
	fi
	mv "build/RPMS/noarch/$1-1.0-3.noarch.rpm" "$1.rpm"
}

# make_root DIRECTORY - with the users that the samples' files belong to, and an empty database.
make_root()
{
	mkdir -p "$1/etc" "$1/var/lib/rpm"
	printf 'root:x:0:0::/:/bin/sh\ndaemon:x:7:7::/:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\ndaemon:x:77:\n' >"$1/etc/group"
	if ! rpm_below "$1" --initdb; then
		cat rpm.err
		skip "rpm makes no database here"
		finish
	fi
}

# Files of many kinds. %verify is how a package says that it does not vouch for something.
make_sample()
{
	make_rpm sample '%attr(4755,root,root) /usr/bin/tool
%attr(0755,root,root) %caps(cap_net_raw=ep) /usr/bin/capable
/usr/bin/link
%config(noreplace) %attr(0640,root,daemon) /etc/sample.conf
%config(missingok) %attr(0644,daemon,daemon) /etc/optional.conf
%ghost %attr(0600,root,root) /var/log/sample.log
%verify(not md5 size mtime) %attr(0644,root,root) /etc/loose.conf
%attr(0644,nobody-knows,root) /etc/stranger
%dir /var/log' 'printf "tool\n" >usr/bin/tool
printf "capable\n" >usr/bin/capable
ln -s tool usr/bin/link
printf "conf\n" >etc/sample.conf
printf "optional\n" >etc/optional.conf
printf "log\n" >var/log/sample.log
printf "loose\n" >etc/loose.conf
printf "stranger\n" >etc/stranger'
}
