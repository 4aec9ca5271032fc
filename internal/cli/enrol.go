package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/enrol"
)

type enrolCmd struct {
	List   enrolListCmd   `cmd:"" help:"List enrolments: connected devices and their credentials."`
	Add    enrolAddCmd    `cmd:"" help:"Connect a device: write its configuration and credential into a folder."`
	Revoke enrolRevokeCmd `cmd:"" help:"End an enrolment and its credentials."`
	Renew  enrolRenewCmd  `cmd:"" help:"On a device: renew its client certificate when it nears its end. For cron."`
}

// enrolled is a data folder or the server that has it.
type enrolled struct {
	folder
	Server string `help:"Ask a running server at this address, with a token of scope api in LACHAN_TOKEN; such a token may list." placeholder:"URL"`
}

// ask answers from the server with JSON in out, or from the folder by use.
func (h enrolled) ask(ctx context.Context, s std, method, path string, query url.Values, body, out any, use func(context.Context, *enrol.Service) error) error {
	if h.Server == "" {
		if err := h.mustExist(); err != nil {
			return err
		}
		err := h.with(ctx, s, "enrol", func(n *app.Node) error {
			return use(module.WithPrincipal(ctx, module.System()), n.Enrolments())
		})
		return h.offline(err, "connect devices")
	}
	r, err := newRemote(h.Server)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	header := http.Header{}
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return err
		}
		header.Set("Content-Type", "application/json")
	}
	res, err := r.do(ctx, method, path, query, header, text.Bytes())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fault.New(fault.Internal, "the server's answer is not understood: %w", err)
	}
	return nil
}

type enrolListCmd struct {
	Unit     string `help:"Only those of this unit."`
	Status   string `help:"Only those waiting, active, expired or revoked." enum:"waiting,active,expired,revoked," default:""`
	Expiring int    `help:"Only those whose credential ends within so many days." placeholder:"DAYS"`
	enrolled
}

// Run prints one enrolment a line, the newest first.
func (c *enrolListCmd) Run(ctx context.Context, s std) error {
	var list module.List[enrol.EnrolmentView]
	query := url.Values{}
	for key, value := range map[string]string{"unit": c.Unit, "status": c.Status} {
		if value != "" {
			query.Set(key, value)
		}
	}
	filter := enrol.Filter{Unit: event.UnitID(c.Unit), Status: enrol.Status(c.Status)}
	if c.Expiring > 0 {
		query.Set("expiringInDays", strconv.Itoa(c.Expiring))
		filter.ExpiresBefore = time.Now().AddDate(0, 0, c.Expiring)
	}
	err := c.ask(ctx, s, http.MethodGet, "api/v1/enrolments", query, nil, &list, func(ctx context.Context, e *enrol.Service) error {
		found, err := e.List(ctx, filter)
		list = module.ListOf(found, e.View)
		return err
	})
	for _, e := range list.Items {
		seen := "never"
		if e.LastSeen != nil {
			seen = e.LastSeen.In(vietnam()).Format("2006-01-02 15:04:05")
		}
		fmt.Fprintf(s.out, "%s  %-8s  %-11s  %-19s  %10d  %s  %s  %s\n", e.ID, e.Status, e.Credential, seen, e.Events, oneLine(string(e.Unit), 48), oneLine(e.Device, 40), oneLine(e.Name, 100))
	}
	return err
}

type enrolAddCmd struct {
	Name       string   `arg:"" help:"What people call the device."`
	Unit       string   `help:"Unit it belongs to." required:""`
	Device     string   `help:"Device in the catalogue, for example rsyslog-tls, filebeat, winlogbeat, fortigate, curl." required:""`
	Credential string   `help:"token, certificate or address; default: the device's best." enum:"token,certificate,address," default:""`
	Days       int      `help:"How long each token or certificate lasts."`
	Network    []string `help:"For an address: address or network it sends from; may be given again." placeholder:"CIDR"`
	Out        string   `help:"Folder for the files; made if it is missing." default:"lachan-enrolment" type:"path"`
	enrolled
}

// Run makes the enrolment and writes what the device needs.
func (c *enrolAddCmd) Run(ctx context.Context, s std) error {
	n := enrol.NewEnrolment{Unit: event.UnitID(c.Unit), Name: c.Name, Device: c.Device, Credential: enrol.Kind(c.Credential), Days: c.Days}
	for _, text := range c.Network {
		p, err := enrol.ParseNetwork(text)
		if err != nil {
			return err
		}
		n.Networks = append(n.Networks, p)
	}
	body := map[string]any{"unit": c.Unit, "name": c.Name, "device": c.Device, "networks": texts(n.Networks)}
	if c.Credential != "" {
		body["credential"] = c.Credential
	}
	if c.Days > 0 {
		body["days"] = c.Days
	}
	var made enrol.MadeEnrolmentView
	err := c.ask(ctx, s, http.MethodPost, "api/v1/enrolments", nil, body, &made, func(ctx context.Context, e *enrol.Service) error {
		one, kit, err := e.Create(ctx, n)
		if err == nil {
			made = e.Made(one, kit)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.write(s, &made)
}

func texts(list []netip.Prefix) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
}

// write keeps the secrets, which are shown this once, for this user alone.
func (c *enrolAddCmd) write(s std, made *enrol.MadeEnrolmentView) error {
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return fault.New(fault.Invalid, "--out: %w", err)
	}
	files := map[string]string{"ca.pem": made.Kit.CA.PEM}
	if cert := made.Kit.Certificate; cert != nil {
		files["client.pem"], files["client.key"] = cert.Chain, cert.Key
		files["client.p12"], files["client.p12.password"] = string(cert.PKCS12), cert.PKCS12Password+"\n"
	}
	if made.Kit.Token != "" {
		files["token"] = made.Kit.Token + "\n"
	}
	for _, f := range made.Kit.Files {
		files[fileName(f.Name)] = f.Content
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.Out, name), []byte(text), 0o600); err != nil {
			return fault.New(fault.Invalid, "--out: %w", err)
		}
	}
	fmt.Fprintf(s.out, "%s  %s\n", made.Enrolment.ID, c.Out)
	for i, step := range made.Kit.Steps {
		fmt.Fprintf(s.out, "%d. %s\n   %s\n", i+1, step.Vi, step.En)
	}
	for _, w := range made.Kit.Warnings {
		fmt.Fprintf(s.err, "! %s\n  %s\n", w.Vi, w.En)
	}
	return nil
}

// fileName is the last part of where a piece goes on the device, which may be a
// Windows path or a menu, without what does not belong into a file's name.
func fileName(place string) string {
	name := place[strings.LastIndexAny(place, `/\>`)+1:]
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, name), "._")
}

type enrolRevokeCmd struct {
	ID     string `arg:"" help:"The enrolment, as lachan enrol list prints it."`
	Reason string `arg:"" help:"Why."`
	enrolled
}

// Run revokes and prints what was revoked.
func (c *enrolRevokeCmd) Run(ctx context.Context, s std) error {
	var out enrol.EnrolmentView
	err := c.ask(ctx, s, http.MethodPost, "api/v1/enrolments/"+url.PathEscape(c.ID)+"/revoke", nil, map[string]string{"reason": c.Reason}, &out,
		func(ctx context.Context, e *enrol.Service) error {
			one, err := e.Revoke(ctx, c.ID, c.Reason)
			out = e.View(one)
			return err
		})
	if err == nil {
		fmt.Fprintf(s.out, "%s  %s  %s  %s\n", out.ID, out.Status, out.Unit, oneLine(out.Name, 100))
	}
	return err
}
