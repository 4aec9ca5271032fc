package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// dataPolicy is for whatever is not a page: it shows nothing and runs nothing,
// should a browser ever be made to open it as one.
const dataPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pagePolicy allows what the console is made of and nothing else: no foreign host,
// no inline script, no eval, no frame around it, no HTML text turned into elements
// (web/src/app/trusted.ts). The component library writes <style> elements at run
// time; those bear the nonce, which this one answer's page knows. Scripts are
// allowed by where they come from alone, so that the nonce opens nothing to them.
func pagePolicy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types default"
}

// permissionsPolicy: the console uses passkeys and the clipboard, nothing else of
// the machine it is shown on.
const permissionsPolicy = "accelerometer=(), ambient-light-sensor=(), autoplay=(), camera=(), display-capture=(), geolocation=(), " +
	"gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=(), " +
	"clipboard-write=(self), fullscreen=(self), publickey-credentials-create=(self), publickey-credentials-get=(self)"

func securityHeaders(hsts bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", dataPolicy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Permissions-Policy", permissionsPolicy)
			if hsts {
				h.Set("Strict-Transport-Security", "max-age=31536000")
			}
			if strings.HasPrefix(r.URL.Path, "/api/") {
				h.Set("Cache-Control", "no-store")
			}
			next.ServeHTTP(w, r)
		})
	}
}

// realAddress replaces the peer's address by the client's, where the peer is a
// proxy that is trusted to know it: the last address in X-Forwarded-For that is
// not itself a trusted proxy. Everything left of that may be invented.
func realAddress(trusted []netip.Prefix) func(http.Handler) http.Handler {
	isTrusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			peer, ok := addrOf(r.RemoteAddr)
			if ok && isTrusted(peer) {
				hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
				for _, hop := range slices.Backward(hops) {
					a, err := netip.ParseAddr(strings.TrimSpace(hop))
					if err != nil {
						break
					}
					r.RemoteAddr = net.JoinHostPort(a.Unmap().String(), "0")
					if !isTrusted(a.Unmap()) {
						break
					}
				}
				r.Header.Del("X-Forwarded-For")
			}
			next.ServeHTTP(w, r)
		})
	}
}

func addrOf(remote string) (netip.Addr, bool) {
	ap, err := netip.ParseAddrPort(remote)
	return ap.Addr().Unmap(), err == nil
}

// fromThisMachine tells whether the request was made on this machine. A proxy
// that is not declared as trusted makes every request look so: its headers give
// it away, or the name it was asked for. That name also gives away a foreign
// page in a browser here whose name was made to lead to this machine.
func fromThisMachine(r *http.Request) bool {
	for _, h := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	a, ok := addrOf(r.RemoteAddr)
	return ok && a.IsLoopback() && namesLoopback(r.Host)
}

func namesLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && a.IsLoopback()
}
