package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
)

type doctorCmd struct {
	Data   string `help:"Data folder to look at." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Config string `help:"Configuration to check." type:"existingfile" env:"LACHAN_CONFIG" placeholder:"FILE"`
}

// finding is the outcome of one check.
type finding struct {
	name, says, remedy string
	bad                bool
}

// Run makes every check and fails if one is bad.
func (c *doctorCmd) Run(ctx context.Context, s std) error {
	config, configErr := app.LoadConfig(c.Config)
	checks := []finding{
		checkConfig(c.Config, configErr),
		checkConsole(),
		checkFiles(),
		checkMemory(),
		checkDisk(c.Data),
		checkZone(config.Timezone),
		checkLaw(config.Law.Dir),
	}
	checks = append(checks, c.checkFolder(ctx, s, config)...)
	bad := 0
	for _, f := range checks {
		mark := "ok "
		if f.bad {
			mark = "BAD"
			bad++
		}
		fmt.Fprintf(s.out, "%s  %-14s %s\n", mark, f.name, f.says)
		if f.remedy != "" {
			fmt.Fprintf(s.out, "     %-14s → %s\n", "", f.remedy)
		}
	}
	if bad > 0 {
		return errRefused
	}
	return nil
}

func checkLaw(dir string) finding {
	f := finding{name: "tables of law"}
	law, err := app.ReadLaw(dir)
	switch {
	case err != nil:
		f.bad, f.says = true, err.Error()
		f.remedy = "mend the table, or move it out of the folder: the shipped one is used then"
	case len(law.Replaced) == 0:
		f.says = "as shipped"
	default:
		f.says = "own: " + strings.Join(law.Replaced, ", ")
	}
	return f
}

func checkConfig(path string, err error) finding {
	if err != nil {
		return finding{"configuration", err.Error(), "mend the file; `lachan serve` refuses it too", true}
	}
	if path == "" {
		path = "defaults"
	}
	return finding{name: "configuration", says: path}
}

func checkConsole() finding {
	if !app.ConsoleBuilt() {
		return finding{"console", "this binary was built without its console", "build with `make build`", true}
	}
	return finding{name: "console", says: "built in"}
}

// wantedFiles is what 5,000 senders and a month of segments need open at once.
const wantedFiles = 16_384

func checkFiles() finding {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return finding{"open files", err.Error(), "", true}
	}
	f := finding{name: "open files", says: fmt.Sprintf("%d allowed", r.Max)}
	if r.Max < wantedFiles {
		f.bad, f.remedy = true, fmt.Sprintf("raise the limit to %d or more (LimitNOFILE= of the service)", wantedFiles)
	}
	return f
}

const wantedMemory = 2 << 30

func checkMemory() finding {
	var i syscall.Sysinfo_t
	if err := syscall.Sysinfo(&i); err != nil {
		return finding{"memory", err.Error(), "", true}
	}
	total := uint64(i.Totalram) * uint64(i.Unit) //nolint:unconvert // narrower on 32-bit systems
	f := finding{name: "memory", says: fmt.Sprintf("%.1f GiB, %d cores", float64(total)/(1<<30), runtime.NumCPU())}
	if total < wantedMemory {
		f.bad, f.remedy = true, "give the machine 2 GiB or more"
	}
	return f
}

const wantedDisk = 2 << 30

func checkDisk(path string) finding {
	at := path
	if _, err := os.Stat(at); err != nil {
		at = "."
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(at, &fs); err != nil {
		return finding{"disk", err.Error(), "", true}
	}
	free := int64(fs.Bavail) * fs.Bsize
	f := finding{name: "disk", says: fmt.Sprintf("%.1f GiB free at %s", float64(free)/(1<<30), at)}
	if free < wantedDisk {
		f.bad, f.remedy = true, "free space, or set lake.maxBytes and spool.maxBytes so that both fit"
	}
	return f
}

func checkZone(name string) finding {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return finding{"time zone", err.Error(), "set timezone to a name such as Asia/Ho_Chi_Minh", true}
	}
	return finding{name: "time zone", says: fmt.Sprintf("%s; it is %s there", name, time.Now().In(zone).Format("02/01/2006 15:04:05"))}
}

// checkFolder looks into the data folder, or at the server that holds it.
func (c *doctorCmd) checkFolder(ctx context.Context, s std, config app.Config) []finding {
	if _, err := os.Stat(c.Data); errors.Is(err, os.ErrNotExist) {
		return append([]finding{{name: "data folder", says: c.Data + " does not exist yet; `lachan serve` makes it"}}, checkPort(ctx, config.HTTP.Listen))
	}
	var out []finding
	err := folder{Data: c.Data, Config: c.Config}.with(ctx, s, "doctor", func(n *app.Node) error {
		health, err := n.Health(ctx)
		if err != nil {
			return err
		}
		out = append(out, finding{name: "spool", says: fmt.Sprintf("%d blocks to process, %.1f MiB", health.SpoolPending, float64(health.SpoolBytes)/(1<<20))})
		events, err := n.Store().Lake.Count(ctx, lake.ScopeAll(), lake.Search{})
		if err != nil {
			return err
		}
		out = append(out, finding{name: "lake", says: fmt.Sprintf("%d events", events)})
		broken, err := n.Store().Lake.Broken(ctx)
		for _, b := range broken {
			out = append(out, finding{"lake", fmt.Sprintf("segment %s is broken: %s", b.Path, b.Reason), "start the server: it rebuilds what the spool still holds", true})
		}
		return err
	})
	switch {
	case fault.KindOf(err) == fault.Conflict:
		return []finding{{name: "data folder", says: err.Error()}}
	case err != nil:
		return append(out, finding{"data folder", err.Error(), "", true})
	}
	return append(out, checkPort(ctx, config.HTTP.Listen))
}

func checkPort(ctx context.Context, addr string) finding {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return finding{"port", err.Error(), "stop what listens there, or set http.listen", true}
	}
	l.Close()
	return finding{name: "port", says: addr + " is free"}
}
