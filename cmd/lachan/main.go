// Command lachan is the provincial cybersecurity centre in one binary. See
// `lachan --help`.
package main

import (
	"os"
	_ "time/tzdata" // Vietnam time also where the system has no zone files

	"github.com/lachan-vn/lachan/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
