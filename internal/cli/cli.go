// Package cli is the command line of lachan: one file per command.
//
// A command parses its flags, asks internal/app for what it needs, and prints.
// Results go to standard output, everything else (progress, logs, problems) to
// standard error. Exit codes: 0 done; 1 failed, or something was refused; 2 the
// input or the flags are wrong; 3 the hunt, or a verification of evidence, found
// something; 4 the rule explained does not match; 130 interrupted.
//
// Start reading at [Main].
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/lachan-vn/lachan/internal/fault"
)

// version is set by the linker.
var version = "dev"

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitInvalid     = 2
	exitFound       = 3
	exitNoMatch     = 4
	exitInterrupted = 130
)

// errRefused ends a command that has already said what is wrong.
var errRefused = errors.New("refused")

// errFound ends a hunt or a verification that found something.
var errFound = errors.New("found")

// errNoMatch ends an explanation of why a rule does not match.
var errNoMatch = errors.New("no match")

// std is what a command reads and writes.
type std struct {
	in       io.Reader
	out, err io.Writer
}

type root struct {
	Serve         serveCmd         `cmd:"" help:"Run the centre: inputs, detection, search, console. Needs no configuration."`
	Demo          demoCmd          `cmd:"" help:"Run the centre on an empty folder and replay a recorded attack day through its real inputs."`
	Relay         relayCmd         `cmd:"" help:"Run a relay at an agency: the same inputs, a spool on disk, one connection out to the centre."`
	Bundle        bundleCmd        `cmd:"" help:"Carry events to the centre where there is no line: one encrypted, signed file."`
	Import        importCmd        `cmd:"" help:"Import log files: .evtx, NDJSON, JSON, plain syslog text, also .gz, .zst and .zip."`
	Hunt          huntCmd          `cmd:"" help:"Look for attacks in log files, without a server: .evtx, NDJSON, JSON, text, also .gz, .zst and .zip. Exit code 3: something was found."`
	Query         queryCmd         `cmd:"" help:"Search stored events."`
	Evidence      evidenceCmd      `cmd:"" help:"Prove that stored events are as they were stored, and hand them over with the proof."`
	Audit         auditCmd         `cmd:"" help:"Prove and export the audit trail: who did what."`
	Hold          holdCmd          `cmd:"" help:"Legal holds: keep the events of an incident from being deleted."`
	Advisory      advisoryCmd      `cmd:"" help:"Security advisories: what is vulnerable, and which units run it."`
	Vulnerability vulnerabilityCmd `cmd:"" help:"Weaknesses that scanners find in units' systems."`
	Rules         rulesCmd         `cmd:"" help:"Check, explain and update detection rules."`
	Law           lawCmd           `cmd:"" help:"Tables of the law: which are used, and files of your own in their place."`
	User          userCmd          `cmd:"" help:"Manage accounts without the console."`
	Token         tokenCmd         `cmd:"" help:"Make tokens without the console."`
	Enrol         enrolCmd         `cmd:"" help:"Connect devices: their credentials and configuration; renew a device's certificate."`
	Unit          unitCmd          `cmd:"" help:"List, export and import the units without the console."`
	Backup        backupCmd        `cmd:"" help:"Back up a data folder while the server runs, and look after the backups."`
	Restore       restoreCmd       `cmd:"" help:"Bring a backup back into an empty folder."`
	Doctor        doctorCmd        `cmd:"" help:"Check this machine and a data folder, and say what to mend."`
	Bench         benchCmd         `cmd:"" help:"Measure this machine: a whole server end to end, or the rule engine alone."`
	Version       versionCmd       `cmd:"" help:"Print the version."`
}

// Main runs the command line and returns the exit code.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer startProfile(errOut)()
	return run(ctx, args, std{in: in, out: out, err: errOut})
}

func run(ctx context.Context, args []string, s std) int {
	var grammar root
	exited, code := false, 0
	parser, err := kong.New(&grammar,
		kong.Name("lachan"),
		kong.Description("Lá Chắn: the provincial cybersecurity centre in one binary. (Trung tâm An ninh mạng tỉnh trong một tệp chạy.)"),
		kong.Writers(s.out, s.err),
		kong.Exit(func(c int) { exited, code = true, c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false}),
		kong.Vars{"version": version, "data": defaultData()},
	)
	if err != nil {
		fmt.Fprintln(s.err, "lachan:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(s.err, "lachan: %v\nTry `lachan --help`.\n", err)
		return exitInvalid
	}
	kctx.BindTo(ctx, (*context.Context)(nil))
	kctx.Bind(s)
	return exitCode(ctx, s, kctx.Run())
}

func exitCode(ctx context.Context, s std, err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefused):
		return exitFailed
	case errors.Is(err, errFound):
		return exitFound
	case errors.Is(err, errNoMatch):
		return exitNoMatch
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(s.err, "lachan: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(s.err, "lachan:", err)
	if fault.KindOf(err) == fault.Invalid || fault.KindOf(err) == fault.Conflict {
		return exitInvalid
	}
	return exitFailed
}

func defaultData() string {
	if dir := os.Getenv("LACHAN_DATA"); dir != "" {
		return dir
	}
	return "data"
}
