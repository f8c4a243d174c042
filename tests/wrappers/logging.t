# Loggers and what reads and rotates their files: rsyslogd -N1, check-syslog-ng, check-logrotate, check-logcheck.
. "$SRCDIR/tests/wrappers/lib.sh"

# --- rsyslog: its own exit status will do

if component /usr/sbin/rsyslogd; then
	cat >rsyslog.good <<-'TEXT'
		module(load="imuxsock")
		authpriv.* action(type="omfile" file="/var/log/auth.log")
	TEXT
	good /usr/sbin/rsyslogd -N1 -f "$PWD/rsyslog.good"
	sed 's/omfile/omflie/' rsyslog.good >rsyslog.bad
	bad omflie /usr/sbin/rsyslogd -N1 -f "$PWD/rsyslog.bad"
	sed 's/authpriv/authprivate/' rsyslog.good >rsyslog.bad
	bad 'unknown facility name "authprivate"' /usr/sbin/rsyslogd -N1 -f "$PWD/rsyslog.bad"
fi

# --- syslog-ng

if component /usr/sbin/syslog-ng; then
	version=$(syslog-ng --version | sed -n 's/^Config version: //p')
	cat >ng.good <<-TEXT
		@version: $version
		@define where "/var/log"
		# source(comment) is none.
		source s_local { internal(); };
		source "s other" { unix-dgram("/run/other.sock" flags(syslog-protocol)); };
		filter f_auth { facility(auth, authpriv) and not (filter(f_noise) or program("x")); };
		filter f_noise { message("source(s_string) 'destination(d_string)' \\" filter(f_string)"); };
		rewrite r_host { set("host \\
		source(s_lines)", value("HOST")); };
		destination d_auth { file("\`where\`/auth.log" template('\$(echo filter(f_template))\\n')); };
		log { source(s_local); source("s other"); filter(f_auth);
			log { rewrite(r_host); destination(d_auth); };
			log { filter { facility(mail); }; destination { file("/var/log/mail.log"); }; };
		};
	TEXT
	good $wrappers/check-syslog-ng "$PWD/ng.good"
	good $wrappers/check-syslog-ng
	sed 's/internal()/internla()/' ng.good >ng.bad
	bad 'syntax error' $wrappers/check-syslog-ng "$PWD/ng.bad"
	bad 'nowhere.conf' $wrappers/check-syslog-ng "$PWD/nowhere.conf"
	# syslog-ng -s takes each of these. The logger itself does not start.
	undefined()
	{
		sed "$2" ng.good >ng.bad
		check 0 - direct /usr/sbin/syslog-ng -s -f "$PWD/ng.bad"
		bad "$1 is not defined" $wrappers/check-syslog-ng "$PWD/ng.bad"
		check 2 - direct /usr/sbin/syslog-ng -F -f "$PWD/ng.bad" --persist-file="$PWD/persist" \
			--pidfile="$PWD/pid" --control="$PWD/control"
		has "${3:-Error resolving reference}"
	}
	undefined 'source(s_local)' 's/^source s_local/source s_locl/'
	undefined 'source(s other)' '/^source "s other"/d'
	undefined 'filter(f_noise)' 's/^filter f_noise/filter f_niose/' 'Referenced filter rule not found'
	undefined 'filter(f_auth)' 's/filter f_auth/filter "f auth"/'
	undefined 'rewrite(r_host)' 's/^rewrite r_host/rewrite r_hots/'
	undefined 'destination(d_auth)' 's/^destination d_auth/destination d-auth/'
	undefined 'parser(p_none)' 's/rewrite(r_host);/parser(p_none); &/'
fi

# --- logrotate

if component /usr/sbin/logrotate; then
	: >rotated.log
	cat >rotate.good <<-TEXT
		"$PWD/rotated.log" {
			weekly
			rotate 12
			missingok
			compress
		}
	TEXT
	chmod 644 rotate.good
	good $wrappers/check-logrotate "$PWD/rotate.good"
	# It ends with 0 after an option that it does not know, and before 3.22 after it has ignored a file.
	sed 's/compress/bogus 3/' rotate.good >rotate.bad
	check 0 - direct /usr/sbin/logrotate -d "$PWD/rotate.bad"
	bad "unknown option 'bogus'" $wrappers/check-logrotate "$PWD/rotate.bad"
	mkdir rotate.d
	cp rotate.good rotate.d/one
	chmod 666 rotate.d/one
	echo "include $PWD/rotate.d" >rotate.bad
	bad "Ignoring one because it is writable by group or others" $wrappers/check-logrotate "$PWD/rotate.bad"
	chmod 644 rotate.d/one
	good $wrappers/check-logrotate "$PWD/rotate.bad"
	sed 's/12/twelve/' rotate.good >rotate.bad
	bad "bad rotation count 'twelve'" $wrappers/check-logrotate "$PWD/rotate.bad"
	bad "cannot stat" $wrappers/check-logrotate "$PWD/nowhere.conf"
	# Looking is all it does.
	expect_true "no log was rotated" test ! -e rotated.log.1
	expect_true "no state was written" test ! -e /var/lib/logrotate/status
fi

# --- logcheck

if component /usr/sbin/logcheck; then
	good $wrappers/check-logcheck
	cp -R /etc/logcheck rules
	rule='^([[:alpha:]]{3} [ :[:digit:]]{11}|[0-9T:.+-]{32}) [._[:alnum:]-]+ tcbck\[[0-9]+\]: TCBCK_Update '
	printf '# updates\n\n%s\n' "$rule" >rules/ignore.d.server/mine
	echo 'log which nobody meant' >rules/ignore.d.server/mine.dpkg-dist
	good $wrappers/check-logcheck "$PWD/rules"
	# logcheck itself, as its own user: what a rule says is ignored, and what else there is, is reported.
	account logcheck
	mkdir -p /run/lock/logcheck state
	chown logcheck /run/lock/logcheck state
	log()
	{
		printf '2026-11-20T20:33:09.727195+00:00 vm tcbck[42]: %s\n' "$@" >some.log
		chmod 644 some.log
		rm -f state/*
		setpriv --reuid=logcheck --regid=logcheck --clear-groups \
			/usr/sbin/logcheck -o -t -s -r "$PWD/rules" -S "$PWD/state" -l "$PWD/some.log" >logcheck.out 2>&1
	}
	log 'TCBCK_Update file=/x function=add' 'something else'
	has 'something else' logcheck.out
	has_not 'TCBCK_Update' logcheck.out
	# One bad pattern of what to ignore, and nothing at all is reported any more.
	echo 'update[' >>rules/ignore.d.server/mine
	bad "ignore.d.server/mine: " $wrappers/check-logcheck "$PWD/rules"
	log 'TCBCK_Update file=/x function=add' 'something else'
	has 'Invalid regular expression' logcheck.out
	has_not 'something else' logcheck.out
	# A name that run-parts does not take.
	rm rules/ignore.d.server/mine
	printf '%s\n' "$rule" >rules/ignore.d.server/mine.rules
	bad "mine.rules: is not used, because of its name" $wrappers/check-logcheck "$PWD/rules"
	log 'TCBCK_Update file=/x function=add'
	has 'TCBCK_Update' logcheck.out
	# Everything is ignored.
	rm rules/ignore.d.server/mine.rules
	echo '|this' >rules/ignore.d.server/mine
	bad "mine: a rule matches every line" $wrappers/check-logcheck "$PWD/rules"
	log 'something else'
	has_not 'something else' logcheck.out
	rm rules/ignore.d.server/mine
	good $wrappers/check-logcheck "$PWD/rules"
	echo 'REPORTLEVEL="server' >>rules/logcheck.conf
	bad "logcheck.conf: line " $wrappers/check-logcheck "$PWD/rules"
	cp /etc/logcheck/logcheck.conf rules/
	echo 'auth.log' >rules/logcheck.logfiles.d/mine.logfiles
	bad 'mine.logfiles: neither a log nor "journal": 1:auth.log' $wrappers/check-logcheck "$PWD/rules"
	bad "no such directory" $wrappers/check-logcheck "$PWD/nowhere"
fi
finish
