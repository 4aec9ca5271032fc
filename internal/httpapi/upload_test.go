package httpapi_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// uploadNode takes what is imported and forgets it.
type uploadNode struct{}

func (n uploadNode) Sink() input.Sink                                    { return n }
func (uploadNode) Put(context.Context, *event.Batch) (uint64, error)     { return 1, nil }
func (uploadNode) Stored(context.Context, uint64, uint64) (int64, error) { return 0, nil }
func (uploadNode) Has(context.Context, event.ID) (bool, error)           { return false, nil }
func (uploadNode) Lag(context.Context) time.Duration                     { return 0 }
func (uploadNode) DiskFree() (int64, error)                              { return 1 << 40, nil }
func (uploadNode) Meter(name string) *input.Meter                        { return input.NewMetrics(nil).For(name) }

type uploadView struct {
	ID, Unit, UnitName, Name, SHA256, Kind, Status, By string
	Size, Read, Stored, Problems                       int64
	Progress                                           float64
	ProblemList                                        []struct{ Place, Code, Detail string }
}

func TestUploads(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	minh := n.analyst(admin, "minh", "so-noi-vu")
	// Larger than other bodies may be.
	text := "time,user\n" + strings.Repeat("2026-11-22T03:20:58Z,nguyen van an\n", 100_000) + "x\n"
	var u uploadView
	minh.want(201, "POST", "/api/v1/uploads?unit=so-noi-vu&name=users.csv", text, &u)
	if u.Status != "waiting" || u.Kind != "csv" || u.Unit != "so-noi-vu" || u.Size != int64(len(text)) || u.By != "minh" {
		t.Fatalf("%+v", u)
	}
	for end := time.Now().Add(20 * time.Second); u.Status != "done" && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		minh.want(200, "GET", "/api/v1/uploads/"+u.ID, nil, &u)
	}
	if u.Status != "done" || u.Stored != 100_001 || u.Progress != 1 || len(u.ProblemList) != 1 || u.ProblemList[0].Code != "csv.columns" {
		t.Errorf("%+v", u)
	}
	var page struct {
		Items  []uploadView
		Next   string
		Limits struct{ MaxBytes int64 }
	}
	admin.want(200, "GET", "/api/v1/uploads?limit=1", nil, &page)
	if len(page.Items) != 1 || page.Items[0].ID != u.ID || len(page.Items[0].ProblemList) != 0 || page.Limits.MaxBytes != 2<<30 {
		t.Errorf("%+v", page)
	}
	p := minh.refused(409, "upload.repeated", "POST", "/api/v1/uploads?unit=so-noi-vu&name=again.csv", text)
	if len(p.Errors) != 1 || p.Errors[0].Location != "upload."+u.ID {
		t.Errorf("%+v", p)
	}
	for query, want := range map[string]int{
		"unit=trung-tam&name=x": 422, "unit=so-noi-vu": 422, "name=x": 422, "unit=so-noi-vu&name=x&kind=exe": 422, "unit=so-noi-vu&name=x&other=1": 422,
	} {
		if got := minh.doRaw("POST", "/api/v1/uploads?"+query, "one\n").StatusCode; got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	minh.want(409, "POST", "/api/v1/uploads/"+u.ID+"/cancel", nil, nil)
	minh.want(404, "GET", "/api/v1/uploads/none", nil, nil)
}
