// Package web holds the built console.
//
// The console is a React application under src, built by "npm run build" into
// dist, which this package embeds. dist is not kept in the repository (only
// its .keep file is), so the Go code compiles in a fresh clone without Node;
// FS then reports that the console is not built and the server says how to
// build it.
//
// Not here: serving the files, their cache headers and the content security
// policy. Those are internal/httpapi's. What the server may rely on: every
// file under assets/ carries a hash of its content in its name and never
// changes; index.html contains no inline script.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS returns the root of the built console and whether it was built. The file
// system is valid in both cases; unbuilt, it has no index.html.
func FS() (fs.FS, bool) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist, false // only for an invalid path, and "dist" is valid
	}
	_, err = fs.Stat(root, "index.html")
	return root, err == nil
}
