package module

import (
	"io/fs"
	"slices"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Folder is a folder of embedded data, which is there.
func Folder(files fs.FS, name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err)
	}
	return sub
}

// Kept refuses a table in whose rows an id is gone that has: rows that are stored refer
// to it. Errors: Invalid naming the file and the id.
func Kept(name string, has, now []string) error {
	for _, id := range has {
		if !slices.Contains(now, id) {
			return fault.New(fault.Invalid, "%s: %s is gone; what is stored refers to it, so keep the row and change its words", name, id)
		}
	}
	return nil
}

// Known refuses a table that names something there is not. Errors: Invalid naming the
// file, the id, and those there are.
func Known(name string, is, named []string) error {
	for _, id := range named {
		if !slices.Contains(is, id) {
			return fault.New(fault.Invalid, "%s: there is no %q; one of %v", name, id, is)
		}
	}
	return nil
}
