package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/identity"
)

// identityKey reads the key of the folder, or makes it the first time. Without it
// the secrets of second factors in the database cannot be read, which is why it is
// not kept there.
func identityKey(dir string) ([]byte, error) {
	name := filepath.Join(dir, "key")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, identity.KeyBytes)
		rand.Read(key) // never fails since Go 1.24
		return key, replaceFile(name, []byte(hex.EncodeToString(key)+"\n"))
	}
	if err != nil {
		return nil, fmt.Errorf("key of second factors: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != identity.KeyBytes {
		return nil, fault.New(fault.Invalid, "%s is damaged; bring it back from a backup, or remove it and have everybody set up the second factor again (`lachan user reset-factor`)", name)
	}
	return key, nil
}

// relyingParty is where passkeys work: at the public host name, or on this machine
// where the console listens nowhere else. Browsers take no address for a host.
func relyingParty(c Config) identity.RelyingParty {
	_, port, err := net.SplitHostPort(c.HTTP.Listen)
	if err != nil {
		return identity.RelyingParty{}
	}
	host, publicPort := "localhost", 0
	if c.PublicAddress != "" || len(c.HTTP.Names) > 0 {
		if host, publicPort, err = publicAddress(c); err != nil || net.ParseIP(host) != nil {
			return identity.RelyingParty{}
		}
	}
	rp := identity.RelyingParty{Host: host, Origins: []string{"https://" + host, "https://" + net.JoinHostPort(host, port)}}
	if publicPort != 0 {
		rp.Origins = append(rp.Origins, "https://"+net.JoinHostPort(host, strconv.Itoa(publicPort)))
	}
	if host == "localhost" {
		// The one host that browsers trust without TLS.
		rp.Origins = append(rp.Origins, "http://"+net.JoinHostPort(host, port))
	}
	return rp
}

// publicURL is the console's address for people's browsers.
func (n *Node) publicURL() string {
	c := n.o.Config
	if c.PublicAddress == "" && len(c.HTTP.Names) == 0 {
		return baseURL(c.HTTP)
	}
	host := n.publicHost
	_, port, err := net.SplitHostPort(c.HTTP.Listen)
	if n.publicPort != 0 {
		port = strconv.Itoa(n.publicPort)
	}
	if err == nil && port != "443" {
		host = net.JoinHostPort(host, port)
	}
	return "https://" + host
}

// breakGlassSignal is the alert about a use of the account for emergencies.
func breakGlassSignal(from identity.From) alert.Signal {
	return alert.Signal{
		Kind: "identity.break-glass", Unit: event.CentreUnit, About: from.Addr,
		Details: map[string]string{"address": from.Addr, "browser": from.Agent, "account": identity.BreakGlassAccount},
	}
}
