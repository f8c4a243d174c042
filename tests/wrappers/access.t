# Who is let in: check-tcpdchk, check-inetd, check-portsentry, check-sshd, visudo -c, pwck, grpck, nft -c.
. "$SRCDIR/tests/wrappers/lib.sh"
ip link set lo up

# --- TCP wrappers

if component /usr/sbin/tcpdchk; then
	mkdir hosts
	printf 'sshd: 127.0.0.1 [::1]\nin.fingerd: 10.0.0.0/255.0.0.0 : ALLOW\nALL: LOCAL\n' >hosts/hosts.allow
	printf 'ALL: ALL\n' >hosts/hosts.deny
	good $wrappers/check-tcpdchk "$PWD/hosts"
	# What tcpdchk finds goes past its standard error and its status, which is why there is something to preload.
	rule()
	{
		cp hosts/hosts.allow hosts.saved
		echo "$2" >>hosts/hosts.allow
		bad "$1" $wrappers/check-tcpdchk "$PWD/hosts"
		check 0 empty sh -c 'cd hosts && exec /usr/sbin/tcpdchk -d'
		cp hosts.saved hosts/hosts.allow
	}
	rule 'line 4: missing ":" separator' 'no colon'
	rule 'line 4: bad option name: "bogus"' 'sshd: 10.1.2.3 : bogus'
	rule '10.0.0.0/33: bad net/mask pattern' 'sshd: 10.0.0.0/33'
	rule 'daemon list is empty' ': 10.1.2.3'
	rule 'bad syslog facility' 'sshd: ALL : severity local9.info'
	printf 'nobody\n' >>hosts/hosts.deny
	bad 'hosts.deny, line 2: missing ":" separator' $wrappers/check-tcpdchk "$PWD/hosts"
	# In the place of the real ones; one that is missing is as good as empty.
	rm -f /etc/hosts.allow /etc/hosts.deny /etc/inetd.conf
	good $wrappers/check-tcpdchk
	echo 'nobody' >/etc/hosts.deny
	bad 'hosts.deny, line 1: missing ":" separator' $wrappers/check-tcpdchk
	rm /etc/hosts.deny
	echo 'finger stream tcp nowait nobody /usr/sbin/tcpd /nowhere/fingerd' >/etc/inetd.conf
	bad '/nowhere/fingerd: not found' $wrappers/check-tcpdchk
	rm /etc/inetd.conf
	# Without what it preloads it would see nothing: that is not passed over.
	mv $wrappers/tcpdchk-syslog.so saved.so
	bad 'cannot be preloaded' $wrappers/check-tcpdchk
	mv saved.so $wrappers/tcpdchk-syslog.so
fi

# --- inetd

cp /bin/cat server
cat >inetd.good <<TEXT
# comment
echo    stream  tcp     nowait  nobody  $PWD/server cat -u
10.0.0.1:
10077   stream  tcp4,rcvbuf=16k nowait.40 nobody.nogroup $PWD/server
[::1]:10078 dgram udp6  wait:3  root:root internal
/run/x.sock stream unix nowait  root    $PWD/server server
portmapper/2-3 dgram rpc/udp wait root  $PWD/server server
TEXT
good $wrappers/check-inetd "$PWD/inetd.good"
inetd_line()
{
	{
		cat inetd.good
		# No newline at its end: the line counts all the same.
		printf '%s' "$2"
	} >inetd.bad
	bad "inetd.bad:8: $1" $wrappers/check-inetd "$PWD/inetd.bad"
}
inetd_line 'fields are missing' '10080 stream tcp nowait nobody'
inetd_line 'nosuchservice: no such service' "nosuchservice stream tcp nowait nobody $PWD/server"
inetd_line '99999: no number of a port' "99999 stream tcp nowait nobody $PWD/server"
inetd_line '99999999999999999999: no number of a port' "99999999999999999999 stream tcp nowait nobody $PWD/server"
inetd_line 'strange: no type of socket' "10080 strange tcp nowait nobody $PWD/server"
inetd_line 'xcp: no such protocol' "10080 stream xcp nowait nobody $PWD/server"
inetd_line 'sometimes: neither wait nor nowait' "10080 stream tcp sometimes nobody $PWD/server"
inetd_line 'wait.x: no number' "10080 stream tcp wait.x nobody $PWD/server"
inetd_line 'nosuchuser: no such user' "10080 stream tcp nowait nosuchuser $PWD/server"
inetd_line 'nosuchgroup: no such group' "10080 stream tcp nowait nobody:nosuchgroup $PWD/server"
inetd_line '/nowhere/server: no such program' '10080 stream tcp nowait nobody /nowhere/server'
inetd_line 'server: no absolute path' '10080 stream tcp nowait nobody server'
inetd_line '*: no such service' "* stream tcp nowait nobody $PWD/server"
inetd_line 'x: no path of a socket' "x stream unix nowait nobody $PWD/server"
inetd_line 'portmapper: no RPC service with versions' "portmapper dgram rpc/udp wait root $PWD/server"
inetd_line 'portmapper/two: no RPC service with versions' "portmapper/two dgram rpc/udp wait root $PWD/server"
inetd_line 'nosuchservice/2: no such RPC service' "nosuchservice/2 dgram rpc/udp wait root $PWD/server"
bad 'no file that can be read' $wrappers/check-inetd "$PWD/nowhere.conf"
cp server loose
chmod 777 loose
inetd_line "$PWD/loose: is writable for group or others" "10080 stream tcp nowait nobody $PWD/loose"
if component /usr/sbin/tcpd; then
	inetd_line '/usr/sbin/in.nowhered: no such program' '10080 stream tcp nowait nobody /usr/sbin/tcpd in.nowhered'
