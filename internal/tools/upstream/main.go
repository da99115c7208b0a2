// Upstream tells whether openapi.yaml still describes what Oura publishes.
//
//	go run -C internal/tools ./upstream -probe              is there a newer export than the one openapi.yaml names?
//	go run -C internal/tools ./upstream -exports FOLDER     what does the newest export in a folder say otherwise?
//
// Oura serves one export at a time, openapi-1.N.json, and gives no notice of a new one. The probe asks for the numbers
// after the one in x-upstream of openapi.yaml, without reading what it finds: an export is Oura's document, and a person
// who may use it puts it into a folder, outside this repository.
//
// The comparison goes by paths, parameters, properties, enums and the OAuth block, not by the names of schemas, and says
// each difference in words. Those that are meant are listed below x-upstream. The exit code is 1 if there is news.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

const exportURL = "https://cloud.ouraring.com/v2/static/json/"

var errNews = errors.New("openapi.yaml is not what upstream says")

func main() {
	spec := flag.String("spec", "../../openapi.yaml", "the document of this repository")
	exports := flag.String("exports", "", "compare with the newest openapi-1.N.json in this `folder`")
	ask := flag.Bool("probe", false, "ask Oura for a newer export")
	base := flag.String("url", exportURL, "where exports are served")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *spec, *exports, *ask, *base); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, spec, exports string, ask bool, base string) error {
	ours, err := readDocument(spec)
	if err != nil {
		return err
	}
	if ours.Upstream.Export == 0 {
		return fmt.Errorf("%s: x-upstream names no export", spec)
	}
	switch {
	case ask:
		client := &http.Client{Timeout: 30 * time.Second}
		return probe(ctx, out, client, base, ours.Upstream.Export)
	case exports != "":
		return report(out, ours, exports)
	default:
		return errors.New("say -probe or -exports FOLDER")
	}
}

// report compares with the newest export of a folder.
func report(out io.Writer, ours *document, folder string) error {
	name, number, err := newest(folder)
	if err != nil {
		return err
	}
	theirs, err := readDocument(name)
	if err != nil {
		return err
	}
	lines, err := differences(ours, theirs)
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintf(out, "openapi.yaml describes export 1.%d; 1.%d says %d things otherwise\n", ours.Upstream.Export, number, len(lines))
	if len(lines) > 0 || number > ours.Upstream.Export {
		return errNews
	}
	return nil
}

var exportName = regexp.MustCompile(`^openapi-1\.(\d+)\.json$`)

// newest returns the export with the highest number in a folder, and the number.
func newest(folder string) (name string, number int, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", 0, err
	}
	for _, entry := range entries {
		match := exportName.FindStringSubmatch(entry.Name())
		if match == nil {
			continue
		}
		n, err := strconv.Atoi(match[1])
		if err != nil {
			return "", 0, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		if n > number {
			name, number = filepath.Join(folder, entry.Name()), n
		}
	}
	if name == "" {
		return "", 0, fmt.Errorf("%s has no openapi-1.N.json", folder)
	}
	return name, number, nil
}
