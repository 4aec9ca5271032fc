package chat_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/chat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "123456:ABC-DEF"

func env() notify.Env {
	return notify.Env{Guard: notify.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Timeout: time.Minute, Now: time.Now}
}

type request struct {
	path, authorization string
	body                map[string]any
}

// bot answers like a bot interface, with what is in answer or with success.
func bot(t *testing.T, status int, answer string) (string, *request) {
	t.Helper()
	got := &request{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got.path, got.authorization = r.URL.Path, r.Header.Get("Authorization")
		if err := json.Unmarshal(text, &got.body); err != nil {
			t.Errorf("the body is no JSON: %v", err)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func channel(t *testing.T, s chat.Settings, secret string) notify.Sender {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := chat.Kind().Open(text, secret, env())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var message = notify.Message{ID: "01h", Subject: "Cảnh báo nghiêm trọng", Text: "Đăng nhập \"lạ\"\ntừ <b>", Link: "https://lachan.example/alerts/1", Level: "critical"}

func TestTelegram(t *testing.T) {
	url, got := bot(t, 200, `{"ok":true,"result":{"message_id":1}}`)
	c := channel(t, chat.Settings{Style: "telegram", Base: url + "/", To: "-100200"}, token)
	if err := c.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got.path != "/bot"+token+"/sendMessage" || got.body["chat_id"] != "-100200" || got.body["parse_mode"] != nil ||
		got.body["text"] != "Cảnh báo nghiêm trọng\n\nĐăng nhập \"lạ\"\ntừ <b>" {
		t.Errorf("%+v", got)
	}
	mine := message
	mine.To, mine.Text = "42", strings.Repeat("🛡", 3000)
	if err := c.Send(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if text, _ := got.body["text"].(string); got.body["chat_id"] != "42" || len(utf16.Encode([]rune(text))) > 4096 || !strings.HasSuffix(text, "…") {
		t.Errorf("to %v, %d units", got.body["chat_id"], len(utf16.Encode([]rune(text))))
	}
	if strings.Contains(c.Target(), "ABC") {
		t.Errorf("the target tells the token: %s", c.Target())
	}
}

func TestWhatABotSays(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		answer string
		want   notify.Failure
	}{
		"too many":   {429, `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":35}}`, notify.Failure{Code: notify.CodeBusy, After: 35 * time.Second}},
		"no chat":    {400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`, notify.Failure{Code: notify.CodeAddress, Final: true}},
		"bad token":  {401, `{"ok":false,"error_code":401,"description":"Unauthorized ` + token + `"}`, notify.Failure{Code: notify.CodeSignIn}},
		"broken":     {502, `<html>`, notify.Failure{Code: notify.CodeBusy}},
		"not a bot":  {200, `hello`, notify.Failure{Code: notify.CodeRefused}},
		"false, 200": {200, `{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}`, notify.Failure{Code: notify.CodeRefused, Final: true}},
	} {
		url, _ := bot(t, c.status, c.answer)
		got := *notify.FailureOf(channel(t, chat.Settings{Style: "telegram", Base: url, To: "1"}, token).Send(t.Context(), message))
		if strings.Contains(got.Reason, "ABC-DEF") {
			t.Errorf("%s: the reason tells the token: %s", name, got.Reason)
		}
		got.Reason = ""
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestADocumentOfTheAdministratorsOwn(t *testing.T) {
	url, got := bot(t, 204, ``)
	c := channel(t, chat.Settings{
		Style: "generic", URL: url + "/send/{{secret}}", Header: "Authorization: Bearer {{secret}}", To: "nhom-truc",
		Body: `{"recipient":{"id":"{{to}}"},"parts":[{"text":"{{title}}: {{text}}"},3,null],"level":"{{level}}","secret":"{{secret}}"}`,
	}, "p@ss/word")
	if err := c.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got.path != "/send/p@ss/word" || got.authorization != "Bearer p@ss/word" {
		t.Errorf("path %q, authorization %q", got.path, got.authorization)
	}
	text, _ := json.Marshal(got.body)
	const want = `{"level":"critical","parts":[{"text":"Cảnh báo nghiêm trọng: Đăng nhập \"lạ\"\ntừ \u003cb\u003e"},3,null],"recipient":{"id":"nhom-truc"},"secret":"{{secret}}"}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for _, s := range []chat.Settings{
		{}, {Style: "other"}, {Style: "telegram", Base: "ftp://x"}, {Style: "telegram", To: "a b"}, {Style: "generic", URL: "https://x.vn", Body: "no"},
		{Style: "generic", URL: "https://{{secret}}.vn/", Body: "{}"}, {Style: "generic", URL: "https://x.vn", Body: "{}", Header: "X: a\r\nY: b"},
		{Style: "generic", URL: "https://x.vn", Body: strings.Repeat("[", 20) + strings.Repeat("]", 20)},
	} {
		text, _ := json.Marshal(s)
		if _, err := chat.Kind().Open(text, token, env()); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Whatever a log line brings, the document that is sent stays the administrator's.
func FuzzDocument(f *testing.F) {
	f.Add(`","admin":true,"x":"`, "a\nb")
	f.Add("{{secret}}", "\x00\xff")
	f.Fuzz(func(t *testing.T, subject, text string) {
		got := map[string]any{}
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Errorf("no JSON: %v", err)
			}
		}))
		s.Start()
		defer s.Close()
		c := channel(t, chat.Settings{Style: "generic", URL: s.URL, Body: `{"t":"{{title}}","x":["{{text}}"]}`}, "tres-secret")
		m := message
		m.Subject, m.Text = subject, text
		if err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || strings.Contains(subject+text, "tres-secret") {
			return
		}
		if title, ok := got["t"].(string); !ok || strings.Contains(title, "tres-secret") {
			t.Errorf("%v", got)
		}
	})
}
