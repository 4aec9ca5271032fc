package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
)

type rulesCmd struct {
	Check   rulesCheckCmd   `cmd:"" help:"Check the rules of a folder: which are refused, which cannot work as written, which could be better."`
	Explain rulesExplainCmd `cmd:"" help:"Say for each part of a rule's condition what it sees in an event and why it holds or not. Exit code 4: the rule does not match."`
	Update  rulesUpdateCmd  `cmd:"" help:"Install a rule archive (for example a SigmaHQ release) into the data folder."`
}

type rulesUpdateCmd struct {
	From string `arg:"" name:"path-or-url" help:"A .zip or .tar.gz archive, a folder, or an https address of an archive."`
	Data string `help:"Data folder." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Pack string `help:"Name of the pack; an update replaces the pack of this name." default:"sigmahq"`
}

// Run installs the pack. A server that runs on the folder loads it by itself.
func (c *rulesUpdateCmd) Run(ctx context.Context, s std) error {
	begun := time.Now()
	result, err := app.InstallRules(ctx, c.From, c.Data, c.Pack)
	if err != nil {
		return err
	}
	for _, p := range result.Refused {
		fmt.Fprintln(s.out, p.Error())
	}
	fmt.Fprintf(s.out, "pack %q: %d rules loaded, %d refused, in %v; installed in %s\n",
		c.Pack, result.Loaded, len(result.Refused), time.Since(begun).Round(time.Millisecond), result.Dir)
	if h, err := app.ReadHolder(c.Data); err == nil && h.Server != "" {
		fmt.Fprintf(s.out, "the server at %s loads it within a few seconds\n", h.Server)
	}
	return nil
}
