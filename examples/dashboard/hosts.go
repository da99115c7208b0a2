package main

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// ownHosts refuses requests for another host's name. A page elsewhere can let its own name lead to this machine (DNS
// rebinding) and would then be free to read what is shown here. An address cannot be rebound.
func (a *app) ownHosts(next http.Handler) http.Handler {
	own := map[string]bool{"localhost": true, strings.ToLower(a.host): true}
	if a.callback != nil {
		if u, err := url.Parse(a.callback.Config.RedirectURL); err == nil {
			own[strings.ToLower(u.Hostname())] = true
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Host
		if host, _, err := net.SplitHostPort(name); err == nil {
			name = host
		}
		name = strings.ToLower(strings.Trim(name, "[]"))
		if _, err := netip.ParseAddr(name); err != nil && !own[name] {
			http.Error(w, "This is not the address of the dashboard: open the one that it printed, or name your host with -addr.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
