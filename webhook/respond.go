package webhook

import (
	"io"
	"net/http"
	"strconv"
)

// respond sends a status and its name: a reason would help nobody but a forger. The length is explicit, so that the
// response is whole as soon as it is flushed.
func respond(w http.ResponseWriter, status int) {
	text := ""
	if status != http.StatusOK {
		text = http.StatusText(status) + "\n"
	}
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) //nolint:gosec // G705: the text is net/http's own; a client that hung up needs no response
}
