package oura

import (
	"runtime/debug"
	"testing"
)

func TestVersionIn(t *testing.T) {
	t.Parallel()
	module := func(path, version string) debug.Module { return debug.Module{Path: path, Version: version} }
	replaced := func(by debug.Module) *debug.Module {
		m := module(modulePath, "v0.3.0")
		m.Replace = &by
		return &m
	}
	released := module(modulePath, "v1.2.3")
	for name, test := range map[string]struct {
		main debug.Module
		deps []*debug.Module
		want string
	}{
		"a user's program":   {main: module("example.com/app", "v9.9.9"), deps: []*debug.Module{{Path: "a", Version: "v2.0.0"}, &released}, want: "1.2.3"},
		"a program of ours":  {main: module(modulePath, "v1.2.3-0.20261001120000-abcdefabcdef"), want: "1.2.3-0.20261001120000-abcdefabcdef"},
		"a work tree":        {main: module(modulePath, "(devel)"), want: "devel"},
		"a fork":             {deps: []*debug.Module{replaced(module("example.com/fork", "v0.4.0"))}, want: "0.4.0"},
		"a folder":           {deps: []*debug.Module{replaced(module("../sdk", ""))}, want: "devel"},
		"without the module": {main: module("example.com/app", "v9.9.9"), want: "devel"},
	} {
		if got := versionIn(&debug.BuildInfo{Main: test.main, Deps: test.deps}); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
