# Some 300 objects of every type are defined with every attribute and found good; then 100 of them change, each attribute
# more than once: exactly these lines are told, in the order of the database, the same at any number of threads.
. "$SRCDIR/tests/cli/lib.sh"
need_xattr
need setfacl
need setcap

top=$PWD/t
db=$PWD/sysck.cfg
mkdir t
cd t || exit

# --- the tree

i=1
while [ $i -le 180 ]; do
	echo "content of file $i" >"$(printf 'f%03d' $i)"
	i=$((i + 1))
done
for i in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15; do
	mkdir "d$i"
	echo "$i" >"d$i/inner"
	mkfifo "p$i"
	ln -s "f0$i" "y$i"
done
for i in 1 2 3 4 5; do
	"$HELPERS/make" socket "s$i"
	mknod "c$i" c 1 "$i"
	mknod "b$i" b 7 "$i"
done
zeros=$(printf '%03999d' 0)
ln -s "${zeros}a" long1
ln -s "${zeros}a" long2
ln -s "$(printf 'to\nsome\033\377where')" odd-target
for i in 1 2 3 4; do
	echo "hard $i" >h${i}a
	ln h${i}a h${i}b
	ln h${i}a d0$i/h${i}c
done

# Each name as printf makes it and as it is shown.
cat >../names <<'NAMES'
n01-\n-newline "n01-\n-newline"
n02-\033[31m-escape "n02-\x1b[31m-escape"
n03-\377-byte "n03-\xff-byte"
n04-"-quote "n04-\"-quote"
n05-\\-backslash "n05-\\-backslash"
n06-,-comma n06-,-comma
n07-\303\274-letter n07-ü-letter
n08-\342\200\256-override "n08-\xe2\x80\xae-override"
n09-\302\205-control "n09-\xc2\x85-control"
n10-\t-tab "n10-\t-tab"
n11-\177-delete "n11-\x7f-delete"
n12-$(touch${IFS}no) n12-$(touch${IFS}no)
n13-%%f-%%s n13-%f-%s
n14: n14:
n15=x n15=x
n16-blank\040 "n16-blank "
n17-\355\240\200-surrogate "n17-\xed\xa0\x80-surrogate"
#n18 #n18
*n19 *n19
\r-n20 "\x0d-n20"
NAMES
mkdir names ' blank'
echo x >' blank/ x'
while IFS=' ' read -r format shown; do
	# shellcheck disable=SC2059 # names are made by it
	name=$(printf "names/$format.")
	echo "$shown" >"${name%.}"
done <../names

chmod 4755 f001 f002
chmod 2755 f003 d03
chmod 1777 d04
chmod 0 f005
chmod 6711 f006
chown -h daemon:bin f007 p01 y01
chown 12345:54321 f008
setfacl -m u:daemon:r,g:bin:rwx f011 f012 f013 p03 c3
setfacl -m u:12345:--- f014
setfacl -d -m u:daemon:rwx,g:bin:r-x d05 d06
setfacl -m u:sys:x d06
setcap cap_net_raw,cap_chown+ep f021 && setcap cap_net_raw,cap_chown+ep f022
setcap cap_net_bind_service=ei f023
setcap cap_setuid=p f024
setcap -n 100000 cap_setgid=ep f025 2>/dev/null || setcap cap_setgid=ep f025
for i in f031 f032 f033 d07; do
	setfattr -n security.tcb -v 1 $i
done
: >f040
cd ..

# --- defined and good

attributes='type owner group mode acl capabilities device target links size checksum hash_value'
# shellcheck disable=SC2086 # a list of words
check 0 empty "$TCBCK" --database "$db" -a -r "$top" $attributes
ln -s "$top/f051" s051
ln -s "$top/f051" s051b
ln -s "$top/f052" s052
printf '#!/bin/sh\n[ -e "$1" ] && exit 0\necho "no more"\nexit 3\n' >checker
chmod 755 checker
echo one >source1
echo two >source2
check 0 empty "$TCBCK" --database "$db" -a "$top/f051" symlinks="$PWD/s051,$PWD/s051b"
check 0 empty "$TCBCK" --database "$db" -a "$top/f052" symlinks="$PWD/s052"
check 0 empty "$TCBCK" --database "$db" -a "$top/f053" program="$PWD/checker,$PWD/flag1"
check 0 empty "$TCBCK" --database "$db" -a "$top/f054" program="$PWD/checker,$PWD/flag2" class=programs
check 0 empty "$TCBCK" --database "$db" -a "$top/f055" source="$PWD/source1"
check 0 empty "$TCBCK" --database "$db" -a "$top/f056" source="$PWD/source2"
check 0 empty "$TCBCK" --database "$db" -a "$top/f057" size=VOLATILE checksum=VOLATILE hash_value=VOLATILE
: >flag1
: >flag2
definitions=$(grep -c '^[^[:space:]]' "$db")
expect_true "$definitions definitions, of all objects" test "$definitions" -eq "$(find t -printf x | wc -c)"
expect_true "they are about 300" test "$definitions" -ge 280
check 0 empty "$TCBCK" --database "$db" -n ALL
check_out empty
check 0 - "$TCBCK" --database "$db" -v -j1 -n ALL
has "tcbck: $definitions definitions, $definitions objects, 0 findings, 0 unverified, 0 errors, "

# --- 100 changes; each says what it expects

: >wanted
changes=0
# expect NAME ATTRIBUTE ACTUAL EXPECTED: one line
expect()
{
	case $1 in
	'"'*) shown="\"@DIR@/t/$(printf '%s' "$1" | cut -c2-)" ;;
	*) shown=@DIR@/t/$1 ;;
	esac
	printf '%s\t%s\t%s: %s is %s, should be %s\n' "$shown" "$2" "$shown" "$2" "$3" "$4" >>../wanted
}
changed()
{
	changes=$((changes + 1))
}
# The lines for new content of file $1, shown as $2. Set before: old_sum, old_hash, old_size.
remember()
{
	old_sum=$(/usr/bin/sum -r <"$1")
	old_hash=$(sha256sum <"$1")
	old_size=$(stat -c %s "$1")
}
expect_content()
{
	new_size=$(stat -c %s "$1")
	new_hash=$(sha256sum <"$1")
	if [ "$new_size" -ne "$old_size" ]; then
		expect "$2" size "$new_size" "$old_size"
	fi
	expect "$2" checksum "\"$(/usr/bin/sum -r <"$1")\"" "\"$old_sum\""
	expect "$2" hash_value "sha256:${new_hash%% *}" "sha256:${old_hash%% *}"
	changed
}

