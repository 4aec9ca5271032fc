package notification

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
)

const composeAtOnce = 50

// compose turns due buckets into deliveries, each in one transaction with its end.
func (s *Service) compose(ctx context.Context) error {
	for {
		n, err := s.composeSome(ctx)
		if err != nil || n < composeAtOnce {
			return err
		}
	}
}

func (s *Service) composeSome(ctx context.Context) (int, error) {
	ids, err := s.store.dueBuckets(ctx, s.Now(), composeAtOnce)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		buckets, err := s.store.takeBuckets(ctx, tx, ids, s.Now())
		if err != nil {
			return err
		}
		people, err := s.everyone(ctx)
		if err != nil {
			return err
		}
		all := s.settings.Load()
		for i := range buckets {
			b := &buckets[i]
			c := all.channels[b.Channel]
			if c == nil || len(b.Pile.Items) == 0 {
				continue // nobody can be told by a channel that is gone
			}
			d := s.delivery(b, c, personOf(people, b.Person))
			if err := s.store.insertDelivery(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

func personOf(people []person, id string) *person {
	for i := range people {
		if id != "" && people[i].ID == id {
			return &people[i]
		}
	}
	return nil
}

// delivery writes the message of a bucket.
func (s *Service) delivery(b *bucket, c *Channel, p *person) *delivery {
	language, to, name := c.Language, b.Address, ""
	if p != nil {
		language, to, name = p.prefs.Language, p.prefs.Address[c.Kind], p.DisplayName
	}
	now := s.Now()
	d := &delivery{
		ID: module.NewID(), Bucket: b.id(), Channel: c.ID, Person: b.Person, Address: to, Unit: b.Unit, Kind: b.Pile.Items[0].Kind,
		Level: b.Pile.worst(), Total: b.Pile.Total, State: stateWaiting, CreatedAt: now, NextAt: now,
	}
	if b.Pile.Total > 1 {
		for i := range b.Pile.Items {
			if b.Pile.Items[i].Kind != d.Kind {
				d.Kind = ""
			}
		}
	}
	d.Message = s.write(&b.Pile, c.Detail, language)
	d.Message.ID, d.Message.To, d.Message.Name, d.Message.At = d.ID, to, name, now
	d.Subject = d.Message.Subject
	d.Message.Data = s.payload(d, &b.Pile, c.Detail)
	return d
}

// link leads to what an item is about.
func (s *Service) link(object string) string {
	kind, id, _ := strings.Cut(object, ":")
	switch kind {
	case "alert":
		return s.Console + "/alerts/" + id
	case "incident":
		return s.Console + "/incidents/" + id
	case "warning":
		return s.Console + "/warnings/" + id
	case "document":
		return s.Console + "/documents/" + id
	case "call-up":
		return s.Console + "/response?tab=calls&id=" + id
	case "ask", "handover":
		return s.Console + "/response?tab=asks&id=" + id
	case "obligation":
		return s.Console + "/obligations?id=" + id
	case "dossier":
		return s.Console + "/dossiers/" + id
	case "inspection":
		return s.Console + "/inspections/" + id
	case "system":
		return s.Console + "/systems/" + id
	case "system-layers":
		return s.Console + "/systems/" + id + "?tab=layers"
	case "system-requirements":
		return s.Console + "/systems/" + id + "?tab=requirements"
	case "agenda":
		day, of, _ := strings.Cut(id, "/")
		return s.Console + "/agenda?day=" + day + "&month=" + day[:min(len(day), 7)] + "&kind=" + of
	}
	return s.Console + "/notifications"
}

func title(it *Item, language string) string {
	if language == "en" {
		return it.Title
	}
	return it.TitleVi
}

func (it *Item) kindName(language string) string {
	if language == "en" {
		return kinds[it.Kind].en
	}
	return kinds[it.Kind].vi
}

// write puts a pile into words.
func (s *Service) write(p *pile, detail, language string) notify.Message {
	w := wordsOf(language)
	worst := &p.Items[0]
	headline := worst.kindName(language)
	if detail != DetailMinimal {
		if worst.Kind != KindAlert {
			headline += ": "
		} else {
			headline = ""
		}
		headline += title(worst, language)
	}
	m := notify.Message{Level: p.worst(), Link: s.Console + "/notifications"}
	if p.Total == 1 {
		m.Subject = fmt.Sprintf(w.one, w.levels[m.Level], headline)
		m.Link, m.Thread = s.link(worst.Object), strings.ReplaceAll(worst.Object, ":", "-")
	} else {
		m.Subject = fmt.Sprintf(w.many, w.levels[m.Level], p.Total, headline)
	}
	var text, rich strings.Builder
	fmt.Fprintf(&rich, `<!doctype html><html lang="%s"><body style="font-family:sans-serif;font-size:15px;line-height:1.5">`, language)
	for i := range p.Items {
		s.writeItem(&text, &rich, &p.Items[i], detail, language, w)
	}
	if more := p.Total - len(p.Items); more > 0 {
		line := fmt.Sprintf(w.more, more)
		fmt.Fprintf(&text, "… %s\n\n", line)
		fmt.Fprintf(&rich, "<p>… %s</p>", line)
	}
	if detail == DetailMinimal {
		text.WriteString(w.detail + "\n\n")
		fmt.Fprintf(&rich, "<p>%s</p>", w.detail)
	}
	fmt.Fprintf(&text, "%s: %s\n\n-- \n%s\n", w.open, m.Link, w.foot)
	fmt.Fprintf(&rich, `<p><a href="%s">%s</a></p><hr><p style="color:#555;font-size:13px">%s</p></body></html>`, html.EscapeString(m.Link), w.open, w.foot)
	m.Text, m.HTML = text.String(), rich.String()
	return m
}

const clock = "15:04 02/01/2006"

func (s *Service) writeItem(text, rich *strings.Builder, it *Item, detail, language string, w words) {
	head := it.kindName(language)
	if detail != DetailMinimal {
		head = notify.Line(title(it, language), maxTitle)
	}
	lines := []string{w.unit + ": " + s.Units.Name(it.Unit), it.At.In(s.Zone).Format(clock)}
	if detail == DetailFull && it.About != "" {
		lines = append(lines, w.about+": "+notify.Line(it.About, maxTitle))
	}
	fmt.Fprintf(text, "[%s] %s\n", w.levels[it.Level], head)
	fmt.Fprintf(rich, `<p><strong>[%s]</strong> <a href="%s">%s</a>`, w.levels[it.Level], html.EscapeString(s.link(it.Object)), html.EscapeString(head))
	for _, l := range lines {
		fmt.Fprintf(text, "  %s\n", l)
		fmt.Fprintf(rich, "<br>%s", html.EscapeString(l))
	}
	fmt.Fprintf(text, "  %s\n\n", s.link(it.Object))
	rich.WriteString("</p>")
}

// Payload is what a webhook gets.
type Payload struct {
	ID     string         `json:"id"`
	Type   string         `json:"type"` // "notification"
	At     time.Time      `json:"timestamp"`
	Level  string         `json:"level"`
	Total  int            `json:"total"`
	Counts map[string]int `json:"counts"`
	Items  []PayloadItem  `json:"items"`
	Link   string         `json:"link"`
}

// PayloadItem is one thing in a payload.
type PayloadItem struct {
	Kind     string    `json:"kind"`
	Level    string    `json:"level"`
	Unit     string    `json:"unit"`
	UnitName string    `json:"unitName"`
	Title    string    `json:"title,omitempty"`
	TitleVi  string    `json:"titleVi,omitempty"`
	About    string    `json:"about,omitempty"`
	Object   string    `json:"object"`
	Link     string    `json:"link"`
	At       time.Time `json:"at"`
}

func (s *Service) payload(d *delivery, p *pile, detail string) json.RawMessage {
	out := Payload{ID: d.ID, Type: "notification", At: d.CreatedAt.UTC(), Level: d.Level, Total: p.Total, Counts: p.Counts, Link: d.Message.Link, Items: []PayloadItem{}}
	for i := range p.Items {
		it := &p.Items[i]
		x := PayloadItem{Kind: it.Kind, Level: it.Level, Unit: string(it.Unit), UnitName: s.Units.Name(it.Unit), Object: it.Object, Link: s.link(it.Object), At: it.At.UTC()}
		if detail != DetailMinimal {
			x.Title, x.TitleVi = it.Title, it.TitleVi
		}
		if detail == DetailFull {
			x.About = it.About
		}
		out.Items = append(out.Items, x)
	}
	text, err := json.Marshal(out)
	if err != nil {
		return json.RawMessage("{}") // strings, numbers and times
	}
	return text
}
