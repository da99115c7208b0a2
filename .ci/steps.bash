# shellcheck shell=bash
# The steps of .ci/run, which reads this file.

readonly coverage_floor=90   # percent of the statements of each package
readonly with_databases=github.com/oura-go/sdk/oura/mirror # its tests, and its coverage, are in the step integration
readonly dependency_limit=10 # modules in a user's build, this one included
readonly graph_limit=30      # modules that go list -m all names to a user
readonly newest_minor=1.27
readonly actionlint=v1.7.12 # by itself: it cannot live with the linters' version of YAML
readonly ogen=v1.25.0

step_format() {
	local unformatted
	unformatted=$(files '*.go' | xargs -r gofmt -l)
	[[ -z $unformatted ]] || fail "not formatted, run gofmt -w on:" "$unformatted"
}

# go vet is among the linters. They need what they check compiled, with the race detector because tests have it so.
step_lint() {
	local linter=$cache/golangci-lint key
	key=$(go env GOVERSION GOOS GOARCH && cat internal/tools/go.mod internal/tools/go.sum)
	if [[ ! -x $linter || $key != "$(cat "$linter.key" 2>/dev/null)" ]]; then
		mkdir -p "$cache"
		echo "-- building golangci-lint (minutes when nothing is cached)"
		GOGC=400 go build -C internal/tools -ldflags='-s -w' -o "$linter" github.com/golangci/golangci-lint/v2/cmd/golangci-lint
		echo "$key" >"$linter.key"
	fi
	"$linter" config verify
	GOFLAGS+=" -race" GOGC=400 in_modules "$linter" run --allow-parallel-runners --config "$root/.golangci.yml" ./...
	echo "-- cycles between the files of a package"
	go run -C internal/tools ./filecycles -C "$root" ./api ./oura/... ./oauth/... ./webhook/... ./internal/...
	go run -C internal/tools ./filecycles -C "$root/oura/redislimit"
}

# Only generated files are compared, so that other changes in the tree do not matter.
step_generate() {
	local untouched
	copy_generated "$scratch/before"
	touch "$scratch/start"
	in_modules go generate ./...
	copy_generated "$scratch/after"
	diff -ru "$scratch/before" "$scratch/after" ||
		fail "generated code is not up to date: run go generate ./... and commit the result"
	untouched=$(generated_files | while read -r file; do
		[[ $file -nt $scratch/start ]] || echo "$file"
	done)
	[[ -z $untouched ]] || fail "should be generated, but go generate does not write them:" "$untouched"
}

step_openapi() {
	local redocly=internal/tools/node_modules/.bin/redocly
	export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
	npm_tools
	"$redocly" lint --config redocly.yaml --max-problems=1000 openapi.yaml
	# The exit code above is about errors; warnings count here too.
	"$redocly" lint --config redocly.yaml --format=json openapi.yaml 2>/dev/null >"$scratch/redocly.json"
	# shellcheck disable=SC2016 # the program is JavaScript
	node -e '
		const { errors, warnings } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).totals;
		console.log(`openapi.yaml: ${errors} errors, ${warnings} warnings`);
		process.exit(errors + warnings > 0 ? 1 : 0);
	' "$scratch/redocly.json"
}

# The document is for other languages, too: what generators make of it compiles. oapi-codegen's is package api.
step_generators() {
	local bin=$root/internal/tools/node_modules/.bin out=$scratch/generators
	npm_tools
	mkdir -p "$out/ogen"
	"$bin/openapi-typescript" openapi.yaml -o "$out/types.ts"
	"$bin/openapi-ts" -i openapi.yaml -o "$out/client" -p @hey-api/typescript @hey-api/sdk @hey-api/client-fetch --no-log-file
	"$bin/tsc" --noEmit --strict --skipLibCheck --target es2022 --lib es2022,dom,dom.iterable --module esnext \
		--moduleResolution bundler "$out/types.ts" "$out/client/index.ts"
	(
		cd "$out/ogen"
		{
			go mod init example.com/generated
			go get "github.com/ogen-go/ogen@$ogen"
		} >"$scratch/generators.log" 2>&1 || fail "$(cat "$scratch/generators.log")"
		go run "github.com/ogen-go/ogen/cmd/ogen@$ogen" --target . --package generated "$root/openapi.yaml" 2>&1 | sed '/^INFO/d; /^WARN/d'
		go build -mod=mod -gcflags=all=-l .
	)
}