cd t || exit
# type (8), missing (6)
rm f101 && mkdir f101 && expect f101 type DIRECTORY FILE && changed
rm f102 && mkfifo f102 && expect f102 type FIFO FILE && changed
rm f103 && ln -s f104 f103 && expect f103 type SYMLINK FILE && changed
rm f105 && mknod f105 c 1 5 && expect f105 type CHAR_DEV FILE && changed
rm f106 && "$HELPERS/make" socket f106 && expect f106 type SOCKET FILE && changed
rm y02 && echo x >y02 && expect y02 type FILE SYMLINK && changed
rm c1 && mknod c1 b 1 1 && expect c1 type BLK_DEV CHAR_DEV && changed
rm p02 && echo x >p02 && expect p02 type FILE FIFO && changed
for i in f111 f112 f113; do
	rm $i && expect $i missing absent FILE && changed
done
rm p04 && expect p04 missing absent FIFO && changed
rm s1 && expect s1 missing absent SOCKET && changed
rm y03 && expect y03 missing absent SYMLINK && changed
# owner (7), group (6)
chown bin f121 && expect f121 owner bin root && changed
chown 4294967294 f122 && expect f122 owner 4294967294 root && changed
chown 77777 d08 && expect d08 owner 77777 root && changed
chown -h sys y04 && expect y04 owner sys root && changed
chown root p01 && expect p01 owner root daemon && changed
chown root f008 && expect f008 owner root 12345 && changed
chown bin c2 && expect c2 owner bin root && changed
chgrp bin f123 && expect f123 group bin root && changed
chgrp 88888 f124 && expect f124 group 88888 root && changed
chgrp -h sys y05 && expect y05 group sys root && changed
chgrp root f007 && expect f007 group root bin && changed
chgrp 1 s2 && expect s2 group daemon root && changed
chgrp sys d09 && expect d09 group sys root && changed
# acl (8)
setfacl -m u:daemon:rw f131 && chmod g=r f131 &&
	expect f131 acl u::rw-,u:daemon:rw-,g::r--,m::r--,o::r-- none && changed
setfacl -m g:bin:r f011 && setfacl -m m::rwx f011 &&
	expect f011 acl u::rw-,u:daemon:r--,g::r--,g:bin:r--,m::rwx,o::r-- \
		u::rw-,u:daemon:r--,g::r--,g:bin:rwx,m::rwx,o::r-- && changed
setfacl -x u:daemon f012 && setfacl -m m::rwx f012 &&
	expect f012 acl u::rw-,g::r--,g:bin:rwx,m::rwx,o::r-- \
		u::rw-,u:daemon:r--,g::r--,g:bin:rwx,m::rwx,o::r-- && changed
setfacl -x u:daemon f013
setfacl -m u:sys:r,m::rwx f013 && expect f013 acl u::rw-,u:sys:r--,g::r--,g:bin:rwx,m::rwx,o::r-- \
	u::rw-,u:daemon:r--,g::r--,g:bin:rwx,m::rwx,o::r-- && changed
