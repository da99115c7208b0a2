//go:build !stock

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
)

// main generates the stock client, which is not committed, and starts the program again with it.
func main() {
	if err := rerun(); err != nil {
		fmt.Fprintln(os.Stderr, "bench: run it as go run -C internal/bench . –", err)
		os.Exit(1)
	}
}

func rerun() error {
	const file = "stock/stock.go"
	if err := command("tool", "-modfile=../tools/go.mod", "oapi-codegen", "-config", "stock/codegen.yaml", "../../openapi.yaml"); err != nil {
		return err
	}
	code, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	// With a build tag, checks of the repository do not see it.
	code = bytes.Join([][]byte{[]byte("//go:build stock\n\n"), code}, nil)
	if err := os.WriteFile(file, code, 0o600); err != nil {
		return err
	}
	return command(append([]string{"run", "-tags", "stock", "."}, os.Args[1:]...)...)
}

func command(args ...string) error {
	cmd := exec.Command("go", args...) //nolint:gosec,noctx // G204: the go command; it ends with this program
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// Without the generated client there is nothing to measure of it.

type stockClient struct{}

func newStockClient(string, *http.Client) (c stockClient, err error) { return c, nil }

func stocked(string, url.Values) []contender { return nil }

var _ = bench // the program with the client
