# shellcheck shell=sh
# lib.sh - a host of a case's own, as tests/wrappers/lib.sh makes it, with a /dev and loggers of its own, which are configured
# as their packages and samples/ say. A case begins with
#	. "$SRCDIR/tests/logs/lib.sh"
# and has the functions of that file, and:
#
#	$loggers               rsyslog syslog-ng inetutils busybox journald
#	start_logger NAME      starts one, which takes /dev/log; $logger is its process. False: it is not there, as was said
#	stop_logger [SIGNAL]   ends it
#	read_log FILE          writes the lines that are in its log to FILE
#	records FILE           how many records are among these lines
#	await N                until the log has N records
#	change N CLASS         defines that many files in CLASS, below the directory CLASS, and changes them: N findings
#	begin_run ARG...       starts tcbck -t ARG..., which waits with each finding for an answer
#	answer N               leaves that many findings, which are recorded as soon as they are answered
#	end_run                waits until the run ends; 4, and nothing got lost
if [ "$(id -u)" -eq 0 ] && [ -z "${WITHOUT_AUDIT-}" ]; then
	# There is one audit system for the whole machine, and other cases may have stopped it.
	WITHOUT_AUDIT=yes exec setpriv --bounding-set=-audit_write --inh-caps=-audit_write sh "$0"
fi
. "$SRCDIR/tests/wrappers/lib.sh"

loggers='rsyslog syslog-ng inetutils busybox journald'
# What a logger puts before a record.
header='^([[:alpha:]]{3} [ :[:digit:]]{11}|[0-9T:.+-]{32}) [._[:alnum:]-]+ (authpriv\.[a-z]+ )?tcbck\[[0-9]+\]: '
log=/var/log/tcbck/tcbck.log

make_devices
# Messages of the kernel are the real host's, and would be taken away from it.
mount --bind /dev/null /proc/kmsg
ip link set lo up
# No line is in it but a case's own.
mount -t tmpfs -o mode=0755 logs /var/log
install -d -m 0750 -g adm /var/log/tcbck
# tcbck -t looks through the lists of all packages for each finding.
[ ! -d /var/lib/dpkg/info ] || mount -t tmpfs -o mode=0755 none /var/lib/dpkg/info
if component /etc/rsyslog.conf; then
	sed -i '/imklog/d' /etc/rsyslog.conf
	cp "$SRCDIR/samples/rsyslog-tcbck.conf" /etc/rsyslog.d/tcbck.conf
fi
if component /etc/syslog-ng/conf.d; then
	cp "$SRCDIR/samples/syslog-ng-tcbck.conf" /etc/syslog-ng/conf.d/tcbck.conf
fi
if component /etc/syslog.d; then
	cp "$SRCDIR/samples/syslogd-tcbck.conf" /etc/syslog.d/tcbck.conf
fi

# run_logger PROGRAM ARG...
run_logger()
{
	component "$1" || return
	rm -f /dev/log
	"$@" >>logger.out 2>&1 &
	logger=$!
}

start_logger()
{
	logger_name=$1
	case $1 in
	rsyslog) run_logger /usr/sbin/rsyslogd -n ;;
	syslog-ng) run_logger /usr/sbin/syslog-ng -F ;;
	inetutils) run_logger /usr/sbin/syslogd --no-detach --no-klog ;;
	busybox) run_logger /usr/bin/busybox syslogd -n -O $log ;;
	journald) run_logger /usr/lib/systemd/systemd-journald && ln -s /run/systemd/journal/dev-log /dev/log ;;
	esac || return
	if ! wait_until test -S /dev/log; then
		fail "$1 does not start: $(cat logger.out)"
		return 1
	fi
}

stop_logger()
{
	kill "-${1:-TERM}" "$logger"
	wait "$logger" 2>/dev/null
	rm -f /dev/log
}

read_log()
{
	if [ "$logger_name" = journald ]; then
		journalctl -o short --no-pager >"$1" 2>/dev/null
	elif [ -e $log ]; then
		cat $log >"$1"
	else
		: >"$1"
	fi
}

records()
{
	grep -c 'tcbck\[[0-9]*\]: TCBCK_' "$1"
}

has_records()
{
	read_log log
	[ "$(records log)" -ge "$1" ]
}

await()
{
	wait_until has_records "$1"
}

change()
{
	mkdir "$2"
	seq -f "$PWD/$2/%04g" "$1" | xargs touch
	"$TCBCK" -a --database "$db" -r "$PWD/$2" mode "class=$2"
	chmod 600 "$2"/*
}

begin_run()
{
	rm -f answers
	mkfifo answers
	timeout 120 /usr/sbin/tcbck --database "$db" -t "$@" <answers >"$OUT" 2>"$ERR" &
	run=$!
	exec 3>answers
}

answer()
{
	yes n | head -n "$1" >&3
}

end_run()
{
	exec 3>&-
	wait $run
	status=$?
	expect_true "$logger_name: the run ends with $status, which should be 4" test $status -eq 4
	has_not 'tcbck: '
}
