package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A link is where a file points to.
type link struct {
	target string
	line   int
	base   string // the folder that a relative target begins at
}

var (
	inlineLink = regexp.MustCompile(`\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+"[^"]*")?\s*\)`)
	definition = regexp.MustCompile(`(?m)^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)`)
	scheme     = regexp.MustCompile(`^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)`)

	// What names a place of this repository wherever it stands.
	pageURL    = regexp.MustCompile(`https://github\.com/oura-go/sdk/(?:blob|tree)/main/([\w./#-]+[\w/])`)
	packageURL = regexp.MustCompile(`https://pkg\.go\.dev/github\.com/oura-go/sdk((?:/\w+)*)`)
	mention    = regexp.MustCompile(`(?:^|[^\w/])(docs/[\w-]+\.md(?:#[\w-]+)?)`)
)

// checkLinks follows the links into the repository of all its files. It returns how
// many there are, and an error for each that leads nowhere.
func checkLinks(root string) (count int, problems []error, err error) {
	anchors := make(anchorCache)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || skipDir(name) && !strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case entry.IsDir(), strings.HasSuffix(name, "_test.go"): // whose links may be made up
			return nil
		}
		links, err := readLinks(root, path)
		if err != nil {
			return err
		}
		for _, l := range links {
			count++
			if err := l.follow(root, path, anchors); err != nil {
				problems = append(problems, fmt.Errorf("%s:%d: the link %s leads nowhere: %w", path, l.line, l.target, err))
			}
		}
		return nil
	})
	return count, problems, err
}

// readLinks returns the links of a file into the repository.
func readLinks(root, file string) ([]link, error) {
	markdown := filepath.Ext(file) == ".md"
	switch filepath.Ext(file) {
	case ".md", ".go", ".yml", ".yaml", ".bash":
	default:
		return nil, nil
	}
	bytes, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(bytes), "\r\n", "\n")
	if markdown {
		text = withoutCode(text)
	}
	var links []link
	collect := func(pattern *regexp.Regexp, base, prefix string) {
		for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
			target := text[at[2]:at[3]]
			if prefix == "" && pattern != mention && scheme.MatchString(target) {
				continue // to somewhere else, or found by its address below
			}
			links = append(links, link{target: prefix + target, line: 1 + strings.Count(text[:at[2]], "\n"), base: base})
		}
	}
	collect(pageURL, root, "./")
	collect(packageURL, root, ".")
	if markdown {
		collect(inlineLink, filepath.Dir(file), "")
		collect(definition, filepath.Dir(file), "")
	} else {
		collect(mention, root, "")
	}
	return links, nil
}

// follow looks for what a link of the file names.
func (l link) follow(root, file string, anchors anchorCache) error {
	path, anchor, _ := strings.Cut(l.target, "#")
	path, err := url.PathUnescape(path)
	if err != nil {
		return err
	}
	to := file
	switch {
	case strings.HasPrefix(path, "/"):
		to = filepath.Join(root, filepath.FromSlash(path))
	case path != "":
		to = filepath.Join(l.base, filepath.FromSlash(path))
	}
	if inside, err := filepath.Rel(root, to); err != nil || inside == ".." || strings.HasPrefix(filepath.ToSlash(inside), "../") {
		return errors.New("it leaves the repository")
	}
	info, err := os.Stat(to)
	if err != nil {
		return errors.New("there is no such file or folder")
	}
	if anchor == "" {
		return nil
	}
	if info.IsDir() {
		to = filepath.Join(to, "README.md")
	}
	known, err := anchors.of(to)
	if err != nil {
		return err
	}
	if !known[anchor] {
		return fmt.Errorf("the page has no heading #%s", anchor)
	}
	return nil
}

// anchorCache has the anchors of each Markdown file that was read.
type anchorCache map[string]map[string]bool

func (c anchorCache) of(file string) (map[string]bool, error) {
	if known, ok := c[file]; ok {
		return known, nil
	}
	if filepath.Ext(file) != ".md" {
		return nil, errors.New("only a Markdown page has anchors")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c[file] = headings(string(text))
	return c[file], nil
}

var (
	heading     = regexp.MustCompile(`^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$`)
	headingLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	noAnchor    = regexp.MustCompile(`[^\p{L}\p{M}\p{N}_ -]`)
)

// headings returns the anchors that GitHub gives to a page's headings: lower case,
// without punctuation, with hyphens for spaces, and a number where one repeats.
func headings(text string) map[string]bool {
	known := make(map[string]bool)
	lines := splitLines([]byte(text))
	for i := 0; i < len(lines); i++ {
		if m := fencePattern.FindStringSubmatch(lines[i]); m != nil {
			if end := closingFence(lines, i+1, m[2]); end > 0 {
				i = end
			}
			continue
		}
		m := heading.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		title := headingLink.ReplaceAllString(m[1], "$1")
		base := strings.ReplaceAll(noAnchor.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
		anchor := base
		for n := 1; known[anchor]; n++ {
			anchor = fmt.Sprintf("%s-%d", base, n)
		}
		known[anchor] = true
	}
	return known
}

// withoutCode blanks code blocks and code spans, where nothing is a link, and keeps
// the lines.
func withoutCode(text string) string {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		m := fencePattern.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		end := closingFence(lines, i+1, m[2])
		if end < 0 {
			end = len(lines) - 1
		}
		for ; i < end; i++ {
			lines[i] = ""
		}
		lines[end] = ""
	}
	paragraphs := strings.Split(strings.Join(lines, "\n"), "\n\n")
	for i, paragraph := range paragraphs {
		paragraphs[i] = withoutSpans(paragraph)
	}
	return strings.Join(paragraphs, "\n\n")
}

var ticks = regexp.MustCompile("`+")

// withoutSpans blanks what stands between two runs of as many backticks.
func withoutSpans(text string) string {
	runs := ticks.FindAllStringIndex(text, -1)
	out := []byte(text)
	for i := 0; i < len(runs); i++ {
		for j := i + 1; j < len(runs); j++ {
			if runs[j][1]-runs[j][0] != runs[i][1]-runs[i][0] {
				continue
			}
			for at := runs[i][1]; at < runs[j][0]; at++ {
				if out[at] != '\n' {
					out[at] = ' '
				}
			}
			i = j
			break
		}
	}
	return string(out)
}
