# shellcheck shell=bash
# What several steps need. .ci/run reads this file.

fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

# files PATTERN: the repository's files, committed or not, that still exist.
files() {
	git ls-files --cached --others --exclude-standard -- "$1" | sort -u | while read -r file; do
		[[ ! -f $file ]] || echo "$file"
	done
}

# npm_tools: install the tools that npm has, once a run.
npm_tools() {
	[[ -e $scratch/npm ]] || npm ci --prefix internal/tools --ignore-scripts --no-audit --no-fund --loglevel=error
	touch "$scratch/npm"
}

# modules: the folder of every module that has packages, the core first.
modules() {
	files '*go.mod' | xargs -n 1 dirname | LC_ALL=C sort | while read -r dir; do
		[[ -z $(go list -C "$dir" -e ./... 2>/dev/null) ]] || echo "$dir"
	done
}

# in_modules COMMAND...: run a command in the folder of each module.
in_modules() {
	local dir list
	list=$(modules)
	while read -r dir <&3; do
		echo "-- $dir: $*"
		(cd "$dir" && "$@")
	done 3<<<"$list"
}

# in_user_modules COMMAND...: run a command in the modules that users import, with the packages that they build.
in_user_modules() {
	local dir list packages
	for dir in . oura/redislimit; do
		list=$(cd "$dir" && user_packages)
		mapfile -t packages <<<"$list"
		echo "-- $dir: $*"
		(cd "$dir" && "$@" "${packages[@]}")
	done
}

user_packages() {
	local roots=(./...)
	[[ $PWD != "$root" ]] || roots=(./api/... ./oauth/... ./oura/... ./webhook/...)
	go list -deps -f '{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}' "${roots[@]}"
}

# own_packages PATTERN...: the packages of the current module that can be imported.
own_packages() {
	go list -f '{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}}' "$@"
}

# build_flags: whatever is built takes the local time of its start from CI_CLOCK, if that is set. Two files of the
# standard library are replaced, in these builds alone. All steps build with the same flags, so that one build cache
# serves all of them.
build_flags() {
	local source flags
	source=$(go env GOROOT)/src/time
	sed 's/:= runtimeNow()$/:= shiftedNow()/' "$source/time.go" >"$scratch/time.go"
	{ cat "$source/zoneinfo.go" && sed '1,/^import "syscall"$/d' .ci/clock.go; } >"$scratch/zoneinfo.go"
	grep -q shiftedNow "$scratch/time.go" && grep -q '"syscall"$' "$source/zoneinfo.go" ||
		fail "package time of $(go version) is another than .ci/clock.go expects"
	printf '{"Replace": {"%s": "%s", "%s": "%s"}}' "$source/time.go" "$scratch/time.go" \
		"$source/zoneinfo.go" "$scratch/zoneinfo.go" >"$scratch/overlay.json"
	flags="$(go env GOFLAGS) -overlay=$scratch/overlay.json"
	flags+=" -trimpath"                 # a copy of the repository finds what another one has compiled
	flags+=" -gcflags=all=-dwarf=false" # nobody debugs these programs, and it is a sixth of what the compiler does
	[[ -z ${CI_FRESH-}${CI_CLOCK-} ]] || flags+=" -count=1"
	export GOFLAGS=$flags
}

# race_flags: set race, the flags of go test with the race detector, which also counts the coverage of this repository's
# packages. One build cache serves all tests so, those of nested modules too. They are no part of GOFLAGS, as what a test
# builds needs none of them.
race_flags() {
	local list
	list=$(go list -deps -test -f '{{if and .Module .GoFiles (not .ForTest) (ne .Name "main")}}{{.ImportPath}}{{end}}' ./... |
		sed -n '/^github.com\/oura-go\/sdk/p' | paste -sd,)
	race=(-race -vet=off ${list:+"-coverpkg=$list"}) # a module can be of programs alone; lint vets
}

# without_coverage: leave out what go test says of all packages together, which tells little.
without_coverage() {
	sed -E -e 's/\tcoverage: .*//' -e '/^coverage: .* of statements in /d'
}

# cpu_seconds: what .ci/run and the processes that it has waited for have used, user and system.
cpu_seconds() {
	[[ -r /proc/$$/stat ]] || { echo 0 && return; }
	awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13 + $14 + $15) / ticks) }' "/proc/$$/stat"
}

# generated_files: README.md has a table among what people write.
generated_files() {
	find . \( -name '*.gen.go' -o -name '*_gen_test.go' -o -path ./README.md \) -not -path '*/node_modules/*' | sort
}

copy_generated() {
	local file list
	list=$(generated_files)
	[[ -n $list ]] || fail "there is no generated file"
	while read -r file; do
		mkdir -p "$1/$(dirname "$file")"
		cp "$file" "$1/$file"
	done <<<"$list"
}

# readme_command NAME: the block under <!-- ci:NAME --> of the README.
readme_command() {
	go run ./internal/readme -command "$1"
}

# run_command COMMAND: run what the README says.
run_command() {
	echo "-- README: $1"
	bash -euo pipefail -c "$1" </dev/null
}

# need_programs PROGRAM:PACKAGE...: install programs that tests start, where they are not on this machine. Debian keeps
# servers out of the usual path.
need_programs() {
	local pair missing=() sudo=()
	for pair in "$@"; do
		[[ -z $(PATH=$PATH:/usr/sbin type -P "${pair%:*}") ]] || continue
		! compgen -G "/usr/lib/postgresql/*/bin/${pair%:*}" >/dev/null || continue
		missing+=("${pair#*:}")
	done
	((${#missing[@]} > 0)) || return 0
	if ((EUID != 0)); then
		sudo=(sudo -n)
		sudo -n true 2>/dev/null || sudo=()
	fi
	if [[ -z $(type -P apt-get) ]] || ((EUID != 0 && ${#sudo[@]} == 0)); then
		fail "install ${missing[*]} for the step $current, on Debian with: sudo apt-get install ${missing[*]}"
	fi
	echo "-- installing ${missing[*]}"
	{ "${sudo[@]}" apt-get update && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y "${missing[@]}"; } \
		</dev/null >"$scratch/apt" || fail "$(tail "$scratch/apt")" "${missing[*]} cannot be installed: do it by hand"
}

# newest_go MINOR: the newest release of a Go version that can be downloaded. The list may name one that a mirror does
# not have yet.
newest_go() {
	local platform version versions
	platform=$(go env GOHOSTOS)-$(go env GOHOSTARCH)
	versions=$(go list -m -versions golang.org/toolchain | tr ' ' '\n' |
		sed -nE "s/^v0\.0\.1-(go${1//./\\.}\.[0-9]+)\.$platform\$/\1/p" | sort -rV)
	for version in $versions; do
		if GOTOOLCHAIN=$version go version >/dev/null 2>&1; then
			echo "$version"
			return
		fi
	done
	fail "no release of Go $1 can be had"
}
