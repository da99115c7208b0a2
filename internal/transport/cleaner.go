package transport

// Cleaner knows what must not be repeated.
type Cleaner interface {
	// Clean makes a text that somebody else wrote fit for an error or a log: at most n bytes that can be printed, without
	// the credentials that the request has carried so far.
	Clean(foreign string, n int) string
}
