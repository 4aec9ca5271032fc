package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
)

func runBenchLake(t *testing.T, c benchLakeCmd) lakeReport {
	t.Helper()
	var out, progress bytes.Buffer
	c.JSON = true
	if err := c.Run(context.Background(), std{out: &out, err: &progress}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	var r lakeReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBenchLakeChecksItsAnswers(t *testing.T) {
	c := benchLakeCmd{Events: 30_000, Days: 1, Seed: 5, Mix: "province", Flush: 10_000, Runs: 1, Data: t.TempDir()}
	built := runBenchLake(t, c)
	if built.Truth.Events != 30_000 || built.Build.Commits != 3 || built.Build.Bytes == 0 || len(built.Questions) < 19 {
		t.Errorf("built %+v, %d questions", built.Build, len(built.Questions))
	}
	again := runBenchLake(t, c)
	if again.Build != built.Build || len(again.Questions) != len(built.Questions) {
		t.Errorf("the kept lake was not used as it is: %+v", again.Build)
	}
	c.Seed = 6
	if err := c.Run(context.Background(), std{out: &bytes.Buffer{}, err: &bytes.Buffer{}}); err == nil {
		t.Error("a lake of other options was taken for the right one")
	}
	c.Data = t.TempDir()
	c.Runs = 0
	if err := c.Run(context.Background(), std{out: &bytes.Buffer{}, err: &bytes.Buffer{}}); err == nil {
		t.Error("no runs: no error")
	}
}
