# Adds up Go cover profiles and prints the coverage of each package. A statement
# that several test binaries report counts as covered when one of them ran it.
# Generated files do not count. Exits with 1 when a package is below the floor.
#
#   awk -v floor=90 -f coverage.awk PROFILE...

/^mode:/ { next }

$1 ~ /\.gen\.go:/ { next }

{
	statements[$1] = $2
	if ($3 > 0) ran[$1] = 1
}

END {
	for (block in statements) {
		package = block
		sub(/\/[^\/]*$/, "", package)
		all[package] += statements[block]
		total += statements[block]
		if (block in ran) {
			covered[package] += statements[block]
			totalCovered += statements[block]
		}
	}
	if (total == 0) {
		print "coverage: the profiles hold no statement of hand-written code"
		exit 1
	}
	for (package in all) {
		if (all[package] == 0) continue
		percent = 100 * covered[package] / all[package]
		note = ""
		if (percent < floor) {
			note = "  below " floor "%"
			low++
		}
		printf "%6.1f%%  %5d statements  %s%s\n", percent, all[package], package, note | "sort -k4"
	}
	close("sort -k4")
	printf "%6.1f%%  %5d statements  in all\n", 100 * totalCovered / total, total
	exit low > 0
}
