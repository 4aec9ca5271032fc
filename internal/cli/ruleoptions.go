package cli

import (
	"fmt"
	"path/filepath"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

// ruleOptions are the flags of the commands that load rules by themselves. They
// stand for the configuration of a server.
type ruleOptions struct {
	Placeholders string   `help:"YAML file with values for %placeholders%: name: [value, …]." type:"existingfile" placeholder:"FILE"`
	Pipeline     []string `help:"Processing pipeline, a YAML file in the format of pySigma, to apply to the rules. Repeatable." type:"existingfile" placeholder:"FILE" sep:"none"`
}

// readRuleDirs reads the rules of folders and of single files. A place without a
// rule is an error: its name is probably mistyped. A file that several of them
// hold is read once: a rule is no duplicate of itself.
func readRuleDirs(dirs ...string) ([]detect.File, error) {
	var files []detect.File
	seen := map[string]bool{}
	for _, dir := range dirs {
		more, err := app.ReadRulesAt(dir, "local")
		if err != nil {
			return nil, err
		}
		if len(more) == 0 {
			return nil, fault.New(fault.Invalid, "rules: no .yml file below %s", dir)
		}
		for _, f := range more {
			name, err := filepath.Abs(f.Name)
			if err != nil {
				return nil, fmt.Errorf("rules: %w", err)
			}
			if !seen[name] {
				seen[name] = true
				files = append(files, f)
			}
		}
	}
	return files, nil
}

// options reads the files. What is remarkable in them goes to the error output.
func (o *ruleOptions) options(s std) (detect.Options, error) {
	out := detect.Options{Mapping: sigma.DefaultMapping(), Each: app.OnAllCores}
	if o.Placeholders != "" {
		out.Placeholders = map[string][]string{}
		if err := config.Load(o.Placeholders, &out.Placeholders); err != nil {
			return out, err
		}
	}
	pipelines, warnings, err := app.ReadPipelines(o.Pipeline)
	for _, p := range warnings {
		fmt.Fprintln(s.err, p.Error())
	}
	out.Pipelines = pipelines
	return out, err
}
