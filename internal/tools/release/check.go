package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// check returns all that keeps a version from being released.
func check(ctx context.Context, repo *repository, version string, now time.Time) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		return fmt.Errorf("%q is no semantic version: want vX.Y.Z, or vX.Y.Z-rc.1", version)
	}
	problems := []error{checkMajor(repo, version)}
	for _, m := range repo.modules {
		problems = append(problems, checkTags(ctx, repo, m, version))
	}
	core := repo.core()
	for _, m := range repo.modules[1:] {
		if required := m.requires(core.path); required != version {
			problems = append(problems, fmt.Errorf("%s/go.mod requires %s %s, want %s, which is tagged first: change that line and commit",
				m.folder, core.path, orNothing(required), version))
		}
	}
	problems = append(problems, checkChangelog(repo, version, now), checkClean(ctx, repo))
	return errors.Join(problems...)
}

func orNothing(s string) string {
	if s == "" {
		return "in no version"
	}
	return s
}

// checkMajor holds a module's path against the version: from v2 on they end alike.
func checkMajor(repo *repository, version string) error {
	for _, m := range repo.modules {
		suffix := ""
		if major := semver.Major(version); major != "v0" && major != "v1" {
			suffix = "/" + major
		}
		if found := regexp.MustCompile(`/v\d+$`).FindString(m.path); found != suffix {
			return fmt.Errorf("the module %s cannot have the version %s: from v2 on the path ends with the major version", m.path, version)
		}
	}
	return nil
}

// checkTags wants a version above all that the module has.
func checkTags(ctx context.Context, repo *repository, m module, version string) error {
	list, err := repo.git(ctx, "tag", "--list", m.tag("v*"))
	if err != nil {
		return err
	}
	for tag := range strings.FieldsSeq(list) {
		last := strings.TrimPrefix(tag, strings.TrimSuffix(m.tag("v"), "v"))
		if semver.IsValid(last) && semver.Compare(version, last) <= 0 {
			return fmt.Errorf("%s is not above the tag %s: tags are never moved, and versions rise", version, tag)
		}
	}
	return nil
}

// checkChangelog wants a section of the version, with a date, and nothing left in that of what is unreleased.
func checkChangelog(repo *repository, version string, now time.Time) error {
	text, err := os.ReadFile(filepath.Join(repo.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	title := regexp.MustCompile(`^## \[?v?` + regexp.QuoteMeta(strings.TrimPrefix(version, "v")) + `\]?(?:\(\S*\))?(?: [-–] (.*))?$`)
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	at := slices.IndexFunc(lines, title.MatchString)
	if at < 0 {
		return fmt.Errorf("CHANGELOG.md has no section of %s: move what is unreleased below a line \"## %s - %s\"",
			version, version, now.Format(time.DateOnly))
	}
	day, err := time.ParseInLocation(time.DateOnly, title.FindStringSubmatch(lines[at])[1], now.Location())
	switch {
	case err != nil:
		return fmt.Errorf("CHANGELOG.md: %q has no date: want \"## %s - %s\"", lines[at], version, now.Format(time.DateOnly))
	case day.After(now):
		return fmt.Errorf("CHANGELOG.md: the date of %s is in the future", version)
	case !hasEntries(lines[at+1:]):
		return fmt.Errorf("CHANGELOG.md: the section of %s is empty", version)
	}
	unreleased := slices.IndexFunc(lines, func(line string) bool {
		return strings.EqualFold(strings.Trim(strings.TrimPrefix(line, "## "), "[]"), "unreleased")
	})
	if unreleased >= 0 && hasEntries(lines[unreleased+1:]) {
		return fmt.Errorf("CHANGELOG.md still has entries under %q: move them to %s", lines[unreleased], version)
	}
	return nil
}

// hasEntries tells whether anything stands before the next section.
func hasEntries(lines []string) bool {
	for _, line := range lines {
		if strings.HasPrefix(line, "## ") {
			break
		}
		if strings.HasPrefix(line, "- ") {
			return true
		}
	}
	return false
}

func checkClean(ctx context.Context, repo *repository) error {
	status, err := repo.git(ctx, "status", "--porcelain")
	if err != nil {
		return err
	}
	if status != "" {
		return fmt.Errorf("the tree is not clean, and a tag is of a commit: commit or remove\n%s", status)
	}
	return nil
}
