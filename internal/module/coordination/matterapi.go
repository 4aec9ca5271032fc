package coordination

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// SubjectRef names a matter.
type SubjectRef struct {
	Kind string `json:"kind" enum:"incident"`
	ID   string `json:"id" maxLength:"64"`
}

func (r SubjectRef) subject() module.Subject { return module.Subject{Kind: r.Kind, ID: r.ID} }

func about(kind, id string, open bool) Filter {
	return Filter{Subject: module.Subject{Kind: kind, ID: id}, Open: open}
}

func (s *Service) callRoutes(api huma.API) {
	type ask struct {
		Kind    string `query:"subjectKind" maxLength:"32"`
		Subject string `query:"subject" maxLength:"64"`
		Open    bool   `query:"open" doc:"only those that go on"`
	}
	type calls struct {
		Body struct {
			Items []CallUpView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationRead, "list-call-ups", http.MethodGet, "/call-ups", "Call-ups, the newest first"),
		func(ctx context.Context, in *ask) (*calls, error) {
			found, err := s.CallUps(ctx, about(in.Kind, in.Subject, in.Open))
			if err != nil {
				return nil, err
			}
			out := &calls{}
			out.Body.Items = make([]CallUpView, len(found))
			for i := range found {
				out.Body.Items[i] = s.callView(module.PrincipalOf(ctx), &found[i])
			}
			return out, nil
		})
	type one struct{ Body CallUpView }
	answer := func(ctx context.Context, c CallUp, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.callView(module.PrincipalOf(ctx), &c)}, nil
	}
	type startCallUp struct {
		Body struct {
			Subject SubjectRef `json:"subject"`
			Message string     `json:"message" maxLength:"16000"`
			By      time.Time  `json:"by" doc:"when they are to be there"`
			People  []string   `json:"people" maxItems:"50" nullable:"false" doc:"ids in the response team, in the order they are called in"`
			Needed  int        `json:"needed,omitempty" minimum:"0" maximum:"50" doc:"how many; 0: all"`
			Minutes int        `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"to acknowledge in, before the next one is called; 0: 15"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationCall, "call-up", http.MethodPost, "/call-ups", "Call people to a matter"),
		func(ctx context.Context, in *startCallUp) (*one, error) {
			b := &in.Body
			c, err := s.CallUp(ctx, Calling{b.Subject.subject(), b.Message, b.By, b.People, b.Needed, b.Minutes})
			return answer(ctx, c, err)
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionCoordinationRead, "get-call-up", http.MethodGet, "/call-ups/{id}", "One call-up, for its unit and for who is called"),
		func(ctx context.Context, in *byID) (*one, error) {
			c, err := s.GetCallUp(ctx, in.ID)
			return answer(ctx, c, err)
		})
	type replyTo struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Person string `json:"person,omitempty" maxLength:"64" doc:"who was heard on the telephone; absent: the caller of the API"`
			Answer string `json:"answer" enum:"comes,declines"`
			Note   string `json:"note,omitempty" maxLength:"16000"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationRead, "reply-to-call-up", http.MethodPost, "/call-ups/{id}/replies", "Acknowledge a call-up, or note what was said on the telephone"),
		func(ctx context.Context, in *replyTo) (*one, error) {
			c, err := s.Reply(ctx, in.ID, Replying{in.Body.Person, Reply(in.Body.Answer), in.Body.Note})
			return answer(ctx, c, err)
		})
	huma.Register(api, op(module.ActionCoordinationCall, "close-call-up", http.MethodPost, "/call-ups/{id}/close", "End a call-up: nobody else is called"),
		func(ctx context.Context, in *byID) (*one, error) {
			c, err := s.CloseCallUp(ctx, in.ID)
			return answer(ctx, c, err)
		})
}

