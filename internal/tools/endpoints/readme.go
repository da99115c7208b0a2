package main

import (
	"fmt"
	"os"
	"strings"
)

const tableBegin, tableEnd = "<!-- collections: written by go generate -->\n", "<!-- end of collections -->\n"

// writeTable writes the table of collections between its markers in a Markdown file.
func writeTable(file string, collections []collection) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	_, after, ended := strings.Cut(rest, tableEnd)
	if !ok || !ended {
		return fmt.Errorf("%s: there is no place for the table between %q and %q", file, tableBegin, tableEnd)
	}
	var b strings.Builder
	b.WriteString(before + tableBegin + "\n| collection | client field | model | scope |\n| --- | --- | --- | --- |\n")
	for _, c := range collections {
		kind := ""
		switch {
		case c.Series:
			kind = " (time series)"
		case !c.Dated():
			kind = " (no dates)"
		}
		fmt.Fprintf(&b, "| `%s` | `%s`%s | `%s` | `%s` |\n", c.Path, c.Name, kind, c.Name, c.Scope)
	}
	b.WriteString("| `personal_info` | `PersonalInfo(ctx)` | `PersonalInfo` | `personal`, `email`; none for the id |\n" +
		"| `webhook/subscription` | `Subscriptions` | `Subscription` | the application's credentials |\n\n" + tableEnd + after)
	return os.WriteFile(file, []byte(b.String()), 0o644) //nolint:gosec // G306: readable as the rest of the repository
}
