# report.awk - makes RESULTS.md of what `run` measured: awk -f report.awk -v directory=TABLES targets
#
# TABLES has files with tabs between fields: works (WORK TITLE, in order), measurements (WORK PROGRAM WALL CPU PEAK STATUS, a
# line a run, of measure.c), sizes (WORK PROGRAM BYTES of its database), counts (WORK DEFINITIONS), failures (WORK PROGRAM
# WHY) and machine (NAME TEXT).

function sort_numbers(list, count,    i, j, value)
{
	for (i = 2; i <= count; i++) {
		value = list[i]
		for (j = i - 1; j >= 1 && list[j] > value; j--)
			list[j + 1] = list[j]
		list[j + 1] = value
	}
}

# The median of all runs of a row; also, as low[row] and high[row], the best and the worst.
function median(column, row,    i, list, count)
{
	count = runs[row]
	for (i = 1; i <= count; i++)
		list[i] = measured[column, row, i]
	sort_numbers(list, count)
	low[column, row] = list[1]
	high[column, row] = list[count]
	return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}

function digits(value)
{
	return value < 0.1 ? sprintf("%.4f", value) : value < 10 ? sprintf("%.3f", value) : sprintf("%.1f", value)
}

function is_good(work, program,    row)
{
	row = work SUBSEP program
	return row in wall && !(row in failure)
}

# How often the seconds (`wall` or `cpu`) of the right program go into those of the left one.
function ratio(seconds, work, left, right,    of)
{
	if (!is_good(work, left) || !is_good(work, right))
		return ""
	of = seconds[work, right]
	return of > 0 ? sprintf("%.2f", seconds[work, left] / of) : ""
}

# The value of a target's left side over its right side; empty where it was not measured.
function judge(work, measure, left, right)
{
	if (right == "slope")
		return slope(measure, left)
	if (!is_good(work, left) || (right != "definition" && !is_good(work, right)))
		return ""
	if (right == "definition")
		return counts[work] > 0 ? (peak[work, left] - sizes[work, left]) / counts[work] : ""
	return measure == "wall" ? wall[work, left] / wall[work, right] : peak[work, left] / peak[work, right]
}

# The steepest growth between two neighbouring sizes: 1 is linear, 0 constant.
function slope(measure, program,    i, work, before, value, steepest)
{
	steepest = ""
	for (i = 2; i <= grown; i++) {
		work = growth[i]
		before = growth[i - 1]
		if (!is_good(work, program) || !is_good(before, program) || counts[work] <= counts[before])
			continue
		value = measure == "wall" ? log(wall[work, program] / wall[before, program]) \
			: log(peak[work, program] / peak[before, program])
		value /= log(counts[work] / counts[before])
		if (steepest == "" || value > steepest)
			steepest = value
	}
	return steepest
}

function describe_target(measure, left, right)
{
	if (right == "definition")
		return left ", bytes of memory a definition beyond the database"
	if (right == "slope")
		return left ", growth of " (measure == "wall" ? "time" : "memory") " (1: linear)"
	return (measure == "wall" ? "" : "memory of ") left " / " right
}

function print_targets(    i, field, value, met, title)
{
	print "\n## Targets\n"
	print "| work | what | target | measured | |"
	print "| --- | --- | --- | --- | --- |"
	for (i = 1; i <= targets; i++) {
		split(target[i], field, " ")
		if (field[1] == "growth" ? !grown : !(field[1] in titles))
			continue
		title = field[1] == "growth" ? "growth" : titles[field[1]]
		value = judge(field[1], field[2], field[3], field[4])
		met = field[5] == "<=" ? value <= field[6] + 0 : value >= field[6] + 0
		print "| " title " | " describe_target(field[2], field[3], field[4]) " | " \
			(field[5] == "<=" ? "at most " : "at least ") field[6] " | " \
			(value == "" ? "-" : sprintf(value < 10 ? "%.2f" : "%.0f", value)) " | " \
			(value == "" ? "not measured" : met ? "met" : "**not met**") " |"
	}
}

