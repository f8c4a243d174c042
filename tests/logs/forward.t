# To a log server, from one network namespace to another, by rsyslog and by syslog-ng, as samples/ have it. While the server is
# down nothing is lost, and what arrives twice is recognised by its id.
. "$SRCDIR/tests/logs/lib.sh"

if ! ip netns add server 2>"$ERR"; then
	skip "the rest needs network namespaces: $(cat "$ERR")"
	finish
fi
if ! ip link add client0 type veth peer name server0 netns server 2>"$ERR"; then
	skip "the rest needs virtual network devices: $(cat "$ERR")"
	finish
fi
ip addr add 10.77.0.1/24 dev client0
ip link set client0 up
ip -n server link set lo up
ip -n server addr add 10.77.0.2/24 dev server0
ip -n server link set server0 up
# What a killed server had to say still is given up soon.
nsenter --net=/run/netns/server sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries'
echo '10.77.0.2 loghost.example.org' >>/etc/hosts
remote=/var/log/tcbck/remote.log

# In the background it becomes what it starts.
on_server()
{
	exec nsenter --net=/run/netns/server "$@"
}

start_server()
{
	mkdir -p server
	case $logger_name in
	rsyslog)
		printf 'global(workDirectory="%s")\ninclude(file="%s")\n' "$PWD/server" \
			"$SRCDIR/samples/rsyslog-tcbck-server.conf" >server.conf
		on_server /usr/sbin/rsyslogd -n -f "$PWD/server.conf" -i "$PWD/server/pid" >>server.out 2>&1 &
		;;
	syslog-ng)
		grep '^@version' /etc/syslog-ng/syslog-ng.conf >server.conf
		echo "@include \"$SRCDIR/samples/syslog-ng-tcbck-server.conf\"" >>server.conf
		on_server /usr/sbin/syslog-ng -F -f "$PWD/server.conf" --persist-file="$PWD/server/persist" \
			--control="$PWD/server/control" --pidfile="$PWD/server/pid" >>server.out 2>&1 &
		;;
	esac
	server=$!
}

stop_server()
{
	kill "-$1" "$server"
	wait "$server" 2>/dev/null
}

# No connection to the port 2514 is left over.
has_forgotten()
{
	! nsenter --net=/run/netns/server grep -q ':09D2 ' /proc/net/tcp
}

# The ids that are in a log, one a line.
ids()
{
	sed -n 's/.* id=\([0-9a-f]*-[0-9]*\).*/\1/p' "$1"
}

# The next two are in tcbck-logs(7). Each event of a log once:
each_once()
{
	awk 'match($0, / id=[^ ]+/) && !seen[substr($0, RSTART, RLENGTH)]++' "$1"
}

# What the second log has and the first one has not:
missing()
{
	awk '!match($0, / id=[^ ]+/) { next } { id = substr($0, RSTART, RLENGTH) }
		FILENAME == ARGV[1] { seen[id]; next } !(id in seen)' "$1" "$2"
}

has_arrived()
{
	[ -e $remote ] && [ "$(ids $remote | sort -u | wc -l)" -ge "$1" ]
}

# all_arrive N: N different events and no other are there, whole, and the same as in the file of this host.
all_arrive()
{
	expect_true "$logger_name: $1 findings arrive" wait_until has_arrived "$1"
	ids $log | sort >here
	ids $remote | sort -u >there
	expect_true "$logger_name: $1 here" test "$(wc -l <here)" -eq "$1"
	same here there
	expect_true "$logger_name: whole" test -z "$(grep TCBCK_ $remote | grep -vE "$header$fields")"
}

# Over the network busybox puts an end of line behind it, which becomes a blank.
fields='TCBCK_Check file=[^ =]+ error=mode status=(left|reported) id=[0-9a-f]{32}-[0-9]+ ?$'

change 1000 many

# begin NAME CONFIGURATION: logger and server, and the first part of a run
begin()
{
	cp "$SRCDIR/samples/$1-tcbck-forward.conf" "$2"
	rm -f $log $remote
	start_logger "$1" || return
	start_server
	begin_run -o many
	answer 250
	expect_true "$1: a part of a run" await 250
	expect_true "$1: the server has it" wait_until has_arrived 250
}

# down_with_logger N: a run of 1,000 while the server is down, after which the logger is killed, too. N are there then.
down_with_logger()
{
	stop_server TERM
	check 4 - tcbck -o -n many
	expect_true "$logger_name has it" await "$1"
	expect_true "$logger_name: the last one is in its queue" wait_until \
		grep -rqaF "id=$(ids $log | tail -n 1)" /var/spool/rsyslog /var/lib/syslog-ng
	sleep 0.2
	stop_logger KILL
	start_logger "$logger_name"
	start_server
	all_arrive "$1"
}

