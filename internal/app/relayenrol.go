package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/relay"
)

// RelayEnrolment connects a data folder to a centre.
type RelayEnrolment struct {
	Data, Version, Centre, Token, CA, Cert, Key, Proxy string
}

// Files of a relay's data folder.
const (
	relayConfigName = "relay.yaml"
	bundleKeyName   = "sign.key"
	recipientName   = "recipient.txt"
	enrolledName    = "enrolled.json" // what the centre said it knows us as
)

// RelayConfigFile is where a relay's data folder keeps its configuration.
func RelayConfigFile(data string) string { return filepath.Join(data, relayConfigName) }

// EnrolRelay checks address and credential with the centre, makes the key that
// signs bundles, tells the centre of it and writes the configuration. What it
// copies into the folder is for this machine's user alone.
func EnrolRelay(ctx context.Context, e RelayEnrolment) (relay.EnrolAnswer, error) {
	var none relay.EnrolAnswer
	for _, sub := range []string{"", "tls", "bundle"} {
		if err := os.MkdirAll(filepath.Join(e.Data, sub), 0o700); err != nil {
			return none, fault.New(fault.Invalid, "data folder: %w", err)
		}
	}
	c := relay.DefaultConfig()
	c.Centre, c.Token, c.Proxy = e.Centre, config.Secret(e.Token), e.Proxy
	for _, f := range []struct {
		from, name string
		to         *string
	}{{e.CA, "centre-ca.pem", &c.CA}, {e.Cert, "relay.pem", &c.Cert}, {e.Key, "relay.key", &c.Key}} {
		if f.from == "" {
			continue
		}
		text, err := os.ReadFile(f.from)
		if err != nil {
			return none, fault.New(fault.Invalid, "%w", err)
		}
		if *f.to, err = filepath.Abs(filepath.Join(e.Data, "tls", f.name)); err != nil {
			return none, err
		}
		if err := replaceFile(*f.to, text); err != nil {
			return none, err
		}
	}
	if c.Cert != "" {
		c.Token = "" // one credential, and the certificate goes first
	}
	link, err := relay.NewLink(c, time.Now)
	if err != nil {
		return none, err
	}
	defer link.Close()
	key, err := bundleKey(e.Data, true)
	if err != nil {
		return none, err
	}
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	answer, err := link.Enrol(ctx, relay.EnrolRequest{Version: e.Version, Host: hostname(), BundleKey: public})
	if err != nil {
		return none, err
	}
	if answer.Recipient != "" {
		if err := replaceFile(filepath.Join(e.Data, "bundle", recipientName), []byte(answer.Recipient+"\n")); err != nil {
			return none, err
		}
	}
	known, err := json.Marshal(answer)
	if err == nil {
		err = replaceFile(filepath.Join(e.Data, "bundle", enrolledName), known)
	}
	if err != nil {
		return none, err
	}
	text, err := relayConfigText(c)
	if err != nil {
		return none, err
	}
	return answer, replaceFile(RelayConfigFile(e.Data), text)
}

// relayConfigText is the configuration with what was given, and the defaults of
// the rest to look at.
func relayConfigText(c relay.Config) ([]byte, error) {
	link := map[string]any{"centre": c.Centre}
	for name, value := range map[string]string{"ca": c.CA, "token": c.Token.Reveal(), "cert": c.Cert, "key": c.Key, "proxy": c.Proxy} {
		if value != "" {
			link[name] = value
		}
	}
	text, err := yaml.Marshal(map[string]any{"link": link})
	if err != nil {
		return nil, err
	}
	return append(text, `
# Đầu vào giống hệt của trung tâm; xem docs/operate/relay.md.
# Inputs are those of a centre; see docs/operate/relay.md.
inputs:
  - kind: syslog
    udp: ['127.0.0.1:5514']
    tcp: ['127.0.0.1:5514']
`...), nil
}

// bundleKey reads the key that signs the folder's bundles, or makes it if asked.
func bundleKey(data string, make bool) (ed25519.PrivateKey, error) {
	file := filepath.Join(data, "bundle", bundleKeyName)
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && make {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		return key, replaceFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "no key that signs bundles: %w; run `lachan relay enrol` first", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fault.New(fault.Invalid, "%s is no key in PEM form", file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: %w", file, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fault.New(fault.Invalid, "%s is no Ed25519 key", file)
	}
	return key, nil
}

// replaceFile writes a file for this user alone, as a whole.
func replaceFile(path string, text []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
