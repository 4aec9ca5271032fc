package app

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/rules"
)

const maxRuleFileBytes = 1 << 20

// IsRuleFile tells Sigma rule files from what else lies beside them.
func IsRuleFile(name string) bool {
	ext := path.Ext(name)
	base := strings.TrimSuffix(path.Base(name), ext)
	return (ext == ".yml" || ext == ".yaml") && !strings.HasSuffix(base, ".test") && !strings.HasPrefix(base, ".")
}

// ReadRules reads every rule file below root of fsys. prefix stands before names
// in problems, pack says where the rules come from.
func ReadRules(fsys fs.FS, prefix, pack string) ([]detect.File, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() && IsRuleFile(name) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	files, failed := make([]detect.File, len(names)), make([]error, len(names))
	atOnce(filesAtOnce, len(names), func(i int) {
		files[i] = detect.File{Name: path.Join(prefix, names[i]), Pack: pack}
		files[i].Data, failed[i] = readRule(fsys, names[i], files[i].Name)
	})
	for _, err := range failed {
		if err != nil {
			return nil, fmt.Errorf("read rules: %w", err)
		}
	}
	return files, nil
}

func readRule(fsys fs.FS, name, shown string) ([]byte, error) {
	if info, err := fs.Stat(fsys, name); err == nil && info.Size() > maxRuleFileBytes {
		return nil, fault.New(fault.Invalid, "%s: larger than %d bytes; not a rule file", shown, maxRuleFileBytes)
	}
	return fs.ReadFile(fsys, name)
}

// filesAtOnce is more than there are cores: a disk that was not asked for these
// files yet keeps its readers waiting.
const filesAtOnce = 8

// OnAllCores runs do(0) to do(n-1) on all cores and returns when all have run.
func OnAllCores(n int, do func(i int)) { atOnce(runtime.GOMAXPROCS(0), n, do) }

func atOnce(limit, n int, do func(i int)) {
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
			do(int(i))
		}
	}
	var others sync.WaitGroup
	for range min(limit, n) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
}

// ReadRulesAt reads the rules of a folder, or the one rule file path names.
func ReadRulesAt(at, pack string) ([]detect.File, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, fault.New(fault.Invalid, "rules: %w", err)
	}
	if !info.IsDir() {
		data, err := os.ReadFile(at)
		if err != nil {
			return nil, fault.New(fault.Invalid, "rules: %w", err)
		}
		return []detect.File{{Name: at, Pack: pack, Data: data}}, nil
	}
	return ReadRules(os.DirFS(at), filepath.ToSlash(at), pack)
}

// ReadPacks reads the starter pack and the packs installed in a data folder.
func ReadPacks(dataDir string) ([]detect.File, error) {
	return RulesConfig{Starter: true}.readAll(filepath.Join(dataDir, "rules"))
}

// readAll reads the starter pack, the installed packs and the folders that
// the configuration names, in this order: of two rules with one id the first wins.
func (c RulesConfig) readAll(installed string) ([]detect.File, error) {
	var all []detect.File
	if c.Starter {
		files, err := ReadRules(rules.FS, "starter", "lachan")
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	packs, err := os.ReadDir(installed)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	for _, p := range packs {
		if !p.IsDir() || strings.HasPrefix(p.Name(), ".") {
			continue
		}
		files, err := ReadRulesAt(filepath.Join(installed, p.Name()), p.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	for _, dir := range c.Dirs {
		files, err := ReadRulesAt(dir, "local")
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}