function print_row(work, program,    row)
{
	row = work SUBSEP program
	if (row in failure) {
		print "| " titles[work] " | " program " | failed: " failure[row] " | | | | | | |"
		return
	}
	print "| " titles[work] " | " program " | " digits(wall[row]) " (" digits(low["wall", row]) "-" digits(high["wall", row]) \
		") | " digits(cpu[row]) " | " sprintf("%.1f", peak[row] / 1e6) " | " \
		(row in sizes ? sprintf("%.1f", sizes[row] / 1e6) : "") " | " ratio(wall, work, program, "floor") " | " \
		ratio(cpu, work, program, "floor") " | " \
		(program ~ /^(tcbck|floor)/ ? "" : ratio(wall, work, program, "tcbck")) " |"
}

function print_table(    i, j, work)
{
	print "\n## Everything\n"
	print "Medians; wall with the best and the worst run. MB are 10^6 bytes. The last three columns are ratios: of wall, and of"
	print "user+sys (which other work on the machine disturbs less), to the floor's; and the program's wall to tcbck's.\n"
	print "| work | program | wall, s | user+sys, s | peak, MB | database, MB | wall / floor | CPU / floor | tcbck is faster by |"
	print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= works; i++) {
		work = order[i]
		for (j = 1; j <= programs[work]; j++)
			print_row(work, rows[work, j])
	}
}

function print_growth(    i, work)
{
	print "\n## Growth\n"
	print "| definitions | floor, s | tcbck, s | wall / floor | us a definition | peak, MB | bytes a definition | tree peak, MB |"
	print "| --- | --- | --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= grown; i++) {
		work = growth[i]
		if (!is_good(work, "tcbck") || !is_good(work, "floor"))
			continue
		print "| " counts[work] " | " digits(wall[work, "floor"]) " | " digits(wall[work, "tcbck"]) " | " \
			ratio(wall, work, "tcbck", "floor") " | " sprintf("%.2f", wall[work, "tcbck"] / counts[work] * 1e6) " | " \
			sprintf("%.1f", peak[work, "tcbck"] / 1e6) " | " sprintf("%.0f", peak[work, "tcbck"] / counts[work]) " | " \
			(is_good(work, "tree") ? sprintf("%.1f", peak[work, "tree"] / 1e6) : "-") " |"
	}
}

BEGIN {
	FS = "\t"
	while ((getline < (directory "/works")) > 0) {
		order[++works] = $1
		titles[$1] = $2
		if ($1 ~ /^growth-/)
			growth[++grown] = $1
	}
	while ((getline < (directory "/measurements")) > 0) {
		row = $1 SUBSEP $2
		if (++runs[row] == 1)
			rows[$1, ++programs[$1]] = $2
		measured["wall", row, runs[row]] = $3 + 0
		measured["cpu", row, runs[row]] = $4 + 0
		if ($5 + 0 > peak[row])
			peak[row] = $5 + 0
	}
	while ((getline < (directory "/sizes")) > 0)
		sizes[$1, $2] = $3
	while ((getline < (directory "/counts")) > 0)
		counts[$1] = $2
	while ((getline < (directory "/failures")) > 0)
		failure[$1, $2] = $3
	for (row in runs) {
		wall[row] = median("wall", row)
		cpu[row] = median("cpu", row)
	}
}

!/^(#|$)/ {
	target[++targets] = $0
}

END {
	print "# What tcbck takes\n"
	print "Written by `make bench`; tests/bench/run says what is measured, and how to choose. The floor is walk, statx, list of"
	print "extended attributes, open, read and SHA-256 on as many threads (floor.c), and nothing else: no database, no comparison."
	print "REASONS.md says what the targets that are missed are made of.\n"
	print "| | |"
	print "| --- | --- |"
	while ((getline < (directory "/machine")) > 0)
		print "| " $1 " | " $2 " |"
	print_targets()
	print_table()
	if (grown)
		print_growth()
}
