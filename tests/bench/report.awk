# SPDX-License-Identifier: GPL-2.0-or-later
#
# The records of `inside` as a table for people or as JSON; variables: format, load, kernel, cores.

BEGIN {
	title["run"] = "run: a static true, from birth to clean-up"
	title["profile"] = "profile: the same with the default seccomp profile"
	title["lifecycle"] = "lifecycle: create + start + delete of a static true"
	title["exec"] = "exec: a static true in a running container"
	split("kist crun runc bwrap floor true", order, " ")
}

$1 == "version" { version[$2] = $3 }
$1 == "calls" { calls[$2, $3] = $4 }
$1 == "sample" {
	if (!($2 in seen))
		whats[++n_whats] = $2
	seen[$2] = rounds = $4
	wall_min[$2, $3] = $5
	wall_med[$2, $3] = $6
	cpu_min[$2, $3] = $7
	cpu_med[$2, $3] = $8
	memory[$2, $3] = $9
}

function ratio(table, what, name) {
	if (!((what, name) in table) || !table[what, "crun"])
		return ""
	return sprintf("%.3f", table[what, name] / table[what, "crun"])
}

function text_table(what,	i, name, key) {
	printf "\n%s\n", title[what]
	printf "%-6s %9s %9s %9s %9s %8s %9s | %8s %8s %8s %8s\n", "", "wall min", "wall med", "cpu min",
		"cpu med", "peak", "syscalls", "wall min", "wall med", "cpu min", "syscalls"
	printf "%-6s %9s %9s %9s %9s %8s %9s |            ratio to crun\n", "", "ms", "ms", "ms",
		"ms", "KiB", ""
	for (i = 1; i in order; i++) {
		name = order[i]
		key = what SUBSEP name
		if (!(key in wall_min))
			continue
		printf "%-6s %9.2f %9.2f %9.2f %9.2f %8d %9s | %8s %8s %8s %8s\n", name,
			wall_min[key] / 1000, wall_med[key] / 1000, cpu_min[key] / 1000,
			cpu_med[key] / 1000, memory[key], calls[key],
			ratio(wall_min, what, name), ratio(wall_med, what, name),
			ratio(cpu_min, what, name), ratio(calls, what, name)
	}
}

function text_report(	i, line) {
	for (i = 1; i in order; i++)
		if (order[i] in version)
			line = line (line == "" ? "" : ", ") order[i] " " version[order[i]]
	printf "%s\nLinux %s, %d cores, load %s at the start, %d rounds\n", line, kernel, cores, load,
		rounds
	for (i = 1; i <= n_whats; i++)
		text_table(whats[i])
}

function string(s) {
	gsub(/[\\"]/, "\\\\&", s)
	return "\"" s "\""
}

function number(table, key) {
	return key in table ? table[key] : "null"
}

function json_ratio(table, what, name,	r) {
	r = ratio(table, what, name)
	return r == "" ? "null" : r
}

function json_result(what, name,	key) {
	key = what SUBSEP name
	printf "%s\n    {\"what\": %s, \"runtime\": %s, ", comma, string(what), string(name)
	printf "\"wall_min_us\": %d, \"wall_median_us\": %d, ", wall_min[key], wall_med[key]
	printf "\"cpu_min_us\": %d, \"cpu_median_us\": %d, ", cpu_min[key], cpu_med[key]
	printf "\"peak_kib\": %d, \"syscalls\": %s, ", memory[key], number(calls, key)
	printf "\"to_crun\": {\"wall_min\": %s, \"wall_median\": %s, \"cpu_min\": %s, \"syscalls\": %s}}",
		json_ratio(wall_min, what, name), json_ratio(wall_med, what, name),
		json_ratio(cpu_min, what, name), json_ratio(calls, what, name)
	comma = ","
}

function json_report(	i, j) {
	printf "{\n  \"kernel\": %s, \"cores\": %d, \"load\": %s, \"rounds\": %d,\n  \"versions\": {",
		string(kernel), cores, string(load), rounds
	for (i = 1; i in order; i++)
		if (order[i] in version) {
			printf "%s%s: %s", comma, string(order[i]), string(version[order[i]])
			comma = ", "
		}
	printf "},\n  \"results\": ["
	comma = ""
	for (i = 1; i <= n_whats; i++)
		for (j = 1; j in order; j++)
			if ((whats[i], order[j]) in wall_min)
				json_result(whats[i], order[j])
	print "\n  ]\n}"
}

END {
	if (format == "json")
		json_report()
	else
		text_report()
}
