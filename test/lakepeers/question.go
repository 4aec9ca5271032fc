package main

import "github.com/lachan-vn/lachan/internal/sample"

// question is one that every store is asked, in its own language. A text that is
// empty is not asked.
type question struct {
	name     string
	kind     kind
	ours     string
	victoria string
	sql      string // of DuckDB; %s stands for the table
	grep     string // fixed text whose lines are counted
	want     func(c *corpus) int
}

// kind says what the answer's number is.
type kind int

const (
	events kind = iota // how many events came back
	table              // sum of the last column
	first              // last column of the first row
)

func needle(name string) func(*corpus) int {
	return func(c *corpus) int { return min(100, c.truth.Planted[name]) }
}

var questions = []question{
	{"count of everything", table, "| stats count()", "* | stats count() n", "SELECT count(*) FROM %s", "", func(c *corpus) int { return c.truth.Events }},
	{"events of each day", table, "| timechart 1d", "* | stats by (_time:1d) count() n", "SELECT date_trunc('day', _time), count(*) FROM %s GROUP BY 1", "", func(c *corpus) int { return c.truth.Events }},
	{"rare user, newest 100", events, `User:"CHUNG\\nguoi.la"`, `User:="CHUNG\\nguoi.la"`, `SELECT * FROM %s WHERE "User" = 'CHUNG\nguoi.la' ORDER BY _time DESC LIMIT 100`, `CHUNG\\nguoi.la"`, needle("rare user")},
	{"rare address, newest 100", events, "src_ip:203.0.113.77", `src_ip:="203.0.113.77"`, "SELECT * FROM %s WHERE src_ip = '203.0.113.77' ORDER BY _time DESC LIMIT 100", "srcip=203.0.113.77 ", needle("rare address")},
	{"part of one field", events, "CommandLine:*bachdangzpt*", `CommandLine:~"bachdangzpt"`, "SELECT * FROM %s WHERE contains(CommandLine, 'bachdangzpt') ORDER BY _time DESC LIMIT 100", "bachdangzpt", needle("part of a command line")},
	{"part of one field, frequent, counted", table, "CommandLine:*powershell* | stats count()", `CommandLine:~"(?i)powershell" | stats count() n`, "SELECT count(*) FROM %s WHERE CommandLine ILIKE '%%powershell%%'", "", func(c *corpus) int { return c.truth.PowerShell }},
	{"rare word anywhere", events, "quangtrungxyz", "quangtrungxyz", "SELECT * FROM %s WHERE contains(_msg, 'quangtrungxyz') ORDER BY _time DESC LIMIT 100", "quangtrungxyz", needle("rare word, Windows")},
	{"word that is nowhere", events, "khongcodauca", "khongcodauca", "SELECT * FROM %s WHERE contains(_msg, 'khongcodauca') ORDER BY _time DESC LIMIT 100", "khongcodauca", func(*corpus) int { return 0 }},
	{"part of a word anywhere", events, "uangtrungxy", `~"uangtrungxy"`, "SELECT * FROM %s WHERE contains(_msg, 'uangtrungxy') ORDER BY _time DESC LIMIT 100", "uangtrungxy", needle("rare word, Windows")},
	{"top 10 of 100,000 addresses", first, "| top 10 src_ip", "src_ip:* | stats by (src_ip) count() n | sort by (n desc) limit 10", "SELECT src_ip, count(*) FROM %s WHERE src_ip IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 10", "", busiest},
	{"top 10 of 100,000 domains", first, "| top 10 query", "query:* | stats by (query) count() n | sort by (n desc) limit 10", `SELECT "query", count(*) FROM %s WHERE "query" IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 10`, "", func(c *corpus) int { return top(c.truth.Queries) }},
}

func busiest(c *corpus) int { return top(c.truth.Sources) }

func top(v []sample.ValueCount) int {
	if len(v) == 0 {
		return 0
	}
	return v[0].Count
}
