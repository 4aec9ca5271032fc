package app

import (
	"errors"
	"io"
	"os"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

// ReadPipelines reads processing pipelines, which fit rules to the fields of the
// events that arrive. One that is wrong anywhere makes all unusable: rules would
// be changed by half of what was meant. The problems are then in the error, all
// of them; otherwise they are warnings.
func ReadPipelines(paths []string) ([]*sigma.Pipeline, []sigma.Problem, error) {
	var list []*sigma.Pipeline
	var warnings []sigma.Problem
	var wrong []error
	for _, path := range paths {
		src, err := readPipeline(path)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		p, problems := sigma.ParsePipeline(src, path)
		for _, problem := range problems {
			if problem.Severity == sigma.Error {
				wrong = append(wrong, problem)
			} else {
				warnings = append(warnings, problem)
			}
		}
		if p != nil {
			list = append(list, p)
		}
	}
	if len(wrong) > 0 {
		return nil, nil, fault.New(fault.Invalid, "rule pipelines: %w", errors.Join(wrong...)).OnField("rules.pipelines")
	}
	return list, warnings, nil
}

// readPipeline reads one byte more than a pipeline may have, so that one that is
// too big is refused for it and does not fill the memory.
func readPipeline(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, sigma.MaxPipelineBytes+1))
}
