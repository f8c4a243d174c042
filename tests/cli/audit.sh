# shellcheck shell=sh
# audit.sh - the audit system of the kernel for one case, put back afterwards as it was; read after lib.sh.
#
# There is one for the whole machine, so cases take turns. Where somebody else's daemon has it, or nobody can, the rest of the
# case is skipped.
#
#	audit_begin     starts an audit daemon of the case's own, which logs to audit/log; $auditd is its process
#	audit_settled   waits until everything that was recorded is in the log
#	audit_end       ends it; also done when the case ends
#	search ARG...   ausearch(8) in that log

audit_status() { auditctl -s 2>/dev/null | sed -n "s/^$1 //p"; }

audit_begin()
{
	need_root
	need auditctl
	need auditd
	need ausearch
	need flock
	# Any file that all have will do.
	exec 9</etc/audit/auditd.conf
	flock 9
	if [ "$(audit_status pid)" != 0 ] || [ "$(audit_status enabled)" = 2 ]; then
		skip "the rest needs an audit system that is free: $(auditctl -s 2>&1 | head -n 3 | tr '\n' ' ')"
		finish
	fi
	enabled_before=$(audit_status enabled)
	rules_before=$(auditctl -l)
	trap audit_end EXIT
	mkdir -p audit/conf audit/plugins
	chmod 0700 audit audit/conf audit/plugins
	sed -e "s|^log_file *=.*|log_file = $PWD/audit/log|" -e "s|^plugin_dir *=.*|plugin_dir = $PWD/audit/plugins|" \
		-e 's|^max_log_file *=.*|max_log_file = 100|' -e 's|^log_group *=.*|log_group = root|' \
		-e '/_action *=/s|=.*|= IGNORE|' -e 's|^log_format *=.*|log_format = RAW|' \
		/etc/audit/auditd.conf >audit/conf/auditd.conf
	chmod 0640 audit/conf/auditd.conf
	auditd -n -c "$PWD/audit/conf" >audit/said 2>&1 9<&- &
	auditd=$!
	if ! wait_until audit_is_ours; then
		skip "the rest needs an audit daemon: $(cat audit/said)"
		finish
	fi
}

audit_is_ours()
{
	[ "$(audit_status pid)" = "$auditd" ]
}

audit_settled()
{
	auditctl -m "settled $((settled = ${settled:-0} + 1))" >/dev/null 2>&1
	wait_until grep -q "settled $settled" audit/log
}

audit_end()
{
	trap - EXIT
	kill -CONT "$auditd" 2>/dev/null
	kill "$auditd" 2>/dev/null
	wait "$auditd" 2>/dev/null
	auditctl -e "$enabled_before" >/dev/null 2>&1
	if [ "$(audit_status pid) $(audit_status enabled)" != "0 $enabled_before" ] ||
		[ "$(auditctl -l)" != "$rules_before" ]; then
		fail "the audit system is not as it was: $(auditctl -s | tr '\n' ' ') $(auditctl -l)"
	fi
	exec 9<&-
}

search() { ausearch -if audit/log "$@" </dev/null 2>/dev/null; }
