package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

type rulesCmd struct {
	Check   rulesCheckCmd   `cmd:"" help:"Load the rules of a folder and say which are refused, with file, line and reason."`
	Explain rulesExplainCmd `cmd:"" help:"Say for each part of a rule's condition what it sees in an event and why it holds or not. Exit code 4: the rule does not match."`
	Update  rulesUpdateCmd  `cmd:"" help:"Install a rule archive (for example a SigmaHQ release) into the data folder."`
}

type rulesCheckCmd struct {
	Paths []string `arg:"" name:"dir" help:"Folders or rule files."`
	ruleOptions
	Quiet bool `short:"q" help:"Only the summary."`
}

// Run loads the rules exactly as a server would.
func (c *rulesCheckCmd) Run(s std) error {
	options, err := c.options(s)
	if err != nil {
		return err
	}
	var files []detect.File
	for _, p := range c.Paths {
		more, err := app.ReadRulesAt(p, "check")
		if err != nil {
			return err
		}
		files = append(files, more...)
	}
	if len(files) == 0 {
		return fault.New(fault.Invalid, "rules: no .yml file below %v", c.Paths)
	}
	begun := time.Now()
	set := detect.Compile(files, options)
	took := time.Since(begun)
	warnings := 0
	for _, p := range set.Problems() {
		if p.Severity == sigma.Warning {
			warnings++
		}
		if !c.Quiet {
			fmt.Fprintln(s.out, p.Error())
		}
	}
	fmt.Fprintf(s.out, "%d files: %d rules loaded, %d refused, %d warnings, in %v\n",
		len(files), len(set.Rules()), set.Refused(), warnings, took.Round(time.Millisecond))
	if set.Refused() > 0 {
		return errRefused
	}
	return nil
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