fi
# inetd itself: it serves a good line, through tcpd, and has no word for a bad one.
if component /usr/sbin/inetd && component /usr/sbin/tcpd; then
	rm -f /etc/hosts.allow /etc/hosts.deny
	cat >inetd.real <<-TEXT
		10090 stream tcp4 nowait nobody /usr/sbin/tcpd $PWD/server
		10091 strange tcp4 nowait nobody $PWD/server
		10092 stream tcp4
	TEXT
	/usr/sbin/inetd -i "$PWD/inetd.real" </dev/null >inetd.out 2>&1 &
	bash -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.2
		exec 3<>/dev/tcp/127.0.0.1/10090 || continue
		echo served >&3
		read -r line <&3 && echo "$line"
		exit
	done' >served 2>/dev/null
	has served served
	for port in 10091 10092; do
		expect_true "port $port is not served" bash -c "! echo >/dev/tcp/127.0.0.1/$port" 2>/dev/null
	done
	expect_true "and nothing is said of them" test ! -s inetd.out
	kill $!
	bad 'inetd.real:2: strange: no type of socket' $wrappers/check-inetd "$PWD/inetd.real"
fi

# --- portsentry

if component /usr/sbin/portsentry; then
	stock=/etc/portsentry/portsentry.conf
	good $wrappers/check-portsentry
	setting()
	{
		sed "$2" $stock >portsentry.bad
		bad "$1" $wrappers/check-portsentry "$PWD/portsentry.bad"
	}
	setting 'portsentry knows no KILL_HOST_DENY' 's/^KILL_HOSTS_DENY/KILL_HOST_DENY/'
	setting 'IGNORE_FILE is missing' '/^IGNORE_FILE/d'
	setting 'HISTORY_FILE is missing' 's/^HISTORY_FILE/#&/'
	setting 'BLOCKED_FILE: no absolute path: blocked' 's|^BLOCKED_FILE=.*|BLOCKED_FILE="blocked"|'
	setting 'TCP_PORTS: not ports: 1,eleven' 's/^TCP_PORTS=.*/TCP_PORTS="1,eleven"/'
	setting 'UDP_PORTS: not ports: 99999' 's/^UDP_PORTS=.*/UDP_PORTS="99999"/'
	setting 'BLOCK_TCP: not 0, 1 or 2: yes' 's/^BLOCK_TCP=.*/BLOCK_TCP="yes"/'
	setting 'SCAN_TRIGGER: no number: few' 's/^SCAN_TRIGGER=.*/SCAN_TRIGGER="few"/'
	setting 'no setting: BLOCK_UDP=1' 's/^BLOCK_UDP=.*/BLOCK_UDP=1/'
	# portsentry itself ends where a file is not named.
	cp $stock portsentry.saved
	sed -i '/^IGNORE_FILE/d' $stock
	check 255 - direct /usr/sbin/portsentry -tcp
	has 'missing mandatory option' "$OUT"
	cp portsentry.saved $stock

	# A scan that it blocks changes hosts.deny: no finding, also not of tcpdchk, which reads that file as well.
	sed -i 's/^BLOCK_TCP=.*/BLOCK_TCP="1"/; s/^TCP_PORTS=.*/TCP_PORTS="10095"/' $stock
	echo 127.0.0.1/32 >/etc/portsentry/portsentry.ignore
	mkdir -p /var/lib/portsentry
	: >/var/lib/portsentry/portsentry.history
	: >/var/lib/portsentry/portsentry.blocked.tcp
	: >/etc/hosts.allow
	: >/etc/hosts.deny
	define portsentry tcpd
	check 0 empty tcbck -n ALL
	/usr/sbin/portsentry -tcp </dev/null >/dev/null 2>&1
	perl -MIO::Socket::INET -e 'for (1 .. 20) {
			select(undef, undef, undef, 0.2);
			last if IO::Socket::INET->new(LocalAddr => "127.0.0.2", PeerAddr => "127.0.0.1", PeerPort => 10095);
		}
		select(undef, undef, undef, 1);'
	has 'ALL: 127.0.0.2 : DENY' /etc/hosts.deny
	check 0 empty tcbck -n ALL
	echo 'blocked by hand' >>/etc/hosts.deny
	check 4 - tcbck -n ALL
	has '/etc/hosts.allow: program is 1 "warning: hosts.deny, line '
	kill "$(pidof -s portsentry)"
