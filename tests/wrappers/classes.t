# The classes of samples/linux-tcb.cfg for the systems of the logging and wrapper world, as they are delivered: no finding on a
# host that is well configured; and when a configuration breaks, its checking program has a finding, and only its own.
. "$SRCDIR/tests/wrappers/lib.sh"
. "$SRCDIR/tests/wrappers/stage.sh"

stage_all
ok "systems:$systems"
# shellcheck disable=SC2086 # a list of names
define $systems
check 0 empty tcbck -n ALL
expect_true "each class has its program" test "$(grep -c '^	program = ' "$db")" -ge "$(echo "$systems" | wc -w)"

# breaks CLASS FILE CHECKED TEXT: with standard input added to FILE, the definition of CHECKED has a finding with TEXT
breaks()
{
	case "$systems " in
	*" $1 "*) ;;
	*)
		skip "$1 is not there"
		return
		;;
	esac
	[ -e "$2" ] && cp -p "$2" saved
	cat >>"$2"
	check 4 - tcbck -n "$1"
	grep ': program is ' "$ERR" >found
	has "$3: program is " found
	has "$4" found
	expect_true "one program has a finding" test "$(wc -l <found)" -eq 1
	rm "$2"
	[ -e saved ] && mv saved "$2"
	check 0 empty tcbck -n "$1"
}

echo 'half:x:1001' | breaks accounts /etc/passwd /etc/passwd 'invalid password file entry'
echo 'half:x' | breaks accounts /etc/group /etc/group 'invalid group file entry'
echo 'no colon' | breaks tcpd /etc/hosts.allow /etc/hosts.allow 'missing \":\" separator'
echo 'no colon' | breaks tcpd /etc/hosts.deny /etc/hosts.allow 'missing \":\" separator'
echo 'echo stream tcp' | breaks inetd /etc/inetd.conf /etc/inetd.conf 'inetd.conf:2: fields are missing'
echo 'module(load="imnothing")' | breaks rsyslog /etc/rsyslog.conf /etc/rsyslog.conf imnothing
echo 'module(load="imnothing")' | breaks rsyslog /etc/rsyslog.d/x.conf /etc/rsyslog.conf imnothing
for file in syslog-ng.conf conf.d/x.conf; do
	echo 'log { source(s_none); };' |
		breaks syslog-ng /etc/syslog-ng/$file /etc/syslog-ng/syslog-ng.conf 'source(s_none) is not defined'
done
echo 'bogus' | breaks logrotate /etc/logrotate.conf /etc/logrotate.conf 'bogus'
echo '/x { bogus }' | breaks logrotate /etc/logrotate.d/x /etc/logrotate.conf 'x:1 '
echo 'a(b' | breaks logcheck /etc/logcheck/ignore.d.server/x /etc/logcheck 'ignore.d.server/x: '
echo 'BOGUS="1"' | breaks portsentry /etc/portsentry/portsentry.conf /etc/portsentry/portsentry.conf 'knows no BOGUS'
echo '-w /etc/passwd -p wa' | breaks auditd /etc/audit/rules.d/x.rules /etc/audit/audit.rules 'Rules have changed'
echo 'Bogus yes' | breaks sshd /etc/ssh/sshd_config /etc/ssh/sshd_config 'Bad configuration option: Bogus'
echo 'ops ALL=(' | breaks sudo /etc/sudoers /etc/sudoers '/etc/sudoers:2'
echo 'table inet x { bogus; }' | breaks nftables /etc/nftables.conf /etc/nftables.conf 'nftables.conf:'
systems="$systems kernel"
define kernel
echo 'garbage' | breaks kernel /etc/sysctl.conf /etc/sysctl.conf 'invalid syntax'
finish
