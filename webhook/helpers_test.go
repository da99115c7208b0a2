package webhook_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/oura-go/sdk/webhook"
)

const (
	secret = "client-secret-f00d"
	token  = "verification-token-cafe"

	body = `{"event_type":"update","data_type":"daily_sleep","object_id":"8f9a5221-639e-4a85-81cb-4065ef23f979",` +
		`"event_time":"2024-03-10T07:12:45.123+02:00","user_id":"6b1f3f2e1c"}`
	timestamp = "1710047565123"

	// Computed with openssl dgst -sha256 -hmac, over timestamp and body.
	signature = "C9CB7EB88DD42CEE11B19BFA8FA4BC3EF870651316614D1EFB307B97CFC7127E"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is two seconds after the delivery above was signed.
func now() time.Time { return time.UnixMilli(1710047567123) }

var event = webhook.Event{
	Type: "update", DataType: "daily_sleep", ObjectID: "8f9a5221-639e-4a85-81cb-4065ef23f979", UserID: "6b1f3f2e1c",
	Time: time.Date(2024, 3, 10, 7, 12, 45, 123e6, time.FixedZone("", 2*60*60)),
}

func signed(timestamp, body string) http.Header {
	return headers(timestamp, webhook.Sign(secret, timestamp, []byte(body)))
}

func headers(timestamp, signature string) http.Header {
	return http.Header{webhook.TimestampHeader: {timestamp}, webhook.SignatureHeader: {signature}}
}

func post(header http.Header, body string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/oura", strings.NewReader(body))
	maps.Copy(r.Header, header)
	return r
}

// fresh is a delivery signed by the clock of the test: in seconds, since the
// milliseconds of a synctest bubble, where it is the year 2000, are too few to be
// told from seconds.
func fresh(body string) *http.Request {
	return post(signed(strconv.FormatInt(time.Now().Unix(), 10), body), body)
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// logs is a slog handler's output that may be read while it is written.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logs) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }

var silent = slog.New(slog.DiscardHandler)

// holdsSecret tells whether a text gives a secret away, or the signature that
// a delivery should have had.
func holdsSecret(text, timestamp, body string) bool {
	text = strings.ToLower(text)
	for _, s := range []string{secret, token, webhook.Sign(secret, timestamp, []byte(body))} {
		if strings.Contains(text, strings.ToLower(s)) {
			return true
		}
	}
	return false
}
