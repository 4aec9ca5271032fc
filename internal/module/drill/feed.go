package drill

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Feed puts events into the way that all events take, with the mark of an exercise.
type Feed interface {
	// Put returns once the file is on disk; it is imported in the background. It
	// goes by the principal in ctx. Errors: Invalid, TooLarge, Busy.
	Put(ctx context.Context, f File) (Fed, error)
}

// File is log lines of the scenario.
type File struct {
	Drill string
	Unit  event.UnitID
	Name  string
	Size  int64 // -1: not known
	Max   int64 // bytes
	Body  io.Reader
}

// Fed is a file that is on its way.
type Fed struct {
	Upload string // its id, by which is asked how far it is
	Name   string
	Bytes  int64
	Kind   string // what the content was taken for
}

// maxFeed bounds one file of events.
const maxFeed = 32 << 20

// PutIn sends events of the scenario through the way all events take: rules fire on
// them, and what they raise bears the mark of the exercise. Errors: Denied, NotFound,
// Conflict drill.state or drill.unit, Invalid, TooLarge, Busy.
func (s *Service) PutIn(ctx context.Context, id string, f File) (Fed, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionDrillManage); err != nil {
		return Fed{}, err
	}
	x, err := s.get(ctx, s.DB, id)
	switch {
	case err != nil:
		return Fed{}, err
	case x.State != Running:
		return Fed{}, fault.New(fault.Conflict, "events are put in while the exercise runs; it is %s", x.State).WithCode("drill.state")
	case !slices.Contains(x.Units, f.Unit):
		return Fed{}, fault.New(fault.Conflict, "the unit does not take part in the exercise; name one that does").WithCode("drill.unit").OnField("query.unit")
	}
	f.Drill, f.Max = id, maxFeed
	fed, err := s.Feed.Put(ctx, f)
	if err != nil {
		return Fed{}, err
	}
	l := Line{ID: module.NewID(), Exercise: id, Fact: "feed:" + fed.Upload, At: s.Now(), Kind: LineFeed, What: "drill.feed", Object: fed.Upload,
		Subject: module.Subject{Kind: LineFeed, ID: fed.Upload, Title: fed.Name}, Unit: f.Unit, Title: fed.Name}
	return fed, s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.addLine(ctx, tx, &l); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "drill.feed", Object: "drill:" + id, Detail: map[string]string{
			"unit": string(f.Unit), "upload": fed.Upload, "name": fed.Name, "bytes": strconv.FormatInt(fed.Bytes, 10),
		}})
	})
}

// DrillFedView is a file of events that is on its way.
type DrillFedView struct {
	Upload string `json:"upload" doc:"id of the upload: ask for it to see how far it is"`
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	Kind   string `json:"kind" doc:"what the content was taken for: ndjson, lines, csv, evtx, json, archive"`
}

// feedInput takes the body as it comes: it is not read before the caller is known.
type feedInput struct {
	ID   string `path:"id" maxLength:"64"`
	Unit string `query:"unit" required:"true" maxLength:"48" doc:"that the events are of; one that takes part"`
	Name string `query:"name" required:"true" minLength:"1" maxLength:"255" doc:"of the file"`

	size int64
	body io.Reader
}

// feedTime is how long a file may take to arrive.
const feedTime = 2 * time.Minute

// Resolve implements huma.Resolver.
func (in *feedInput) Resolve(hc huma.Context) []error {
	in.size = -1
	if n, err := strconv.ParseInt(hc.Header("Content-Length"), 10, 64); err == nil {
		in.size = n
	}
	_ = hc.SetReadDeadline(time.Now().Add(feedTime)) // a connection without deadlines has none
	in.body = hc.BodyReader()
	return nil
}

func (s *Service) feedRoute(api huma.API) {
	type fed struct{ Body DrillFedView }
	put := op(module.ActionDrillManage, "feed-drill", http.MethodPost, "/drills/{id}/events", "Put events of the scenario in, on the way all events take")
	put.Description = "The body is log lines as a device would send them: NDJSON, lines, CSV or a Windows event log, at most 32 MiB. Alerts they raise bear the mark of the exercise."
	put.DefaultStatus = http.StatusCreated
	put.MaxBodyBytes = -1 // the service has a limit of its own
	put.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
	huma.Register(api, put, func(ctx context.Context, in *feedInput) (*fed, error) {
		f, err := s.PutIn(ctx, in.ID, File{Unit: event.UnitID(in.Unit), Name: strings.TrimSpace(in.Name), Size: in.size, Body: in.body})
		if err != nil {
			return nil, err
		}
		return &fed{DrillFedView(f)}, nil
	})
}