setfacl -b f014 && expect f014 acl none u::rw-,u:12345:---,g::r--,m::r--,o::r-- && changed
setfacl -k d05 && expect d05 acl none \
	default:u::rwx,default:u:daemon:rwx,default:g::r-x,default:g:bin:r-x,default:m::rwx,default:o::r-x && changed
setfacl -d -m u:bin:r,m::rwx d10 && expect d10 acl \
	default:u::rwx,default:u:bin:r--,default:g::r-x,default:m::rwx,default:o::r-x none && changed
setfacl -m u:bin:r p05 && expect p05 acl u::rw-,u:bin:r--,g::r--,m::r--,o::r-- none && changed
# mode (15), the TCB flag included
chmod 755 f001 && expect f001 mode rwxr-xr-x SUID,rwxr-xr-x && changed
chmod 6755 f002 && expect f002 mode SUID,SGID,rwxr-xr-x SUID,rwxr-xr-x && changed
chmod g-s f003 && expect f003 mode rwxr-xr-x SGID,rwxr-xr-x && changed
chmod 644 f005 && expect f005 mode rw-r--r-- --------- && changed
chmod 6710 f006 && expect f006 mode SUID,SGID,rwx--x--- SUID,SGID,rwx--x--x && changed
chmod u+s f041 && expect f041 mode SUID,rw-r--r-- rw-r--r-- && changed
chmod 600 p06 && expect p06 mode rw------- rw-r--r-- && changed
chmod 777 d04 && expect d04 mode rwxrwxrwx SVTX,rwxrwxrwx && changed
chmod +t d11 && expect d11 mode SVTX,rwxr-xr-x rwxr-xr-x && changed
chmod g-s d03 && expect d03 mode rwxr-xr-x SGID,rwxr-xr-x && changed
chmod 666 c4 && expect c4 mode rw-rw-rw- rw-r--r-- && changed
chmod 777 s3 && expect s3 mode rwxrwxrwx rwxr-xr-x && changed
setfattr -x security.tcb f031 && expect f031 mode rw-r--r-- TCB,rw-r--r-- && changed
setfattr -n security.tcb -v 1 f042 && expect f042 mode TCB,rw-r--r-- rw-r--r-- && changed
setfattr -n security.tcb -v 0 d07 && expect d07 mode rwxr-xr-x TCB,rwxr-xr-x && changed
# capabilities (5)
setcap -r f021 && expect f021 capabilities none cap_chown,cap_net_raw=ep && changed
setcap cap_net_raw,cap_chown+eip f022 && expect f022 capabilities cap_chown,cap_net_raw=eip cap_chown,cap_net_raw=ep && changed
setcap cap_net_bind_service=ep f023 && expect f023 capabilities cap_net_bind_service=ep cap_net_bind_service=ei && changed
setcap cap_setuid,cap_kill=p f024 && expect f024 capabilities cap_kill,cap_setuid=p cap_setuid=p && changed
setcap all=ep f043 && expect f043 capabilities =ep none && changed
# device (4)
rm c3 && mknod c3 c 1 9 && setfacl -m u:daemon:r,g:bin:rwx c3 && expect c3 device 1,9 1,3 && changed
rm c5 && mknod c5 c 5 5 && expect c5 device 5,5 1,5 && changed
rm b1 && mknod b1 b 7 300 && expect b1 device 7,300 7,1 && changed
rm b2 && mknod b2 b 4000 2 && expect b2 device 4000,2 7,2 && changed
# target (5)
rm long1 && ln -s "${zeros}b" long1 && expect long1 target "${zeros}b" "${zeros}a" && changed
rm long2 && ln -s "$zeros" long2 && expect long2 target "$zeros" "${zeros}a" && changed
rm y06 && ln -s ./f006 y06 && expect y06 target ./f006 f006 && changed
rm y07 && ln -s "f007 " y07 && expect y07 target '"f007 "' f007 && changed
rm odd-target && ln -s "$(printf 'to\nsome\033\376where')" odd-target &&
	expect odd-target target '"to\nsome\x1b\xfewhere"' '"to\nsome\x1b\xffwhere"' && changed
