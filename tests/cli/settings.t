# -a sysck setting=value...: the settings stanza.
. "$SRCDIR/tests/cli/lib.sh"

tcb() { "$TCBCK" --database "$PWD/db" "$@"; }

cat >db <<'END'
# head
/z:
	type = FILE

sysck:
	* own command
	checksum =   "/bin/true <"
	setuids = bin
END
cp db expected
check 0 empty tcb -a sysck hash=sha3-256 setuids=root,2
sed -i 's/= bin/= root,2/' expected
printf '\thash = sha3-256\n' >>expected
same expected db

# Removed; and what is not there can be removed too.
check 0 empty tcb -a sysck setuids= checksum= treeck_nodir=
sed -e /setuids/d -e /checksum/d expected >expected.2
same expected.2 db

# The values that each takes.
check 0 empty tcb -a sysck checksum='/usr/bin/cksum' setuids=0 setgids=0,tty program_timeout=5 hash=blake2b512 \
	treeck_novfs=/a,'"/b c"' 'treeck_nodir = /d , /e'
cp db before
check 4 - tcb -n ALL
has_not db:
wrong()
{
	text=$1
	shift
	check 8 - tcb -a sysck "$@"
	has "$text"
	has 'tcbck: nothing was changed'
	same before db
}
wrong 'tcbck: hash=md5: expected sha256, sha384, sha512, sha3-256 or blake2b512' hash=md5
wrong 'tcbck: program_timeout=0: expected seconds, 1 to 86400' program_timeout=0
wrong 'tcbck: program_timeout=1.5: expected seconds, 1 to 86400' program_timeout=1.5
wrong 'tcbck: treeck_novfs=rel: ' treeck_novfs=rel
wrong 'tcbck: treeck_nodir=/a/: ' treeck_nodir=/a/
wrong 'tcbck: nosuch=1: unknown setting nosuch' nosuch=1
wrong 'tcbck: nosuch=: unknown setting nosuch' nosuch=
wrong 'tcbck: size=1: unknown setting size' size=1
wrong "tcbck: hash: expected \`hash = value'" hash
wrong 'given twice' hash=sha256 hash=sha512
wrong 'expected a command such as /usr/bin/sum -r <' 'checksum=""'
wrong 'the quote is not closed' 'checksum="open'
check 8 - tcb -a sysck hash=md5 setgids=0 color=1 program_timeout=x
printf '%s\n' 'tcbck: hash=md5: expected sha256, sha384, sha512, sha3-256 or blake2b512' \
	'tcbck: color=1: unknown setting color' 'tcbck: program_timeout=x: expected seconds, 1 to 86400' \
	'tcbck: nothing was changed' >expected.errors
check 8 expected.errors tcb -a sysck hash=md5 setgids=0 color=1 program_timeout=x
same before db

# They go into a new database too, and `sysck` is no path that could be deleted.
rm db
check 0 empty tcb -a sysck hash=sha384
printf 'sysck:\n\thash = sha384\n' >expected
same expected db
check 8 - tcb -d sysck
has 'tcbck: sysck: no definition of that class'
same expected db
# Two stanzas of settings, or a wrong setting: no update begins.
printf 'sysck:\n\thash = sha384\n\nsysck:\n\thash = sha256\n' >db
cp db before
check 8 - tcb -a /x type=FILE
has ':4:'
same before db
printf 'sysck:\n\thash = md4\n' >db
cp db before
check 8 - tcb -a sysck hash=sha256
has ':2:9: expected sha256'
same before db
finish