func (s *Service) askRoutes(api huma.API) {
	type which struct {
		Kind    string `query:"subjectKind" maxLength:"32"`
		Subject string `query:"subject" maxLength:"64"`
		Open    bool   `query:"open"`
	}
	type asks struct {
		Body struct {
			Items []AskView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationRead, "list-asks", http.MethodGet, "/asks", "Asks for help of the caller's units and to them, the newest first"),
		func(ctx context.Context, in *which) (*asks, error) {
			found, err := s.Asks(ctx, about(in.Kind, in.Subject, in.Open))
			if err != nil {
				return nil, err
			}
			out := &asks{}
			out.Body.Items = make([]AskView, len(found))
			for i := range found {
				out.Body.Items[i] = s.askView(module.PrincipalOf(ctx), &found[i])
			}
			return out, nil
		})
	type one struct{ Body AskView }
	answer := func(ctx context.Context, a Ask, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.askView(module.PrincipalOf(ctx), &a)}, nil
	}
	type askForHelp struct {
		Body struct {
			Subject  SubjectRef `json:"subject"`
			To       Side       `json:"to"`
			Question string     `json:"question" maxLength:"16000"`
			By       time.Time  `json:"by" doc:"an answer is wanted until then"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationAsk, "ask-for-help", http.MethodPost, "/asks", "Ask a unit, a force or a member of the network about a matter"),
		func(ctx context.Context, in *askForHelp) (*one, error) {
			a, err := s.Ask(ctx, in.Body.Subject.subject(), in.Body.To, in.Body.Question, in.Body.By)
			return answer(ctx, a, err)
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionCoordinationRead, "get-ask", http.MethodGet, "/asks/{id}", "One ask"),
		func(ctx context.Context, in *byID) (*one, error) {
			a, err := s.GetAsk(ctx, in.ID)
			return answer(ctx, a, err)
		})
	type stepAsk struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			State   string `json:"state" enum:"seen,answered,refused,withdrawn"`
			Text    string `json:"text,omitempty" maxLength:"16000" doc:"the answer, or why not"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationAnswer, "step-ask", http.MethodPost, "/asks/{id}/steps", "See, answer, refuse or withdraw an ask"),
		func(ctx context.Context, in *stepAsk) (*one, error) {
			a, err := s.StepAsk(ctx, in.ID, AskState(in.Body.State), in.Body.Text, in.Body.Version)
			return answer(ctx, a, err)
		})
}

func (s *Service) handoverRoutes(api huma.API) {
	type which struct {
		Kind    string `query:"subjectKind" maxLength:"32"`
		Subject string `query:"subject" maxLength:"64"`
		Open    bool   `query:"open"`
	}
	type handovers struct {
		Body struct {
			Items []HandoverView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationRead, "list-handovers", http.MethodGet, "/handovers", "Hand-overs of the leadership, the newest first"),
		func(ctx context.Context, in *which) (*handovers, error) {
			found, err := s.Handovers(ctx, about(in.Kind, in.Subject, in.Open))
			if err != nil {
				return nil, err
			}
			out := &handovers{}
			out.Body.Items = make([]HandoverView, len(found))
			for i := range found {
				out.Body.Items[i] = s.handoverView(module.PrincipalOf(ctx), &found[i])
			}
			return out, nil
		})
	type one struct{ Body HandoverView }
	answer := func(ctx context.Context, h Handover, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.handoverView(module.PrincipalOf(ctx), &h)}, nil
	}
	type proposeHandover struct {
		Body struct {
			Subject SubjectRef `json:"subject"`
			To      Side       `json:"to"`
			Reason  string     `json:"reason" maxLength:"16000"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationCall, "propose-handover", http.MethodPost, "/handovers", "Offer the leadership of a matter to another side"),
		func(ctx context.Context, in *proposeHandover) (*one, error) {
			h, err := s.Propose(ctx, in.Body.Subject.subject(), in.Body.To, in.Body.Reason)
			return answer(ctx, h, err)
		})
	type decideHandover struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			State   string `json:"state" enum:"accepted,refused,withdrawn"`
			Note    string `json:"note,omitempty" maxLength:"16000"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionCoordinationAnswer, "decide-handover", http.MethodPost, "/handovers/{id}/decision", "Accept, refuse or withdraw a hand-over"),
		func(ctx context.Context, in *decideHandover) (*one, error) {
			h, err := s.Decide(ctx, in.ID, HandoverState(in.Body.State), in.Body.Note, in.Body.Version)
			return answer(ctx, h, err)
		})
}
