package oura

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/oura-go/sdk/internal/text"
)

// whatToCheck says where to look when no response came from host. The cause, which the message shows too, tells an
// expert; this tells everyone.
func whatToCheck(err error, host string) string {
	host = strconv.Quote(text.Clip(host, text.MaxName))
	op, _ := errors.AsType[*net.OpError](err)
	dns, _ := errors.AsType[*net.DNSError](err)
	timeout, _ := errors.AsType[net.Error](err)
	switch {
	case op != nil && op.Op == "proxyconnect":
		return "check the proxy (HTTPS_PROXY, HTTP_PROXY): it cannot be reached"
	case dns != nil && dns.IsNotFound:
		return "check the base URL, the network and DNS: there is no host " + strconv.Quote(text.Clip(dns.Name, text.MaxName))
	case dns != nil:
		return "check the network and DNS: they do not tell where host " + strconv.Quote(text.Clip(dns.Name, text.MaxName)) + " is"
	case isTLS(err):
		return "check the base URL, the clock, and any proxy that reads TLS: " + host + " could not prove who it is"
	case op != nil && op.Op == "dial":
		return "check the network, the base URL and any firewall or proxy: no connection to " + host
	case timeout != nil && timeout.Timeout():
		return "check the network and any proxy, or raise WithTimeout: " + host + " did not respond in time"
	default:
		return "check the network and any proxy: no response from " + host
	}
}

// isTLS reports whether it was the handshake that failed.
func isTLS(err error) bool {
	return holds[*tls.CertificateVerificationError](err) || holds[tls.RecordHeaderError](err) || holds[tls.AlertError](err) ||
		holds[x509.UnknownAuthorityError](err) || holds[x509.HostnameError](err) || errors.Is(err, http.ErrSchemeMismatch)
}

func holds[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
