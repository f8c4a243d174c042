# Checking changes nothing: every system call of -n and --why is looked at, files are opened for reading only, and access
# times stay.
. "$SRCDIR/tests/cli/lib.sh"
need strace

top=$PWD/t
db=$PWD/sysck.cfg
mkdir -p t/directory
i=0
while [ $i -lt 20 ]; do
	echo "file $i" >t/file$i
	i=$((i + 1))
done
mkfifo t/fifo
ln -s file1 t/symlink
ln t/file2 t/hard
"$HELPERS/make" socket t/socket
printf '#!/bin/sh\nexec cat "$1"\n' >checker
chmod 755 checker
"$TCBCK" --database "$db" -a -r "$top" owner group mode acl capabilities target links size checksum hash_value class=all ||
	fail "cannot define the tree"
if [ "$(id -u)" -eq 0 ]; then
	mknod t/zero c 1 5
	setfacl -m u:daemon:r t/file3
	"$TCBCK" --database "$db" -l /dev/null /dev/tty || fail "cannot define devices"
	"$TCBCK" --database "$db" -a "$top/zero" owner device mode acl || fail "cannot define a device"
fi
"$TCBCK" --database "$db" -a "$top/none" type=FILE size=1 mode=755 || fail "cannot define a missing file"
# Findings of every sort, so that what is done about them is looked at too.
chmod 600 t/file4
echo changed >>t/file5
rm t/file6
cp -p "$db" before.cfg

# Calls that change a file, a name, an attribute, a time, a mount or the system; strace says those that it knows.
changing='creat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,mknod,mknodat,
	chmod,fchmod,fchmodat,?fchmodat2,chown,lchown,fchown,fchownat,truncate,ftruncate,fallocate,utime,utimes,utimensat,
	futimesat,setxattr,lsetxattr,fsetxattr,?setxattrat,removexattr,lremovexattr,fremovexattr,?removexattrat,mount,umount2,
	pivot_root,chroot,swapon,swapoff,acct,sethostname,setdomainname,settimeofday,clock_settime,adjtimex,reboot,sync,syncfs,
	fsync,fdatasync,sync_file_range,copy_file_range,sendfile,splice,pwrite64,pwritev,pwritev2,ioctl,quotactl,
	?move_mount,?fsopen,?open_tree,?mount_setattr,bind,connect,listen,execve,execveat,fork,vfork,ptrace,kill,tkill,
	init_module,finit_module,delete_module,kexec_load,bpf,io_uring_setup,userfaultfd,flock'
changing=$(echo "$changing" | tr -d ' \n\t')

# Prints the calls that a run made and had better not.
bad_calls()
{
	# strace writes the program's own exec first; ioctl TCGETS is isatty(3); connecting to nscd is how the C library asks
	# for users. Older straces show listxattrat(2) by its number. Locks and writing are below.
	grep -vE 'execve\("[^"]*/tcbck"|syscall_0x1d1\(|ioctl\([012], TCGETS|resumed>|/nscd/socket"|^[0-9]+ +(\+\+\+|---)' calls
}
bad_opens()
{
	grep -E 'open(at|at2)?\(' opens |
		grep -E 'O_WRONLY|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE|O_RDWR' | grep -vE '"/dev/null", O_RDWR'
}
bad_reads()
{
	# What is below the tree and is opened for reading, is a regular file or a directory.
	grep O_RDONLY opens | grep -v O_PATH | grep -E '"(fifo|zero|socket|symlink)"'
}
bad_writes()
{
	# Descriptor 2 is the report; nothing else is written to.
	grep -E 'write(v)?\(' writes | grep -vE 'writev?\([12],'
}