# links (3 changes, some seen from each name)
ln f061 ../outside && expect f061 links '2 in all' '1 in all' && changed
ln p07 ../pipe && expect p07 links '2 in all' '1 in all' && changed
rm h1b && cp -a h2a h1b
expect h1a links "2 in all, @DIR@/t/h1b another file" "3 in all with @DIR@/t/d01/h1c,@DIR@/t/h1b"
expect d01/h1c links "2 in all, @DIR@/t/h1b another file" "3 in all with @DIR@/t/h1a,@DIR@/t/h1b"
expect h1b links "1 in all, @DIR@/t/d01/h1c another file, @DIR@/t/h1a another file" "3 in all with @DIR@/t/d01/h1c,@DIR@/t/h1a"
old_sum=$(/usr/bin/sum -r <h1a) old_hash=$(sha256sum <h1a) old_size=7
expect_content h1b h1b
rm h3b
expect h3b missing absent FILE
expect h3a links "2 in all, @DIR@/t/h3b absent" "3 in all with @DIR@/t/d03/h3c,@DIR@/t/h3b"
expect d03/h3c links "2 in all, @DIR@/t/h3b absent" "3 in all with @DIR@/t/h3a,@DIR@/t/h3b"
changed
# symlinks (2)
rm ../s051b && ln -s "$top/f052" ../s051b &&
	expect f051 symlinks "@DIR@/s051b -> @DIR@/t/f052" "@DIR@/s051,@DIR@/s051b" && changed
rm ../s052 && expect f052 symlinks "@DIR@/s052 absent" "@DIR@/s052" && changed
# program (2), source (2)
rm ../flag1 && expect f053 program '3 "no more"' 0 && changed
rm ../flag2 && expect f054 program '3 "no more"' 0 && changed
rm ../source1 && expect f055 source absent "@DIR@/source1" && changed
rm ../source2 && expect f056 source absent "@DIR@/source2" && changed
# VOLATILE: nothing to say, and no change that counts
echo "something else altogether" >f057
# content: of another size (8), of the same size and time of change (6)
for i in f071 f072 f073 f074 f075; do
	remember $i
	echo more >>$i
	expect_content $i $i
done
remember f040
printf x >f040
expect_content f040 f040
remember f076
: >f076
expect_content f076 f076
remember f077
head -c 3000000 /dev/zero >f077
expect_content f077 f077
for i in f081 f082 f083 f084 d12/inner d13/inner; do
	remember $i
	touch -r $i ../time
	printf 'C' | dd of=$i conv=notrunc status=none
	touch -r ../time $i
	expect_content $i $i
done
# the odd names (all 20: another mode), and one that is lost
while IFS=' ' read -r format shown; do
	# shellcheck disable=SC2059
	name=$(printf "names/$format.")
	case $shown in '"'*) shown="\"names/${shown#?}" ;; *) shown=names/$shown ;; esac
	chmod 444 "${name%.}" && expect "$shown" mode r--r--r-- rw-r--r-- && changed
done <../names
rm ' blank/ x' && expect ' blank/ x' missing absent FILE && changed
cd ..

expect_true "$changes changes, at least 100" test $changes -ge 100
for attribute in type owner group acl mode capabilities device target links symlinks size checksum hash_value program \
	source missing; do
	expect_true "$attribute changes more than once" test "$(cut -f2 wanted | grep -cx $attribute)" -ge 2
done

# In the order of the database, and within an object in that of the attributes.
order='type owner group acl mode capabilities device target links symlinks size checksum hash_value program source'
sed "s|$PWD|@DIR@|g" "$db" >shown-db
LC_ALL=C awk -F '\t' -v order="$order" '
BEGIN { n = split(order, a, " "); for (i = 1; i <= n; i++) rank[a[i]] = i }
NR == FNR { if (/^[^\t]/ && /:$/) { sub(/:$/, ""); at[$0] = NR }; next }
{ printf "%08d %02d\t%s\n", at[$1], rank[$2], $3 }' shown-db wanted | sort | cut -f2- >expected
check 4 expected "$TCBCK" --database "$db" -n ALL
check_out empty

# --- the same at any number of threads

for jobs in 1 2 8; do
	"$TCBCK" --database "$db" -j $jobs -n ALL 2>text.$jobs
	"$TCBCK" --database "$db" -j $jobs --format json -n ALL 2>json-err.$jobs |
		sed -e 's/"time":"[^"]*"/"time":0/' -e 's/"bytes":[0-9]*/"bytes":0/' -e 's/"seconds":[0-9.e-]*/"seconds":0/' \
			>json.$jobs
	"$TCBCK" --database "$db" -j $jobs -v -n ALL 2>&1 | sed 's/, [^,]* read in [0-9.]* s$//' >verbose.$jobs
done
same text.1 text.2
same text.1 text.8
same json.1 json.2
same json.1 json.8
same verbose.1 verbose.2
same verbose.1 verbose.8
expect_true "JSON tells as many" test "$(grep -c '"event":"finding"' json.1)" -eq "$(wc -l <expected)"
has_not unverified json-err.8
expect_true "nothing was run by a name" test ! -e t/no -a ! -e no

# Each changed path alone says the same lines as ALL does.
sed "s|$PWD|@DIR@|g" text.1 | grep -F "@DIR@/t/h1b:" >one
check 4 one "$TCBCK" --database "$db" -n "$top/h1b"
finish
