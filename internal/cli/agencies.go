package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module/unit"
)

// agencies are the made-up agencies whose machines were recorded: their units,
// and the address each machine sends from when its day is replayed, so that the
// input tells the units apart as it does in life.
type agencies struct {
	Units []struct {
		ID     event.UnitID `json:"id"`
		Parent event.UnitID `json:"parent"` // "": under the centre
		Name   string       `json:"name"`
		Short  string       `json:"short"`
		Kind   unit.Kind    `json:"kind"`
	} `json:"units"` // each after the one it is under
	Hosts []struct {
		Host    string       `json:"host"`
		Unit    event.UnitID `json:"unit"`
		Address string       `json:"address"` // of the loopback network
	} `json:"hosts"` // the one with the public service first
}

// loadAgencies reads a recording's agencies.json; without one everything belongs
// to the centre.
func loadAgencies(path string) (agencies, error) {
	var a agencies
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return a, fault.New(fault.Invalid, "recording: agencies.json: %w", err)
	}
	return a, nil
}

// inputs is the syslog input that knows the machines by their addresses.
func (a agencies) inputs(listen string) ([]yaml.Node, error) {
	units := map[string]event.UnitID{}
	for _, h := range a.Hosts {
		units[h.Address] = h.Unit
	}
	var n yaml.Node
	err := n.Encode(map[string]any{"kind": "syslog", "udp": []string{listen}, "tcp": []string{listen}, "units": units})
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return []yaml.Node{n}, nil
}

func (a agencies) register(ctx context.Context, units *unit.Service) error {
	for _, u := range a.Units {
		parent := u.Parent
		if parent == "" {
			parent = event.CentreUnit
		}
		if _, err := units.Create(ctx, unit.Unit{ID: u.ID, Parent: parent, Name: u.Name, ShortName: u.Short, Kind: u.Kind}); err != nil {
			return fmt.Errorf("recording: agencies.json: %w", err)
		}
	}
	return nil
}

// service is the unit of the public service.
func (a agencies) service() event.UnitID {
	if len(a.Hosts) == 0 {
		return event.CentreUnit
	}
	return a.Hosts[0].Unit
}

// header is how much of a syslog message holds the machine's name.
const header = 64

// address returns where the machine that wrote a message sends from; "" if it is
// none of the agencies'.
func (a agencies) address(message []byte) string {
	head := message[:min(header, len(message))]
	for _, h := range a.Hosts {
		if bytes.Contains(head, []byte(" "+h.Host+" ")) {
			return h.Address
		}
	}
	return ""
}
