package drill

import (
	"context"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Told is the after-action report in words, in Vietnamese, as an official document
// tells it. Times are in the zone of the service.
type Told struct {
	Exercise Exercise
	Units    []string
	Goals    string
	Verdict  string
	Matters  []ToldMatter
	Missed   []string
	Duties   []ToldLine
	Papers   []ToldLine
	Tasks    []ToldLine
	Calls    []ToldLine
}

// ToldMatter is a matter's times in minutes, each with what it came to.
type ToldMatter struct{ Code, Title, Unit, Detect, Acknowledge, Contain, Recover string }

// ToldLine is one thing that was done or not.
type ToldLine struct{ Matter, What, When, Result string }

const clock = "15:04 ngày 02/01/2006"

// Tell returns the report of an exercise that has begun, in words. Errors: Denied,
// NotFound, Conflict drill.state.
func (s *Service) Tell(ctx context.Context, id string) (Told, error) {
	x, _, r, err := s.Review(ctx, id)
	if err != nil {
		return Told{}, err
	}
	if x.State != Running && x.State != Ended {
		return Told{}, fault.New(fault.Conflict, "there is nothing to report of an exercise that has not begun").WithCode("drill.state")
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return "chưa"
		}
		return t.In(s.Zone).Format(clock)
	}
	result := func(name string) string { return s.words.Results[name].Vi }
	out := Told{Exercise: x, Goals: s.goals(x.Goals), Verdict: s.words.Verdicts[string(r.Verdict)].Vi}
	for _, u := range x.Units {
		out.Units = append(out.Units, s.Units.Name(u))
	}
	for _, m := range r.Matters {
		if !m.Ended {
			out.Matters = append(out.Matters, s.toldMatter(&m))
		}
	}
	for i := range r.Missed {
		out.Missed = append(out.Missed, s.words.missed(&r.Missed[i]).Vi)
	}
	for _, d := range r.Duties {
		out.Duties = append(out.Duties, ToldLine{d.Subject.Code, d.TitleVi, when(d.SentAt), result(d.Result)})
	}
	for _, p := range r.Papers {
		out.Papers = append(out.Papers, ToldLine{p.Subject.Code, p.Number + " " + p.Title, when(p.At), result(p.State)})
	}
	for _, t := range r.Tasks {
		out.Tasks = append(out.Tasks, ToldLine{t.Subject.Code, t.Title, when(t.DoneAt), result(t.Result)})
	}
	for _, c := range r.Calls {
		out.Calls = append(out.Calls, ToldLine{c.Subject.Code, c.Person, when(c.SaidAt), result(c.Result)})
	}
	return out, nil
}

func (s *Service) toldMatter(m *MatterTimes) ToldMatter {
	t := ToldMatter{Code: m.Subject.Code, Title: m.Subject.Title, Unit: s.Units.Name(m.Unit)}
	into := map[string]*string{"detect": &t.Detect, "acknowledge": &t.Acknowledge, "contain": &t.Contain, "recover": &t.Recover}
	for _, x := range m.Times {
		text := "chưa"
		if !x.At.IsZero() {
			text = strconv.Itoa(x.Minutes) + " phút"
		}
		if x.Goal > 0 {
			text += " (" + s.words.Results[x.Result].Vi + ")"
		}
		*into[x.Moment] = text
	}
	return t
}

// goals are the goals of an exercise in one line.
func (s *Service) goals(g Goals) string {
	text := ""
	for _, m := range moments {
		if n := g.of(m.moment); n > 0 {
			if text != "" {
				text += "; "
			}
			text += s.words.Moments[m.moment].Vi + " trong " + strconv.Itoa(n) + " phút"
		}
	}
	if text == "" {
		return "không đặt mục tiêu thời gian"
	}
	return text
}