# --- rsyslog: the server hears but can't answer, is killed, and comes back: what it has not acknowledged comes once more.

if component /usr/lib/*/rsyslog/omrelp.so && begin rsyslog /etc/rsyslog.d/tcbck-forward.conf; then
	ip -n server route add blackhole 10.77.0.1
	answer 150
	expect_true "rsyslog: the server has more" wait_until has_arrived 260
	stop_server KILL
	expect_true "rsyslog: answers that were not heard are forgotten" wait_until has_forgotten
	ip -n server route del blackhole 10.77.0.1
	answer 300
	expect_true "rsyslog: a part without server" await 700
	start_server
	answer 300
	end_run
	all_arrive 1000
	total=$(wc -l <$remote)
	expect_true "rsyslog: with $((total - 1000)) duplicates" test "$total" -gt 1000
	expect_true "which are recognised" test "$(each_once $remote | wc -l)" -eq 1000
	down_with_logger 2000
	# It reads nothing, and is killed.
	kill -STOP "$server"
	check 4 - tcbck -o -n many
	expect_true "rsyslog has it" await 3000
	stop_server KILL
	start_server
	all_arrive 3000
	stop_logger
	stop_server TERM
	rm /etc/rsyslog.d/tcbck-forward.conf
fi

# --- syslog-ng: the server is killed, and comes back.

if component /usr/sbin/syslog-ng && begin syslog-ng /etc/syslog-ng/conf.d/tcbck-forward.conf; then
	stop_server KILL
	answer 450
	expect_true "syslog-ng: a part without server" await 700
	start_server
	answer 300
	end_run
	all_arrive 1000
	# No line is forged by what somebody else sends.
	text='<85>1 2026-11-20T20:00:00Z other tcbck 1 - - x
Nov 20 20:00:00 vm tcbck[1]: TCBCK_Check file=/forged'
	logger_name=other
	printf '%s %s' "${#text}" "$text" >message
	nsenter --net=/run/netns/server bash -c 'cat message >/dev/tcp/127.0.0.1/601'
	expect_true "a line of somebody else" wait_until grep -q '/forged' $remote
	expect_true "is one" test -z "$(grep '^Nov 20.*/forged' $remote | grep -v ' x ')"
	sed -i '/\/forged/d' $remote
	logger_name=syslog-ng
	down_with_logger 2000
	# What it had not read when it was killed is lost, and found by its ids.
	kill -STOP "$server"
	check 4 - tcbck -o -n many
	expect_true "syslog-ng has it" await 3000
	stop_server KILL
	start_server
	tcbck -o -n "$PWD/many/0001" 2>"$ERR"
	expect_true "syslog-ng: the server is there again" wait_until grep -q "id=$(ids $log | tail -n 1)" $remote
	missing $remote $log >lost
	expect_true "syslog-ng: $(wc -l <lost) were lost" test -s lost
	cat lost >>$remote
	all_arrive 3001
	stop_logger
	stop_server TERM
fi

# --- inetutils-syslogd and busybox: by UDP, to an inetutils-syslogd.

if component /usr/sbin/syslogd; then
	printf '*.*\t/var/log/tcbck/remote.log\n' >server.conf
	: >$remote
	on_server /usr/sbin/syslogd --no-detach --no-klog --no-unixaf --inet -f "$PWD/server.conf" \
		-D "$PWD/server" -P "$PWD/server/syslog.pid" >>server.out 2>&1 &
	server=$!
	sed 's/^#     \(authpriv.*@\)/\1/' "$SRCDIR/samples/syslogd-tcbck.conf" >/etc/syslog.d/tcbck.conf
	expect_true "the line is there" grep -q '^authpriv.*@' /etc/syslog.d/tcbck.conf
	expect_true "the server is there" wait_until grep -q ' syslogd.*restart' $remote
	rm -f $log
	if start_logger inetutils; then
		check 4 - tcbck -o -n "$PWD/many/0001"
		all_arrive 1
		stop_logger
	fi
	rm -f $log
	: >$remote
	line=$(sed -n 's/^#     busybox syslogd -O [^ ]* -L/-O -L/p' "$SRCDIR/samples/syslogd-tcbck.conf")
	# shellcheck disable=SC2086 # its options
	if run_logger /usr/bin/busybox syslogd -n -O $log ${line#-O}; then
		logger_name=busybox
		wait_until test -S /dev/log
		check 4 - tcbck -o -n "$PWD/many/0001"
		all_arrive 1
		stop_logger
	fi
	stop_server TERM
fi
finish