look()
{
	strace -f -qq -o calls -e trace="$changing" "$TCBCK" --database "$db" "$@" >"$OUT" 2>first
	wanted=$?
	strace -f -qq -v -s 4096 -o opens -e trace=open,openat,?openat2,fcntl "$TCBCK" --database "$db" "$@" >"$OUT" 2>second
	strace -f -qq -o writes -e trace=write,writev "$TCBCK" --database "$db" "$@" >"$OUT" 2>third
	expect_true "$*: ends with 4" test $wanted -eq 4
	same first second
	for what in bad_calls bad_opens bad_reads bad_writes; do
		$what >bad
		if [ -s bad ]; then
			fail "$*: $what"
			sed 's/^/has: /' bad
		else
			ok "$*: no $what"
		fi
	done
	expect_true "$*: something was traced" grep -q file7 opens
	expect_true "$*: no file is locked" sh -c '! grep -E "F_SETLKW?|F_OFD_SETLK|F_SETLEASE" opens'
}
# Sanitizers have their own calls.
if grep -q -- -fsanitize "$BUILDDIR/flags" 2>/dev/null; then
	skip "system calls are not looked at: sanitizers make some of their own"
else
	look -n ALL
	look -j2 -n ALL
	look --format json -n ALL
	# A run of one path with a finding.
	cp first all
	look -n all
	strace -f -qq -o calls -e trace="$changing" "$TCBCK" --database "$db" --why "$top/file5" 2>first
	bad_calls >bad
	expect_true "--why makes no changing call" test ! -s bad
fi
same before.cfg "$db"
expect_true "no file is left beside the database" test "$(find . -name 'sysck.cfg?*' ! -name '*.lock' | wc -l)" -eq 0

# A database that lies where nothing can be written is checked as well, and no lock is needed.
mkdir alone
cp "$db" alone/sysck.cfg
check 4 - "$TCBCK" --database "$PWD/alone/sysck.cfg" -n ALL
ls alone >list
echo sysck.cfg >only
same only list

# --- access times, where the kernel keeps them strictly

need_mount
mkdir mounted
cat >strict <<'SCRIPT'
mount -t "$1" -o strictatime$2 $3 mounted || exit 77
mkdir mounted/directory
i=0
while [ $i -lt 10 ]; do
	echo "file $i" >mounted/file$i
	i=$((i + 1))
done
cp mounted/file1 mounted/directory
ln -s file1 mounted/symlink
mkfifo mounted/fifo
"$TCBCK" --database "$PWD/times.cfg" -a -r "$PWD/mounted" owner group mode acl capabilities target links size checksum \
	hash_value || exit 1
ln -s mounted/file3 named
"$TCBCK" --database "$PWD/times.cfg" -a "$PWD/mounted/file3" symlinks="$PWD/named"
find mounted -exec touch -h -a -d '2001-01-01 00:00:00' {} +
# By name: looking for them would count. Reading a symlink's target is noted by the kernel, and nothing prevents it.
show_times()
{
	stat -c '%n %x' mounted mounted/directory mounted/directory/file1 mounted/fifo mounted/file0 mounted/file1 \
		mounted/file2 mounted/file3 mounted/file9
}
show_times >times-before
cat mounted/file9 >/dev/null
show_times | cmp -s - times-before && exit 78
touch -a -d '2001-01-01 00:00:00' mounted/file9
"$TCBCK" --database "$PWD/times.cfg" -n ALL || exit 2
"$TCBCK" --database "$PWD/times.cfg" --why "$PWD/mounted/file3" >/dev/null 2>&1 || exit 3
echo more >>mounted/file1
touch -a -d '2001-01-01 00:00:00' mounted/file1
"$TCBCK" --database "$PWD/times.cfg" -n ALL 2>/dev/null
show_times | diff times-before -
SCRIPT
try_strict()
{
	rm -f named times.cfg
	unshare -m sh strict "$@" >strict.out 2>&1
	result=$?
	case $result in
	0) ok "access times stay on $1" ;;
	77) skip "no $1 can be mounted" ;;
	*)
		fail "access times on $1: step $result"
		sed 's/^/has: /' strict.out
		;;
	esac
}
try_strict tmpfs '' none
truncate -s 8M image
mke2fs -q -F -t ext4 image 2>/dev/null && try_strict ext4 ,loop image
finish
