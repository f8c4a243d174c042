# shellcheck shell=sh
# stage.sh - configurations of all systems that have a class with a checking program in samples/linux-tcb.cfg, each good, in
# the /etc of a case (see lib.sh). Sets systems to the classes of those that are there.

# stage CLASS FILE: is the system there? Then it is one of them.
stage()
{
	[ -e "$2" ] && systems="$systems $1"
}

stage_all()
{
	systems=
	ip link set lo up
	account logcheck
	account sshd
	: >/etc/hosts.allow
	: >/etc/hosts.deny
	stage accounts /usr/sbin/pwck
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n' >/etc/passwd
	printf 'sshd:x:64999:64999::/run/sshd:/usr/sbin/nologin\n' >>/etc/passwd
	printf 'root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n' >/etc/shadow
	printf 'root:x:0:\nadm:x:4:\ntty:x:5:\nutmp:x:43:\nnogroup:x:65534:\nsshd:x:64999:\n' >/etc/group
	printf 'root:*::\nadm:*::\ntty:*::\nutmp:*::\nnogroup:*::\nsshd:*::\n' >/etc/gshadow
	stage tcpd /usr/sbin/tcpdchk && echo 'sshd: 127.0.0.1' >/etc/hosts.allow
	stage inetd /usr/sbin/inetd && echo 'discard stream tcp nowait root internal' >/etc/inetd.conf
	# Debian's two loggers are not meant to be there together, nor are their drop-ins for logrotate.
	stage rsyslog /usr/sbin/rsyslogd && mkdir -p /var/spool/rsyslog
	stage syslog-ng /usr/sbin/syslog-ng
	stage logrotate /usr/sbin/logrotate && rm -f /etc/logrotate.d/*
	printf '/var/log/some.log {\n\tweekly\n\tmissingok\n}\n' >/etc/logrotate.d/rsyslog
	stage logcheck /usr/sbin/logcheck
	stage portsentry /usr/sbin/portsentry
	if stage auditd /usr/sbin/augenrules; then
		rm -f /etc/audit/audit.rules
		/usr/sbin/augenrules >/dev/null 2>&1
	fi
	if stage sshd /usr/sbin/sshd; then
		rm -rf /etc/ssh
		mkdir /etc/ssh
		grep -v '^UsePAM' /usr/share/openssh/sshd_config >/etc/ssh/sshd_config
		ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
	fi
	if stage sudo /usr/sbin/visudo; then
		rm -rf /etc/sudoers /etc/sudoers.d
		echo 'root ALL=(ALL:ALL) ALL' >/etc/sudoers
		chmod 440 /etc/sudoers
	fi
	if direct /usr/sbin/nft list ruleset >/dev/null 2>&1; then
		stage nftables /usr/sbin/nft
	fi
	# Of what the kernel class has, only parameters are needed here.
	echo "kernel.pid_max = $(cat /proc/sys/kernel/pid_max)" >/etc/sysctl.conf
}
