package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/evidence"
)

type holdCmd struct {
	Add     holdAddCmd     `cmd:"" help:"Keep events from being deleted until the hold is released."`
	List    holdListCmd    `cmd:"" help:"List the holds."`
	Release holdReleaseCmd `cmd:"" help:"End a hold."`
}

// held is a data folder or the server that has it.
type held struct {
	folder
	Server string `help:"Ask a running server at this address, with a token of scope api in LACHAN_TOKEN." placeholder:"URL"`
}

// ask answers from the server with JSON in out, or from the folder by use.
func (h held) ask(ctx context.Context, s std, method, path string, query url.Values, body, out any, use func(context.Context, *evidence.Service) error) error {
	if h.Server == "" {
		if err := h.mustExist(); err != nil {
			return err
		}
		return h.folder.with(ctx, s, "hold", func(n *app.Node) error {
			return use(module.WithPrincipal(ctx, module.System()), n.Evidence())
		})
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

// wireHold is a hold as the API shows it.
type wireHold struct {
	ID            string         `json:"id,omitempty"`
	Reason        string         `json:"reason"`
	By            string         `json:"by,omitempty"`
	At            *time.Time     `json:"at,omitempty"`
	Units         []event.UnitID `json:"units,omitempty"`
	Hosts         []string       `json:"hosts,omitempty"`
	From          *time.Time     `json:"from,omitempty"`
	To            *time.Time     `json:"to,omitempty"`
	Query         string         `json:"query,omitempty"`
	ReleasedAt    *time.Time     `json:"releasedAt,omitempty"`
	ReleasedBy    string         `json:"releasedBy,omitempty"`
	ReleaseReason string         `json:"releaseReason,omitempty"`
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func toWire(h lake.Hold) wireHold {
	return wireHold{ID: h.ID, Reason: h.Reason, By: h.By, At: timeOrNil(h.At), Units: h.Units, Hosts: h.Hosts, From: timeOrNil(h.From), To: timeOrNil(h.To),
		Query: h.Query, ReleasedAt: timeOrNil(h.ReleasedAt), ReleasedBy: h.ReleasedBy, ReleaseReason: h.ReleaseReason}
}

func printHold(w io.Writer, h wireHold) {
	at := func(t *time.Time) string {
		if t == nil {
			return "…"
		}
		return t.In(vietnam()).Format("2006-01-02 15:04:05")
	}
	fmt.Fprintf(w, "%s  %s  %s  %s\n", h.ID, at(h.At), oneLine(h.By, 40), oneLine(h.Reason, 400))
	var covers []string
	for _, u := range h.Units {
		covers = append(covers, "unit "+string(u))
	}
	for _, host := range h.Hosts {
		covers = append(covers, "host "+oneLine(host, 100))
	}
	if h.From != nil || h.To != nil {
		covers = append(covers, at(h.From)+" – "+at(h.To))
	}
	if h.Query != "" {
		covers = append(covers, oneLine(h.Query, 400))
	}
	if len(covers) == 0 {
		covers = []string{"everything"}
	}
	fmt.Fprintf(w, "    %s\n", strings.Join(covers, ", "))
	if h.ReleasedAt != nil {
		fmt.Fprintf(w, "    released %s  %s  %s\n", at(h.ReleasedAt), oneLine(h.ReleasedBy, 40), oneLine(h.ReleaseReason, 400))
	}
}

type holdAddCmd struct {
	Reason string   `arg:"" help:"Why: the incident, the order."`
	Unit   []string `help:"Only events of this unit; may be given again. None: all." placeholder:"UNIT"`
	Host   []string `help:"Only events of this host; may be given again. None: all." placeholder:"HOST"`
	From   string   `help:"Only events from this time on: 2026-11-22, 2026-11-22T08:00, or back from now: 7d."`
	To     string   `help:"Only events before this time."`
	Query  string   `help:"Only events that match this query."`
	held
}

// Run adds the hold and prints it.
func (c *holdAddCmd) Run(ctx context.Context, s std) error {
	now := time.Now()
	h := lake.Hold{Reason: c.Reason, Hosts: c.Host, Query: c.Query}
	var err error
	if h.From, err = parseWhen(c.From, now); err != nil {
		return fault.New(fault.Invalid, "--from: %w", err)
	}
	if h.To, err = parseWhen(c.To, now); err != nil {
		return fault.New(fault.Invalid, "--to: %w", err)
	}
	for _, u := range c.Unit {
		h.Units = append(h.Units, event.UnitID(u))
	}
	var out wireHold
	err = c.ask(ctx, s, http.MethodPost, "api/v1/holds", nil, toWire(h), &out, func(ctx context.Context, e *evidence.Service) error {
		added, err := e.AddHold(ctx, h)
		out = toWire(added)
		return err
	})
	if err == nil {
		printHold(s.out, out)
	}
	return err
}

type holdListCmd struct {
	All bool `help:"Released ones, too."`
	held
}

// Run prints the holds, the newest first.
func (c *holdListCmd) Run(ctx context.Context, s std) error {
	var out struct {
		Items []wireHold `json:"items"`
	}
	query := url.Values{}
	if c.All {
		query.Set("all", "true")
	}
	err := c.ask(ctx, s, http.MethodGet, "api/v1/holds", query, nil, &out, func(ctx context.Context, e *evidence.Service) error {
		holds, err := e.Holds(ctx, c.All)
		for _, h := range holds {
			out.Items = append(out.Items, toWire(h))
		}
		return err
	})
	for _, h := range out.Items {
		printHold(s.out, h)
	}
	return err
}

type holdReleaseCmd struct {
	ID     string `arg:"" help:"The hold, as lachan hold list prints it."`
	Reason string `arg:"" help:"Why it is no longer needed."`
	held
}

// Run releases the hold and prints it.
func (c *holdReleaseCmd) Run(ctx context.Context, s std) error {
	var out wireHold
	body := map[string]string{"reason": c.Reason}
	err := c.ask(ctx, s, http.MethodPost, "api/v1/holds/"+url.PathEscape(c.ID)+"/release", nil, body, &out, func(ctx context.Context, e *evidence.Service) error {
		h, err := e.ReleaseHold(ctx, c.ID, c.Reason)
		out = toWire(h)
		return err
	})
	if err == nil {
		printHold(s.out, out)
	}
	return err
}
