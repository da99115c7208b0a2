package oura

import (
	"cmp"
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/oura-go/sdk"

// version returns this module's version as the build has it, for the User-Agent.
var version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return develVersion
	}
	return versionIn(info)
})

// develVersion stands for a build from a work tree.
const develVersion = "devel"

func versionIn(info *debug.BuildInfo) string {
	found := ""
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == modulePath {
			found = cmp.Or(m.Replace, m).Version // a replacement is a fork's version, or a folder without one
		}
	}
	found = strings.TrimPrefix(found, "v")
	if found == "" || strings.HasPrefix(found, "(") {
		return develVersion
	}
	return found
}
