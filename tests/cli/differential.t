# Three programs that know nothing of each other look at the same trees: tcbck, AIDE and mtree define a random tree, each in its
# own way, the tree is changed at random, and whatever two of them can see, both must report: each path, each attribute.
#
# How the attributes are mapped (reports.c does it):
#
#	here           tcbck               AIDE                        mtree
#	missing        missing, unsafe-path removed                    missing
#	added          -                   added                       extra
#	type           type                ftype                       type
#	owner, group   owner, group        u, g                        uid, gid
#	mode           mode (but TCB)      p                           mode
#	tcb            mode (TCB)          xattrs: security.tcb        -
#	acl            acl                 acl                         -
#	capabilities   capabilities        xattrs: security.capability -
#	device         device              -                           device
#	target         target              l                           link
#	links          links (the count)   n                           nlink
#	names          links (the names)   -                           -
#	size           size                s                           size
#	hash_value     hash_value          sha256                      sha256
#
# Where their scopes differ, and what is compared then:
#  - An object of another type: tcbck and mtree stop at that; AIDE goes on, which is left out.
#  - What was below a directory that became a symbolic link: the others never follow one. tcbck follows those that root alone
#    controls (all of them lead nowhere here), and says unsafe-path of others; taken for missing.
#  - What became a directory: AIDE tells what is in it, mtree does not; left out.
#  - Objects that are new: tcbck has no findings for them but the tree- ones. What these have to be is worked out here, from
#    lstat(2) and the attributes of the objects that AIDE reports (random-tree strays).
#  - Size: AIDE compares that of directories and symbolic links, too; left out.
#  - Link count: AIDE compares that of directories, too, which changes with what is in them; left out.
#  - Link names: tcbck alone knows them, so it alone sees when a name is moved and the count stays, or can't be looked for
#    behind a symbolic link: `names`, left out.
#  - ACL: without one, AIDE reports the three entries that the mode is made of, a second time; left out. With one, all its
#    entries count, as for tcbck.
#  - Capabilities: AIDE compares its `caps` only if there were some before and are some after; as an attribute, always.
#  - Other attributes (here trusted.other): AIDE alone.
#  - Devices' numbers: not AIDE. ACLs, attributes: not mtree.
#  - Names: mtree prints them as they are, so none here has a newline in it, nor begins with a tab; *, ? and [ are patterns in
#    its specifications; AIDE 0.18 writes control characters in decimal where JSON has hexadecimal. Left out of the names made.
. "$SRCDIR/tests/cli/lib.sh"
need_xattr
need setfacl
need aide
need mtree
if ! mknod node b 7 0 2>/dev/null; then
	skip "the rest needs devices"
	finish
fi
rm node

# Looks at the tree with all three; leaves what they report in files, in the common form.
look()
{
	"$TCBCK" --root "$PWD/tree" --database "$PWD/db/sysck.cfg" --format json -n tree >tcbck.json
	echo "status $?" >statuses
	mtree -p tree -f mtree.spec >mtree.txt
	echo "status $?" >>statuses
	aide --config aide.conf --check >aide.json 2>aide.err
	echo "status $?" >>statuses
	"$HELPERS/reports" tcbck <tcbck.json | sort >tcbck.all
	"$HELPERS/reports" aide <aide.json | sort >aide.all
	"$HELPERS/reports" mtree <mtree.txt | sort >mtree.all
}

# The lines of a report on all attributes but those named: without what one side can't see.
without()
{
	grep -Ev " ($1)\$" "$2" || :
}

# Compares the reports pair by pair; $1 is what tcbck reports.
compare_all()
{
	# What it finds on objects that are new is compared with the model below.
	without 'tree-[a-z]*|names' "$1" >tcbck.defined
	without 'device' tcbck.defined >left
	without 'added' aide.all >right
	diff left right || return
	without 'acl|tcb|capabilities' tcbck.defined >left
	without 'added' mtree.all >right
	diff left right || return
	without 'device' mtree.all >left
	# Below which paths AIDE alone looks; then its lines.
	awk '
	NR == FNR { if ($2 == "type") other[$1 "2f"]; next }
	{ for (path in other) if ($2 == "added" && index($1, path) == 1) next; print }
	' mtree.all aide.all >aide.seen
	without 'acl|tcb|capabilities' aide.seen >right
	diff left right || return
	grep ' tree-' "$1" >left
	sed -n 's/ added$//p' aide.all | "$HELPERS/random-tree" strays tree | sort >right
	diff left right
}

mkdir db
: >seen
for seed in ${SEEDS:-1 2 3 4 5 6 7 8}; do
	rm -rf tree aide.db db/*
	mkdir tree
	# Below the tree's own directory, which AIDE takes for the root.
	cat >aide.conf <<-EOF
		database_in=file:$PWD/aide.db
		database_out=file:$PWD/aide.db
		report_format=json
		report_level=changed_attributes
		report_url=stdout
		log_level=error
		root_prefix=$PWD/tree
		/ p+u+g+n+s+l+ftype+acl+xattrs+caps+sha256
	EOF
	expect_true "seed $seed: a tree" "$HELPERS/random-tree" make "$seed" tree
	check 0 empty "$TCBCK" --root "$PWD/tree" --database "$PWD/db/sysck.cfg" -a -r / \
		owner group mode acl capabilities device target links size hash_value
	check 0 empty mtree -c -p tree -k type,uid,gid,mode,size,nlink,link,device,sha256
	cp "$OUT" mtree.spec
	check 0 empty aide --config aide.conf --init
	look
	if [ -s tcbck.all ] || [ -s aide.all ] || [ -s mtree.all ] || [ "$(sort -u statuses)" != "status 0" ]; then
		fail "seed $seed: differences without a change"
		cat tcbck.all aide.all mtree.all statuses
	fi

	expect_true "seed $seed: changes" "$HELPERS/random-tree" change "$seed" tree
	look
	if compare_all tcbck.all; then
		ok "seed $seed: $(wc -l <tcbck.all) findings, all agree"
	else
		fail "seed $seed: tcbck, AIDE and mtree do not agree"
		cat aide.err
	fi
	cat tcbck.all >>seen
done

# Each attribute was among the changes.
for attribute in missing type owner group mode tcb acl capabilities device target links size hash_value \
	tree-tcb tree-setuid tree-setgid tree-device tree-link; do
	expect_true "differs in $attribute: $(grep -c " $attribute\$" seen)" grep -q " $attribute\$" seen
done

# The comparison sees it if tcbck lacks one of its findings, has another attribute in it, another path, or one too many.
lines=$(grep -Evc ' names$' tcbck.all)
line=$(grep -Evn ' names$' tcbck.all | sed -n "$((lines / 2 + 1))s/:.*//p")
sed "${line}d" tcbck.all >mutated
expect_true "notices a finding that is not there" eval '! compare_all mutated >/dev/null'
sed "${line}s/ .*/ target/" tcbck.all | sort >mutated
expect_true "notices another attribute" eval '! compare_all mutated >/dev/null'
sed "${line}s/^/2f78/" tcbck.all | sort >mutated
expect_true "notices another path" eval '! compare_all mutated >/dev/null'
{ cat tcbck.all && echo "2f78 owner"; } | sort >mutated
expect_true "notices one too many" eval '! compare_all mutated >/dev/null'
expect_true "and none otherwise" compare_all tcbck.all
finish
