// Package rules is the project's own starter pack of Sigma rules, embedded into
// the binary so that a fresh installation detects something on its first day.
//
// It is data: one rule a file, <area>/<name>.yml, each with its test cases beside
// it in <name>.test.yml. Beyond standard Sigma every rule has the key lachan,
// with the title, the explanation and the three first checks that the officer on
// duty reads in Vietnamese, and the field that alerts are grouped by (entity; the
// host if there is none).
//
// The package compiles nothing and knows no engine; the test of the package does.
// README.md says how to add a rule.
package rules

import "embed"

// FS holds the rules and their test cases, in the layout of this folder.
//
//go:embed */*.yml
var FS embed.FS
