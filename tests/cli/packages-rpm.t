# The inventory of an rpm host: definitions of what rpm knows, findings where a file is not that, the same ones as rpm -V's.
. "$SRCDIR/tests/cli/lib.sh"
. "$SRCDIR/tests/cli/rpm.sh"
if ! "$TCBCK" --help 2>&1 | grep -q -- --packages; then
	skip "this tcbck has no --packages"
	finish
fi

make_sample
make_root root
rpm_below root -i --nodeps sample.rpm || fail "rpm: $(cat rpm.err)"
# rpm gives what belongs to nobody it knows to root.
mkdir db
check 0 - "$TCBCK" --root root --database db/sysck.cfg -a --packages
check 0 empty "$TCBCK" --root root --database db/sysck.cfg -n inventory

# The definition of a file: prints its lines.
definition()
{
	awk -v name="$1:" '$0 == name { on = 1; next } /^[^ \t]/ { on = 0 } on && NF { $1 = $1; print }' db/sysck.cfg |
		LC_ALL=C sort
}
definition /usr/bin/capable >got
cat >wanted <<END
capabilities = cap_net_raw=ep
class = inventory,sample
group = root
hash_value = sha256:$(printf 'capable\n' | sha256sum | cut -d' ' -f1)
mode = rwxr-xr-x
owner = root
size = 8
type = FILE
END
same wanted got
definition /usr/bin/tool >got
has "mode = SUID,rwxr-xr-x" got
has "class = inventory,sample" got
definition /usr/bin/link >got
has "target = tool" got
has_not "/var/log:" db/sysck.cfg

# Content, mode and capabilities are changed; sizes stay.
printf 'fool\n' >root/usr/bin/tool
chmod 4755 root/usr/bin/tool
chmod 0644 root/etc/sample.conf
setcap cap_sys_admin=ep root/usr/bin/capable 2>/dev/null || skip "no capabilities here"
ln -sf elsewhere root/usr/bin/link
check 4 - "$TCBCK" --root root --database db/sysck.cfg -n inventory
for finding in "/usr/bin/tool" "/etc/sample.conf" "/usr/bin/capable" "/usr/bin/link"; do
	has "$finding"
done
# Each file that rpm -V complains about is one that tcbck complains about, and the reverse.
"$TCBCK" --root root --database db/sysck.cfg --format json -n inventory 2>/dev/null |
	jq -r 'select(.path != null) | .path' | LC_ALL=C sort -u >tcbck.paths
rpm_below root -V --nodeps sample | sed 's/^.* //' | LC_ALL=C sort -u >rpm.paths
# What belongs to a user that is not there is rpm's finding alone.
grep -v '^/etc/stranger$' rpm.paths >rpm.known
same rpm.known tcbck.paths

# Packages are read before a check is confined, which could not load librpm any more.
check 4 - "$TCBCK" --root root --database db/sysck.cfg -n -v inventory
has "(unexplained: of sample 2:1.0-3)"
check 4 - "$TCBCK" --root root --database db/sysck.cfg --why /usr/bin/tool
has "/usr/bin/tool: of package sample 2:1.0-3, which is as the inventory has it"

# What does not match when the inventory is made is not blessed.
rm -r db
mkdir db
check 4 - "$TCBCK" --root root --database db/sysck.cfg -a --packages
has "/usr/bin/tool"
definition /usr/bin/tool >got
has "hash_value = sha256:$(printf 'tool\n' | sha256sum | cut -d' ' -f1)" got
finish
