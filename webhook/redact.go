package webhook

import "fmt"

// redact shows whether a secret is set, as that is what one wants to know.
func redact(secret string) string {
	if secret == "" {
		return `""`
	}
	return "REDACTED"
}

// Format keeps the secret out of every verb of package fmt, and so out of loggers that print with it.
func (v Verifier) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Verifier{ClientSecret:%s Tolerance:%v}", redact(v.ClientSecret), v.Tolerance)
}

// Format keeps the secret and the token out of every verb of package fmt, and so out of loggers that print with it.
func (h Handler) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "webhook.Handler{ClientSecret:%s VerificationToken:%s Tolerance:%v Timeout:%v}",
		redact(h.ClientSecret), redact(h.VerificationToken), h.Tolerance, h.Timeout)
}