fi

# --- sshd

if component /usr/sbin/sshd; then
	account sshd
	rm -rf /etc/ssh
	mkdir /etc/ssh
	bad '/etc/ssh/sshd_config: No such file' $wrappers/check-sshd
	cp /usr/share/openssh/sshd_config /etc/ssh/
	sed -i '/^UsePAM/d' /etc/ssh/sshd_config
	bad 'no hostkeys available' $wrappers/check-sshd
	ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
	# As it is while no sshd runs: sshd -t fails, though nothing is wrong.
	check 255 - direct /usr/sbin/sshd -t
	good $wrappers/check-sshd
	cp /etc/ssh/sshd_config sshd.bad
	echo 'PermitRootLogin perhaps' >>sshd.bad
	bad 'unsupported option "perhaps"' $wrappers/check-sshd "$PWD/sshd.bad"
	mkdir /run/sshd
	good $wrappers/check-sshd
	bad 'unsupported option "perhaps"' $wrappers/check-sshd "$PWD/sshd.bad"
	mkdir /etc/ssh/sshd_config.d
	echo 'Bogus yes' >/etc/ssh/sshd_config.d/x.conf
	bad 'x.conf: line 1: Bad configuration option: Bogus' $wrappers/check-sshd
	rm /etc/ssh/sshd_config.d/x.conf
	# Others can read a key: sshd does not take it.
	chmod 644 /etc/ssh/ssh_host_ed25519_key
	bad 'UNPROTECTED PRIVATE KEY FILE' $wrappers/check-sshd
fi

# --- sudo: its own exit status will do

if component /usr/sbin/visudo; then
	printf 'root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n' >/etc/sudoers
	chmod 440 /etc/sudoers
	rm -rf /etc/sudoers.d
	mkdir -m 750 /etc/sudoers.d
	good /usr/sbin/visudo -c
	echo 'ops ALL=(root) /bin/ls' >/etc/sudoers.d/ops
	chmod 440 /etc/sudoers.d/ops
	good /usr/sbin/visudo -c
	chmod 666 /etc/sudoers.d/ops
	bad 'bad permissions' /usr/sbin/visudo -c
	chmod 440 /etc/sudoers.d/ops
	echo 'ops ALL=(root /bin/ls' >/etc/sudoers.d/ops
	bad '/etc/sudoers.d/ops:1' /usr/sbin/visudo -c
fi

# --- accounts

printf 'root:x:0:0:root:/root:/bin/sh\nops:x:1000:1000::/nonexistent:/bin/sh\n' >passwd
printf 'root:*:19000:0:99999:7:::\nops:*:19000:0:99999:7:::\n' >shadow
printf 'root:x:0:\nops:x:1000:\n' >group
printf 'root:*::\nops:*::\n' >gshadow
good /usr/sbin/pwck -q -r "$PWD/passwd" "$PWD/shadow"
good /usr/sbin/grpck -r "$PWD/group" "$PWD/gshadow"
echo 'ops:x:1001:1000::/nonexistent:/bin/sh' >>passwd
bad 'duplicate password entry' /usr/sbin/pwck -q -r "$PWD/passwd" "$PWD/shadow"
sed -i '$d' passwd
echo 'half:x:1001' >>passwd
bad 'invalid password file entry' /usr/sbin/pwck -q -r "$PWD/passwd" "$PWD/shadow"
echo 'ops:x:1001:' >>group
bad 'duplicate group entry' /usr/sbin/grpck -r "$PWD/group" "$PWD/gshadow"
sed -i '$d' group
echo 'staff:x:1002:nosuchuser' >>group
bad "no user nosuchuser" /usr/sbin/grpck -r "$PWD/group" "$PWD/gshadow"

# --- nftables: its own exit status will do

if component /usr/sbin/nft; then
	printf 'flush ruleset\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0;\n\t}\n}\n' >nft.good
	if ! direct /usr/sbin/nft list ruleset >/dev/null 2>&1; then
		skip "this kernel has no nf_tables"
	else
		good /usr/sbin/nft -c -f "$PWD/nft.good"
		expect_true "nothing was loaded" test -z "$(nft list ruleset)"
		sed 's/hook input/hook inptu/' nft.good >nft.bad
		bad 'nft.bad:4' /usr/sbin/nft -c -f "$PWD/nft.bad"
	fi
fi
finish
