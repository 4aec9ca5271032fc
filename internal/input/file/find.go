package file

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// found is a file that the patterns lead to.
type found struct {
	path string
	info os.FileInfo
}

// find lists the files that the patterns match, at most limit; more says that
// there are others. Folders that cannot be read hold nothing. Links to files are
// followed, links to folders inside ** are not.
func find(include, exclude []string, limit int) (files []found, more bool) {
	seen := map[place]bool{}
	for _, pattern := range include {
		// The pattern was checked; what cannot be read is passed over.
		paths, _ := doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly())
		for _, path := range paths {
			if excluded(path, exclude) {
				continue
			}
			info, err := os.Stat(path)
			if err != nil || !info.Mode().IsRegular() || seen[placeOf(info)] {
				continue
			}
			if len(files) == limit {
				return files, true
			}
			seen[placeOf(info)] = true
			files = append(files, found{path, info})
		}
	}
	return files, false
}

func excluded(path string, exclude []string) bool {
	for _, pattern := range exclude {
		name := path
		if !strings.Contains(pattern, "/") {
			name = filepath.Base(path)
		}
		if doublestar.PathMatchUnvalidated(pattern, name) {
			return true
		}
	}
	return false
}

// findMoved looks in the folder that a file lay in for the name it has now.
func findMoved(e *entry) (path string, ok bool) {
	dir := filepath.Dir(e.Path)
	names, err := os.ReadDir(dir)
	if err != nil {
		return "", false
	}
	for _, d := range names {
		if !d.Type().IsRegular() {
			continue
		}
		if info, err := d.Info(); err == nil && placeOf(info) == e.place {
			return filepath.Join(dir, d.Name()), true
		}
	}
	return "", false
}

// namedAfter says whether path could be the name of a copy that was made of the
// file at original when it was rotated: app.log.1, app.log-20261122 or
// app-20261122.log of app.log.
func namedAfter(path, original string) bool {
	if filepath.Dir(path) != filepath.Dir(original) || path == original {
		return false
	}
	base, of := filepath.Base(path), filepath.Base(original)
	if strings.HasPrefix(base, of) {
		return true
	}
	ext := filepath.Ext(of)
	stem := strings.TrimSuffix(of, ext)
	return ext != "" && stem != "" && strings.HasPrefix(base, stem) && strings.HasSuffix(base, ext)
}
