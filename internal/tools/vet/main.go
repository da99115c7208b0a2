// Command vet is go vet that reads every dependency from source. go vet compiles them, which for each platform is the
// standard library anew; what a compiler finds in types, this finds as well, for a tenth of the time.
//
// It takes the patterns of packages, tests included, and GOOS and GOARCH from the environment.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"
	"golang.org/x/tools/go/analysis/suite/vet"
)

func main() { multichecker.Main(vet.Suite...) }
