// Package chat posts notifications to a chat: to a bot's sendMessage as Telegram
// has it, whose address can be a province's own gateway, or to any HTTP address
// with a JSON document the administrator writes.
//
// In that document, {{text}}, {{title}}, {{link}}, {{level}}, {{to}} and {{id}}
// stand for parts of the message inside its strings. The document is read as
// JSON before they are put in, so no message can add to it. {{secret}} is allowed
// in the address and in the one header, and nowhere else.
package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/lachan-vn/lachan/internal/notify"
)

// Name of the kind.
const Name = "chat"

// Kind returns the kind.
func Kind() notify.Kind { return notify.Kind{Name: Name, CheckTo: checkTo, Open: open} }

// Settings of a channel.
type Settings struct {
	Style string `json:"style"` // telegram, generic
	// Base is the address of the bot interface for telegram; "": Telegram's own.
	Base string `json:"base"`
	// To is the chat messages go to that are for no single person.
	To string `json:"to"`
	// URL, Header and Body are for generic.
	URL    string `json:"url"`
	Header string `json:"header"` // "Authorization: Bearer {{secret}}"
	Body   string `json:"body"`   // a JSON document
	CA     string `json:"ca"`
}

const (
	telegramBase = "https://api.telegram.org"
	// maxText is Telegram's limit, in UTF-16 units; others allow as much.
	maxText  = 4096
	maxDepth = 16
	maxBody  = 16 << 10
	hole     = "{{secret}}"
)