step_tidy() {
	in_modules go mod tidy -diff
}

step_readme() {
	go run ./internal/readme
	echo "-- exported functions without an example"
	go run -C internal/tools ./examplegaps -C "$root" ./oura ./oura/mirror ./oauth ./oauth/sqlstore ./webhook ./oura/ouratest
	go run -C internal/tools ./examplegaps -C "$root/oura/redislimit"
}

step_test() {
	echo "-- race tests with coverage"
	in_modules race_test
	awk -v floor="$coverage_floor" -f .ci/coverage.awk "$scratch"/*.cover.own
}

# race_test runs the tests of the module in the current folder, but for those that the steps examples and integration
# run. The core's are short, as the race detector makes ten of what computes; the step newest_go runs them whole. Every
# test counts for the coverage of every package of its module that a program can import.
race_test() {
	local profile=$scratch/${PWD//\//_}.cover command own race
	case ${PWD#"$root/"} in
	internal/integration | examples/fleet) return ;;
	esac
	[[ $PWD != "$root" ]] || command=$(readme_command test)
	(
		race_flags
		case $PWD in
		"$root") GOFLAGS+=" ${race[*]} -short -coverprofile=$profile" run_command "$command" ;;
		"$root/examples/dashboard") go test "${race[@]}" -skip '^TestBrowser' -coverprofile="$profile" ./... ;;
		*) go test "${race[@]}" -coverprofile="$profile" ./... ;;
		esac
	) | without_coverage
	own=$(own_packages ./... | sed "\\|^$with_databases\$|d")
	awk 'NR == FNR { own[$0]; next } { package = $1; sub("/[^/]*$", "", package) } package in own' \
		<(echo "$own") "$profile" >"$profile.own"
}

# Every example builds; those in the table run against the embedded service, at four hours in three zones. So does the
# README's first command, at an hour at which today has hardly begun.
step_examples() {
	local dir name args want zone jobs job command ran
	[[ -n $(type -P chromium chromium-browser google-chrome) ]] || need_programs chromium:chromium
	command=$(readme_command run)
	CI_CLOCK=00:30 run_command "$command"
	mkdir -p "$scratch/bin" "$cache/examples"
	find "$cache/examples" -mtime +2 -delete
	for dir in examples/*/; do
		[[ -f ${dir}main.go ]] || continue # internal/ is what several of them share
		echo "-- building $dir"
		go build -C "$dir" -ldflags='-s -w' -o "$scratch/bin/$(basename "$dir")" .
	done
	while IFS=$'\t' read -r name args want; do
		[[ -n $name && $name != '#'* ]] || continue
		[[ -n $want ]] || fail ".ci/examples.txt: three columns, please: $name"
		[[ -x $scratch/bin/$name ]] || fail ".ci/examples.txt: there is no examples/$name"
		[[ $args != - ]] || args=
		echo "-- running $name $args"
		ran=$cache/examples/$({ echo "$name $args $want $(date +%F)" && cat "$scratch/bin/$name"; } | git hash-object --stdin)
		if [[ -e $ran && -z ${CI_FRESH-} ]]; then
			echo "unchanged since it ran today"
			continue
		fi
		for zone in UTC Pacific/Kiritimati America/Los_Angeles; do
			jobs=()
			for clock in 00:30 04:00 12:00 23:30; do
				run_example "$name" "$args" "$want" "$zone" "$clock" &
				if [[ $name == login ]]; then # it listens where its redirect URL says, one at a time
					wait $! || fail "examples/$name does not do what .ci/examples.txt says"
					continue
				fi
				jobs+=($!)
			done
			for job in "${jobs[@]}"; do
				wait "$job" || fail "examples/$name does not do what .ci/examples.txt says"
			done
		done
		touch "$ran"
	done <.ci/examples.txt

	echo "-- examples/dashboard in a browser"
	(cd examples/dashboard && race_flags && go test "${race[@]}" -v -run Browser .) | without_coverage | tee "$scratch/browser" ||
		fail "the dashboard fails in a browser"
	! grep -E -- '^ *--- SKIP' "$scratch/browser" || fail "browser tests were skipped"
}

