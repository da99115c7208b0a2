package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// block is one fenced code block of a Markdown file.
type block struct {
	lang   string // first word after the opening fence
	marker string // content of the HTML comment on the line before, or ""
	indent string // white space before the fence
	open   int    // index of the line with the opening fence
	close  int    // index of the line with the closing fence
	lines  []string
}

// text is the block's content without the fence's indentation and without blank
// lines around it.
func (b block) text() string {
	lines := make([]string, len(b.lines))
	for i, line := range b.lines {
		lines[i] = strings.TrimPrefix(line, b.indent)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// isGo tells whether the block claims to be Go.
func (b block) isGo() bool { return b.lang == "go" || b.lang == "golang" }

var (
	fencePattern  = regexp.MustCompile("^([ \t]*)(`{3,}|~{3,})[ \t]*([^ \t`]*)")
	markerPattern = regexp.MustCompile(`^\s*<!--\s*((?:example|ci):.*?)\s*-->\s*$`)
)

// parseBlocks returns the fenced blocks of a Markdown file. A marker that no
// block follows, and a fence that nothing closes, are errors: both hide code from
// the check.
func parseBlocks(lines []string) ([]block, error) {
	var blocks []block
	marker, markerLine := "", 0
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := fencePattern.FindStringSubmatch(line); m != nil {
			end := closingFence(lines, i+1, m[2])
			if end < 0 {
				return nil, fmt.Errorf("line %d: this code fence is never closed", i+1)
			}
			blocks = append(blocks, block{
				lang: m[3], marker: marker, indent: m[1],
				open: i, close: end, lines: lines[i+1 : end],
			})
			marker, i = "", end
			continue
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if marker != "" {
			return nil, fmt.Errorf("line %d: no code block follows the comment %q", markerLine, marker)
		}
		if m := markerPattern.FindStringSubmatch(line); m != nil {
			marker, markerLine = m[1], i+1
		}
	}
	if marker != "" {
		return nil, fmt.Errorf("line %d: no code block follows the comment %q", markerLine, marker)
	}
	return blocks, nil
}

// closingFence returns the index of the line that closes a fence, or -1.
func closingFence(lines []string, from int, fence string) int {
	for i := from; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, fence) && strings.Trim(line, fence[:1]) == "" {
			return i
		}
	}
	return -1
}

// commandBlock returns the shell block under <!-- ci:name --> in the file.
func commandBlock(file, name string) (string, error) {
	blocks, err := readBlocks(file)
	if err != nil {
		return "", err
	}
	var found []string
	for _, b := range blocks {
		if b.marker != "ci:"+name {
			continue
		}
		if b.lang != "sh" {
			return "", fmt.Errorf("%s:%d: the block under <!-- ci:%s --> is %q, want sh", file, b.open+1, name, b.lang)
		}
		found = append(found, b.text())
	}
	if len(found) != 1 || found[0] == "" {
		return "", fmt.Errorf("%s: want one sh block with a command under <!-- ci:%s -->, found %d", file, name, len(found))
	}
	return found[0] + "\n", nil
}

func readBlocks(file string) ([]block, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	blocks, err := parseBlocks(splitLines(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return blocks, nil
}

// splitLines splits text into lines without their ends, which may be \n or \r\n.
func splitLines(text []byte) []string {
	return strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
}
