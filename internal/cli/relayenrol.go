package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
)

type relayEnrolCmd struct {
	Data   string `help:"Data folder of the relay; made if it is missing." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Centre string `help:"Address of the centre." required:"" placeholder:"URL"`
	Token  string `help:"Ingest token of the unit, from the enrolment at the centre; better in the environment than on the command line." env:"LACHAN_TOKEN"`
	CA     string `name:"ca" help:"Certificate of the centre's authority (PEM); it alone is trusted. Without it: the authorities of the system." type:"existingfile" placeholder:"FILE"`
	Cert   string `help:"Client certificate in place of a token (PEM)." type:"existingfile" placeholder:"FILE"`
	Key    string `help:"Its private key (PEM)." type:"existingfile" placeholder:"FILE"`
	Proxy  string `help:"HTTP proxy to the centre; none: no proxy; absent: as the environment says." placeholder:"URL"`
	Force  bool   `help:"Replace a configuration that exists."`
}

// Run checks everything with the centre before it writes anything but the key.
func (c *relayEnrolCmd) Run(ctx context.Context, s std) error {
	if c.Token == "" && c.Cert == "" {
		return fault.New(fault.Invalid, "relay enrol: show a token (--token, or LACHAN_TOKEN) or a client certificate (--cert and --key)")
	}
	file := app.RelayConfigFile(c.Data)
	if _, err := os.Stat(file); err == nil && !c.Force {
		return fault.New(fault.Conflict, "%s exists; --force replaces it", file)
	}
	done, err := app.EnrolRelay(ctx, app.RelayEnrolment{
		Data: c.Data, Version: version, Centre: c.Centre, Token: c.Token, CA: c.CA, Cert: c.Cert, Key: c.Key, Proxy: c.Proxy,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "enrolled as %s of unit %s\nconfiguration: %s\n", done.Credential, done.Unit, file)
	if done.Recipient == "" {
		fmt.Fprintln(s.out, "the centre takes no bundles yet: run `lachan bundle keygen` there, then enrol again with --force")
	} else {
		fmt.Fprintf(s.out, "bundles are encrypted to %s\n", done.Recipient)
	}
	fmt.Fprintf(s.out, "add the inputs of your devices to the configuration, then start: lachan relay --data %s\n", filepath.Clean(c.Data))
	return nil
}