# run_example NAME ARGUMENTS PATTERN ZONE CLOCK: start a program at that local time, in a folder of its own.
run_example() {
	local home=$scratch/home/$1/$4/$5 arguments status=0
	arguments=${2//DAYS_AGO/$(date -u -d '60 days ago' +%F 2>/dev/null || date -u -v-60d +%F)} # GNU, BSD
	mkdir -p "$home"
	# shellcheck disable=SC2086 # the arguments are a list of words
	(cd "$home" && env -i PATH="$PATH" HOME="$home" TZ="$4" ZONEINFO="$(go env GOROOT)/lib/time/zoneinfo.zip" CI_CLOCK="$5" \
		timeout 120 "$scratch/bin/$1" $arguments </dev/null >output 2>&1) || status=$?
	if ((status == 0)) && grep -E -m 1 -- "$3" "$home/output" | sed "s|^|$5 in $4: |"; then
		rm -r "$home" # an export has forty megabytes
		return
	fi
	tail -n 40 "$home/output"
	fail "$1 $2 at $5 in $4: exit code $status, or no line that matches: $3"
}

# What users import passes vet elsewhere, tests included, with all that it imports: read from source, since to compile the
# standard library for each platform is ten times the work.
step_cross() {
	local platform
	go build -C internal/tools -o "$scratch/vet" ./vet
	for platform in linux/386 windows/amd64 darwin/arm64; do
		echo "-- $platform"
		in_user_modules env CGO_ENABLED=0 GOOS="${platform%/*}" GOARCH="${platform#*/}" "$scratch/vet"
	done
}

step_cross_all() {
	local platform
	for platform in linux/386 windows/amd64 darwin/arm64; do
		echo "-- $platform"
		in_modules env CGO_ENABLED=0 GOOS="${platform%/*}" GOARCH="${platform#*/}" go build -o /dev/null ./...
		in_modules env CGO_ENABLED=0 GOOS="${platform%/*}" GOARCH="${platform#*/}" go vet ./...
	done
}

# What the step test runs short.
step_test_whole() {
	local race
	race_flags
	go test "${race[@]}" -timeout 30m ./...
}

step_deps() {
	local os found count
	found=$(for os in linux windows darwin; do
		GOOS=$os go list -deps -f '{{with .Module}}{{.Path}}{{end}}' ./oura ./oura/mirror ./oauth ./webhook
	done | sort -u | sed '/^$/d')
	count=$(wc -l <<<"$found")
	echo "$found"
	((count <= dependency_limit)) || fail "users of oura, oura/mirror, oauth and webhook build $count modules, the limit is $dependency_limit"
	echo "$count modules, at most $dependency_limit are allowed"

	mkdir "$scratch/user"
	printf 'module example.com/user\n\nrequire github.com/oura-go/sdk v0.0.0\n\nreplace github.com/oura-go/sdk => %s\n' "$root" >"$scratch/user/go.mod"
	printf 'package user\n\nimport _ "github.com/oura-go/sdk/oura"\n' >"$scratch/user/user.go"
	found=$(go list -C "$scratch/user" -mod=mod -m all)
	count=$(wc -l <<<"$found")
	((count <= graph_limit)) || fail "$found" "go list -m all names $count modules to a user, the limit is $graph_limit"
	echo "go list -m all names $count modules to a user, at most $graph_limit are allowed"
}

# What the last release promised is still there. A break that is meant has its line of apidiff in .ci/api-breaks.txt,
# until the next release.
step_api() {
	local tag breaks
	if ! tag=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then
		echo "skipped: no release is tagged yet, or the clone is shallow, so there is no API to compare with"
		return
	fi
	mkdir "$scratch/released"
	git archive "$tag" | tar -x -C "$scratch/released"
	go build -C internal/tools -o "$scratch/apidiff" golang.org/x/exp/cmd/apidiff
	(cd "$scratch/released" && "$scratch/apidiff" -m -w "$scratch/released.api" github.com/oura-go/sdk)
	breaks=$("$scratch/apidiff" -m -incompatible "$scratch/released.api" github.com/oura-go/sdk)
	[[ ! -f .ci/api-breaks.txt ]] || breaks=$(grep -vxFf .ci/api-breaks.txt <<<"$breaks" || true)
	breaks=$(grep -E '^- ' <<<"$breaks" || true)
	[[ -z $breaks ]] || fail "programs written for $tag do not compile any more:" "$breaks"
	echo "compatible with $tag"
}

# In what users build. The database is on the network.
step_vulnerabilities() {
	local dir status
	go build -C internal/tools -o "$scratch/govulncheck" golang.org/x/vuln/cmd/govulncheck
	for dir in . oura/redislimit; do
		status=0
		"$scratch/govulncheck" -C "$dir" ./... >"$scratch/vulnerabilities" 2>&1 || status=$?
		if ((status != 0 && status != 3)) && grep -q 'fetching vulnerabilities' "$scratch/vulnerabilities"; then
			echo "not checked: the database of vulnerabilities is out of reach"
			return
		fi
		cat "$scratch/vulnerabilities"
		((status == 0)) || fail "govulncheck of $dir"
	done
}

step_workflow() {
	go run "github.com/rhysd/actionlint/cmd/actionlint@$actionlint"
	if [[ -n $(type -P shellcheck) ]]; then
		shellcheck -x .ci/run
	else
		echo "shellcheck is not installed: the scripts of .ci are not checked"
	fi
}

step_newest_go() {
	local version
	version=$(newest_go "$newest_minor")
	echo "-- $version"
	in_user_modules env GOTOOLCHAIN="$version" go test -vet=off
}

step_newest_go_all() {
	local version
	version=$(newest_go "$newest_minor")
	echo "-- $version"
	in_modules env GOTOOLCHAIN="$version" go build -o /dev/null ./...
	in_modules env GOTOOLCHAIN="$version" go test ./...
}

# For seconds the compiler's instrumentation, which needs the standard library anew, would not pay: inputs are mutated
# without its guidance. So many inputs, and not so many seconds: an input that runs when time is up can fail the target with
# "context deadline exceeded".
step_fuzz() {
	local dir target
	while read -r dir target; do
		echo "-- $dir $target"
		[[ -x $scratch/fuzz/$dir/test ]] || go test -C "$dir" -vet=off -c -o "$scratch/fuzz/$dir/test" .
		(cd "$dir" && "$scratch/fuzz/$dir/test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime 100000x -test.parallel 1 \
			-test.fuzzcachedir "$scratch/fuzz/$dir/corpus")
	done <<<"$(fuzz_targets)" 2>&1 | sed '/^warning: .* instrument/d'
}

# With the compiler's guidance. The corpus grows in the build cache, below fuzz.
step_fuzz_long() {
	local dir target
	while read -r dir target; do
		echo "-- $dir $target"
		go test -C "$dir" -run '^$' -vet=off -fuzz "^$target\$" -fuzztime 2000000x . </dev/null
	done <<<"$(fuzz_targets)"
}

# fuzz_targets: the folder and the name of each.
fuzz_targets() {
	files '*_test.go' | xargs grep -HoE '^func Fuzz[A-Za-z0-9]+' | sed -E 's|/[^/]*:func | |'
}

# Against real servers, where a skipped test is a test that did not run. Tests that restart a server start one of their
# own.
step_integration() {
	local dir
	need_programs redis-server:redis-server nats-server:nats-server postgres:postgresql
	export OURA_TEST_POSTGRES=${OURA_TEST_POSTGRES:-postgres://postgres@127.0.0.1:5432/test?sslmode=disable}
	export OURA_TEST_REDIS=${OURA_TEST_REDIS:-127.0.0.1:6379}
	export OURA_TEST_NATS=${OURA_TEST_NATS:-nats://127.0.0.1:4222}
	for dir in internal/integration examples/fleet; do
		echo "-- $dir"
		(cd "$dir" && race_flags && go test "${race[@]}" -timeout 20m -v .) | without_coverage | tee "$scratch/integration" ||
			fail "$dir failed; the servers are those of OURA_TEST_POSTGRES, OURA_TEST_REDIS and OURA_TEST_NATS, by default on this machine"
		! grep -E -- '^ *--- SKIP' "$scratch/integration" || fail "tests of $dir were skipped"
	done
	# Without the race detector, with which copies of months take a quarter of an hour.
	dir=internal/integration/mirror
	echo "-- $dir"
	go test -C "$dir" -timeout 20m -v -vet=off -coverpkg="$with_databases" -coverprofile="$scratch/integration.cover" . |
		tee "$scratch/integration" || fail "$dir failed"
	! grep -E -- '^ *--- SKIP' "$scratch/integration" || fail "tests of $dir were skipped"
	grep "^$with_databases/" "$scratch/integration.cover" | awk -v floor="$coverage_floor" -f .ci/coverage.awk
}

# A newer export is nothing that a change breaks, so a scheduled job asks for it.
step_upstream() {
	go run -C internal/tools ./upstream -probe
}
