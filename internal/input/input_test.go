package input

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// runs is an Input whose n-th run lasts and ends as told.
type runs struct {
	plan  []run
	began []time.Time
}

type run struct {
	lasts time.Duration
	err   error
}

func (r *runs) Run(ctx context.Context, _ Sink) error {
	step := r.plan[min(len(r.began), len(r.plan)-1)]
	r.began = append(r.began, time.Now())
	select {
	case <-time.After(step.lasts):
		return step.err
	case <-ctx.Done():
		return nil
	}
}

func TestSuperviseBacksOffAndLogsOncePerChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("port taken")
		in := &runs{plan: []run{
			{0, broken}, {0, broken}, {0, broken}, {0, broken}, {0, broken}, {0, broken}, {0, broken}, {0, broken},
			{5 * time.Minute, broken}, // a healthy run
			{0, broken},
			{time.Hour, nil},
		}}
		var log bytes.Buffer
		reg := prometheus.NewRegistry()
		env := Env{Log: slog.New(slog.NewTextHandler(&log, nil)), Metrics: NewMetrics(reg)}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		Supervise(ctx, "test", in, nil, env)
		if len(in.began) != 11 {
			t.Fatalf("%d runs, want 11", len(in.began))
		}
		for i := 1; i < len(in.began); i++ {
			pause := in.began[i].Sub(in.began[i-1].Add(in.plan[i-1].lasts))
			nominal := backoffFirst << min(i-1, 6)
			if i >= 9 {
				nominal = backoffFirst << (i - 9) // the healthy run starts it anew
			}
			nominal = min(nominal, backoffMax)
			if pause < nominal/2 || pause > nominal {
				t.Errorf("pause %d is %v, want between %v and %v", i, pause, nominal/2, nominal)
			}
		}
		if n := strings.Count(log.String(), "broke;"); n != 2 {
			t.Errorf("logged %d times that it broke, want 2:\n%s", n, log.String())
		}
		if n := strings.Count(log.String(), "runs again"); n != 2 {
			t.Errorf("logged %d times that it runs again, want 2:\n%s", n, log.String())
		}
	})
}

func TestSuperviseEndsWithContextAndWithAFinishedInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &runs{plan: []run{{time.Second, nil}}}
		Supervise(t.Context(), "finishes", in, nil, Env{})
		if len(in.began) != 1 {
			t.Errorf("%d runs of an input that finished", len(in.began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
		defer cancel()
		started := time.Now()
		Supervise(ctx, "pauses", &runs{plan: []run{{0, errors.New("x")}}}, nil, Env{})
		if took := time.Since(started); took > 1500*time.Millisecond {
			t.Errorf("ended %v after its context", took)
		}
	})
}

type flaky struct {
	errs []error
	puts int
}

func (f *flaky) Put(context.Context, *event.Batch) (uint64, error) {
	f.puts++
	if f.puts <= len(f.errs) {
		return 0, f.errs[f.puts-1]
	}
	return 1, nil
}

func TestPutAll(t *testing.T) {
	busy := fault.New(fault.Busy, "full")
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics(nil).For("test")
		f := &flaky{errs: []error{busy, busy, errors.New("no answer"), busy}}
		if err := PutAll(t.Context(), f, &event.Batch{}, m); err != nil || f.puts != 5 {
			t.Errorf("%d puts, %v; want 5, nil", f.puts, err)
		}
		f = &flaky{errs: []error{fault.New(fault.Invalid, "too large")}}
		if err := PutAll(t.Context(), f, &event.Batch{}, m); fault.KindOf(err) != fault.Invalid || f.puts != 1 {
			t.Errorf("%d puts, %v; want 1, invalid", f.puts, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		f = &flaky{errs: make([]error, 1000)}
		for i := range f.errs {
			f.errs[i] = busy
		}
		if err := PutAll(ctx, f, &event.Batch{}, m); !errors.Is(err, context.DeadlineExceeded) || f.puts > 100 {
			t.Errorf("%d puts in a minute, %v", f.puts, err)
		}
	})
}

func TestBatcherHoldsTheLimits(t *testing.T) {
	var b Batcher
	line := bytes.Repeat([]byte("x"), 1000)
	n := 0
	for b.Fits(len(line)) {
		b.Add(line, event.HintText)
		n++
	}
	if n != event.MaxBatchBytes/1000 {
		t.Errorf("%d records of 1,000 bytes fit", n)
	}
	batch := b.Batch("u", "i", "p", time.Unix(1, 0))
	if len(batch.Records) != n || batch.Bytes() != n*1000 || batch.Unit != "u" || batch.Input != "i" || batch.Peer != "p" || batch.ID == (event.BatchID{}) {
		t.Errorf("batch of %d records, %d bytes, %+v", len(batch.Records), batch.Bytes(), batch.ID)
	}
	b.Reset()
	for b.Fits(1) {
		b.Add([]byte{byte('a' + b.Len()%26)}, event.HintSyslog)
	}
	if b.Len() != event.MaxBatchRecords {
		t.Errorf("%d records of 1 byte fit", b.Len())
	}
	for i, r := range b.Batch("u", "i", "p", time.Unix(1, 0)).Records {
		if len(r.Data) != 1 || r.Data[0] != byte('a'+i%26) || r.Hint != event.HintSyslog {
			t.Fatalf("record %d is %q", i, r.Data)
		}
	}
	b.Reset()
	if cut := b.Add(make([]byte, event.MaxRecordBytes+1), 0); !cut || b.Bytes() != event.MaxRecordBytes {
		t.Errorf("cut %v, %d bytes", cut, b.Bytes())
	}
}

type testConfig struct {
	Port int `yaml:"port"`
}

func (c testConfig) Validate() error {
	if c.Port <= 0 {
		return fault.New(fault.Invalid, "port must be positive").OnField("port")
	}
	return nil
}

func TestKindReadsItsSectionStrictly(t *testing.T) {
	var opened testConfig
	k := NewKind("test", func() testConfig { return testConfig{Port: 514} }, func(c testConfig, env Env) (Input, error) {
		if env.Log == nil || env.Metrics == nil || env.Now == nil {
			t.Error("the environment has holes")
		}
		opened = c
		return &runs{}, nil
	})
	for text, want := range map[string]string{
		"{}":               "",
		"port: 6514":       "",
		"prot: 6514":       `lachan.yml:1: unknown key "prot"; did you mean "port"?`,
		"port: 0":          "port must be positive",
		"\n\nport: [1, 2]": "lachan.yml:3:",
	} {
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(text), &node); err != nil {
			t.Fatal(err)
		}
		section := node.Content[0]
		opened = testConfig{}
		cerr := k.Check("lachan.yml", section)
		if opened.Port != 0 {
			t.Errorf("%q: Check opens", text)
		}
		_, oerr := k.Open("lachan.yml", section, Env{})
		for _, err := range []error{cerr, oerr} {
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Invalid) {
				t.Errorf("%q: got %v, want %q", text, err, want)
			}
		}
	}
	if err := k.Check("lachan.yml", nil); err != nil {
		t.Errorf("no section means the defaults: %v", err)
	}
}
