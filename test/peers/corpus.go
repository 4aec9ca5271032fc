package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/sigma"
)

// ruleFile is one rule: its text for the engines to load, and its log source as
// our parser read it, by which all engines are scoped alike.
type ruleFile struct {
	name   string
	text   []byte
	id     string
	source sigma.LogSource
}

func readRules(dir string) ([]ruleFile, error) {
	var out []ruleFile
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rules, problems := sigma.Parse(text, path)
		if len(rules) != 1 {
			return fmt.Errorf("%s: %d rules, want 1: %v", path, len(rules), problems)
		}
		out = append(out, ruleFile{name: path, text: text, id: rules[0].ID, source: rules[0].LogSource})
		return nil
	})
	return out, err
}

// eventSet is one recorded set of events, a JSON object each.
type eventSet struct {
	name   string
	lines  [][]byte
	golden map[int][]string // line to ids of the rules that fire, if somebody else worked it out
}

func readSet(data, name string) (*eventSet, error) {
	f, err := os.Open(filepath.Join(data, "ndjson", name+".ndjson.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	all, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	set := &eventSet{name: name, lines: bytes.Split(bytes.TrimSpace(all), []byte("\n"))}
	pairs, err := os.ReadFile(filepath.Join(data, "golden", name+".pairs.tsv"))
	if os.IsNotExist(err) {
		return set, nil
	}
	if err != nil {
		return nil, err
	}
	set.golden = map[int][]string{}
	for p := range strings.Lines(string(pairs)) {
		number, id, _ := strings.Cut(strings.TrimSpace(p), "\t")
		line, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("golden pairs of %s: %w", name, err)
		}
		set.golden[line] = append(set.golden[line], id)
	}
	return set, nil
}