var (
	chatID     = regexp.MustCompile(`^[-@A-Za-z0-9_.:=+/]{1,200}$`)
	botToken   = regexp.MustCompile(`^[A-Za-z0-9:_-]{1,200}$`)
	headerLine = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*([^\r\n]{1,500})$`)
)

func checkTo(to string) error {
	if !chatID.MatchString(to) {
		return notify.Bad("to", "to: the id of a chat: letters, digits and - @ _ . : = + /")
	}
	return nil
}

type sender struct {
	s      Settings
	target string
	secret string
	body   any
	client *notify.Client
}

func open(text json.RawMessage, secret string, env notify.Env) (notify.Sender, error) {
	c := &sender{secret: secret}
	if err := notify.Settings(text, &c.s); err != nil {
		return nil, err
	}
	if c.s.To != "" {
		if err := checkTo(c.s.To); err != nil {
			return nil, err
		}
	}
	var err error
	switch c.s.Style {
	case "telegram":
		err = c.openTelegram(env)
	case "generic":
		err = c.openGeneric(env)
	default:
		err = notify.Bad("style", "style: use telegram or generic")
	}
	if err != nil {
		return nil, err
	}
	roots, err := notify.Roots(env, c.s.CA)
	if err != nil {
		return nil, err
	}
	c.client = notify.NewClient(env, roots)
	return c, nil
}

func (c *sender) openTelegram(env notify.Env) error {
	if c.s.Base == "" {
		c.s.Base = telegramBase
	}
	u, err := notify.CheckURL(env, "base", c.s.Base)
	if err != nil {
		return err
	}
	if c.secret != "" && !botToken.MatchString(c.secret) {
		return notify.Bad("", "secret: the token of the bot, as 123456:ABC-DEF")
	}
	c.target = strings.TrimSuffix(u.Scheme+"://"+u.Host+u.EscapedPath(), "/")
	return nil
}

func (c *sender) openGeneric(env notify.Env) error {
	u, err := notify.CheckURL(env, "url", strings.ReplaceAll(c.s.URL, hole, "secret"))
	if err != nil {
		return err
	}
	if strings.Contains(strings.SplitN(strings.TrimPrefix(c.s.URL, u.Scheme+"://"), "/", 2)[0], hole) {
		return notify.Bad("url", "url: %s may be in the path or the query, not in the host", hole)
	}
	// Up to the path: that is where a secret may be written out.
	c.target = u.Scheme + "://" + u.Host
	if c.s.Header != "" && !headerLine.MatchString(c.s.Header) {
		return notify.Bad("header", "header: one line like Authorization: Bearer %s", hole)
	}
	if len(c.s.Body) > maxBody || json.Unmarshal([]byte(c.s.Body), &c.body) != nil || depth(c.body) > maxDepth {
		return notify.Bad("body", `body: a JSON document such as {"text":"{{text}}"}`)
	}
	return nil
}

func depth(v any) int {
	most := 0
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			most = max(most, depth(x))
		}
	case []any:
		for _, x := range v {
			most = max(most, depth(x))
		}
	default:
		return 0
	}
	return most + 1
}

func (c *sender) Target() string { return c.target }

func (c *sender) Send(ctx context.Context, m notify.Message) error {
	if m.To == "" {
		m.To = c.s.To
	}
	if c.s.Style == "telegram" {
		return c.sendTelegram(ctx, m)
	}
	text, err := json.Marshal(fill(c.body, m))
	if err != nil {
		return notify.Failed(notify.CodeSettings, true, "the document cannot be filled in")
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if parts := headerLine.FindStringSubmatch(c.s.Header); parts != nil {
		header.Set(parts[1], strings.ReplaceAll(parts[2], hole, c.secret))
	}
	answer, err := c.client.Post(ctx, strings.ReplaceAll(c.s.URL, hole, url.PathEscape(c.secret)), header, text)
	if err != nil {
		return err
	}
	return answer.Judge(c.secret)
}

// fill returns a copy of v with the message in its strings.
func fill(v any, m notify.Message) any {
	switch v := v.(type) {
	case string:
		return strings.NewReplacer("{{text}}", clip(m.Text), "{{title}}", notify.Line(m.Subject, 500), "{{link}}", m.Link,
			"{{level}}", m.Level, "{{to}}", m.To, "{{id}}", m.ID).Replace(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = fill(x, m)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = fill(x, m)
		}
		return out
	}
	return v
}

// clip shortens text to what a chat takes.
func clip(text string) string {
	units := 0
	for i, r := range text {
		n := max(utf16.RuneLen(r), 1)
		if units+n > maxText {
			return notify.Cut(text, i)
		}
		units += n
	}
	return text
}

func (c *sender) sendTelegram(ctx context.Context, m notify.Message) error {
	if m.To == "" {
		return notify.Failed(notify.CodeAddress, true, "the channel names no chat, and neither does the person")
	}
	if c.secret == "" {
		return notify.Failed(notify.CodeSecret, false, "the channel has no bot token")
	}
	body, err := json.Marshal(map[string]any{
		"chat_id": m.To, "text": clip(m.Subject + "\n\n" + m.Text), "link_preview_options": map[string]any{"is_disabled": true},
	})
	if err != nil {
		return notify.Failed(notify.CodeSettings, true, "the message cannot be written")
	}
	answer, err := c.client.Post(ctx, strings.TrimSuffix(c.s.Base, "/")+"/bot"+c.secret+"/sendMessage",
		http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	return c.judge(answer)
}

// telegramAnswer says in its own words what the status cannot.
type telegramAnswer struct {
	OK          *bool  `json:"ok"`
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"`
	} `json:"parameters"`
}

func (c *sender) judge(answer notify.Answer) error {
	var said telegramAnswer
	if json.Unmarshal(answer.Body, &said) != nil || said.OK == nil {
		if answer.Status >= 200 && answer.Status < 300 {
			return notify.Failed(notify.CodeRefused, false, "the address does not answer as a bot interface does")
		}
		return answer.Judge(c.secret)
	}
	if *said.OK {
		return nil
	}
	if said.Code == 0 {
		said.Code = answer.Status
	}
	reason := notify.Hide(said.Description, c.secret)
	if answer.Status >= 200 && answer.Status < 300 {
		answer.Status = said.Code
	}
	f := notify.FailureOf(notify.Answer{Status: max(answer.Status, 400), Body: []byte(reason)}.Judge())
	if said.Code == http.StatusBadRequest && strings.Contains(reason, "chat") {
		f.Code = notify.CodeAddress
	}
	if after := said.Parameters.RetryAfter; after > 0 {
		f.After = time.Duration(min(after, 6*3600)) * time.Second
	}
	return f
}
