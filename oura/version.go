package oura

import (
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
	if info.Main.Path == modulePath {
		found = info.Main.Version
	}
	for _, dep := range info.Deps {
		if dep.Path != modulePath {
			continue
		}
		found = dep.Version
		if dep.Replace != nil { // by a fork's version, or by a folder without one
			found = dep.Replace.Version
		}
	}
	found = strings.TrimPrefix(found, "v")
	if found == "" || strings.HasPrefix(found, "(") {
		return develVersion
	}
	return found
}
