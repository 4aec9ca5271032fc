package identity

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Config is how people sign in besides their password.
type Config struct {
	OIDC OIDCConfig `yaml:"oidc"`
}

// OIDCConfig is a provider of single sign-on (OpenID Connect).
type OIDCConfig struct {
	// Issuer is the provider's address; "": no single sign-on.
	Issuer   string `yaml:"issuer"`
	ClientID string `yaml:"clientId"`
	// ClientSecretFile holds the secret; "": a public client, by PKCE alone.
	ClientSecretFile string `yaml:"clientSecretFile"`
	// Name is on the button; "": the host of the issuer.
	Name string `yaml:"name"`
	// RedirectURL is where the provider sends people back; "": made of publicAddress.
	RedirectURL string   `yaml:"redirectUrl"`
	Scopes      []string `yaml:"scopes"`
	// TrustMFA believes the provider's "amr": a sign-in with "mfa" in it needs no
	// second factor here.
	TrustMFA bool `yaml:"trustMfa"`
	// Mapping makes accounts of people nobody linked; the first that fits counts.
	Mapping []OIDCMapping `yaml:"mapping"`
}

// OIDCMapping gives a role and a unit to who has a value in a claim.
type OIDCMapping struct {
	Claim string       `yaml:"claim"`
	Value string       `yaml:"value"`
	Role  module.Role  `yaml:"role"`
	Unit  event.UnitID `yaml:"unit"`
}

// DefaultConfig has no single sign-on.
func DefaultConfig() Config {
	return Config{OIDC: OIDCConfig{Scopes: []string{"profile", "email"}}}
}

// Validate refuses what cannot work.
func (c Config) Validate() error {
	o := c.OIDC
	if o.Issuer == "" {
		return nil
	}
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, fault.New(fault.Invalid, "identity.oidc."+field+": "+format, args...).OnField("identity.oidc."+field))
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		bad("issuer", "%q; write an https address, such as https://sso.tinh.example/realms/tinh", o.Issuer)
	}
	if o.ClientID == "" {
		bad("clientId", "the name by which the provider knows this installation is missing")
	}
	for i, m := range o.Mapping {
		if m.Claim == "" || m.Value == "" || !m.Role.Personal() || m.Unit == "" {
			bad("mapping", "line %d needs claim, value, a role of persons and a unit", i+1)
		}
	}
	return errors.Join(errs...)
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// name is what the button says.
func (o OIDCConfig) name() string {
	if o.Name != "" {
		return o.Name
	}
	if u, err := url.Parse(o.Issuer); err == nil {
		return u.Hostname()
	}
	return o.Issuer
}

// match finds the first line of the mapping that fits the claims.
func (o OIDCConfig) match(claims map[string]any) *OIDCMapping {
	for i, m := range o.Mapping {
		switch v := claims[m.Claim].(type) {
		case []any:
			for _, one := range v {
				if fmt.Sprint(one) == m.Value {
					return &o.Mapping[i]
				}
			}
		case nil:
		default:
			if fmt.Sprint(v) == m.Value {
				return &o.Mapping[i]
			}
		}
	}
	return nil
}

// suggestedName is a user name made of what the provider calls a person.
func suggestedName(claims map[string]any) string {
	for _, claim := range []string{"preferred_username", "email"} {
		if text, ok := claims[claim].(string); ok {
			name, _, _ := strings.Cut(normalUsername(text), "@")
			if usernamePattern.MatchString(name) {
				return name
			}
		}
	}
	return ""
}
