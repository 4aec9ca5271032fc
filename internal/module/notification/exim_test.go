package notification

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/mail"
	"github.com/lachan-vn/lachan/internal/notify/mail/mailtest"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// mailing makes a fixture whose mails go to a real server.
func mailing(t *testing.T) (*fixture, *mailtest.Exim, string) {
	t.Helper()
	s := mailtest.StartExim(t)
	f := newFixture(t, sqldbtest.SQLite(t))
	f.kinds = []notify.Kind{mail.Kind()}
	f.start()
	host, port, _ := net.SplitHostPort(s.Addr)
	n, err := strconv.Atoi(port)
	f.must(err)
	settings, err := json.Marshal(mail.Settings{Host: host, Port: n, Security: "starttls", Username: mailtest.User, From: "canhbao@tinh.example", CA: s.CA})
	f.must(err)
	secret := mailtest.Password
	c, err := f.SaveChannel(as("admin"), Channel{
		Setting: Setting{Name: "Thư", Enabled: true}, Kind: "mail", Settings: settings, Detail: DetailFull, Language: "vi", Shared: true, PerMinute: 600,
	}, &secret)
	f.must(err)
	return f, s, c.ID
}

// queue puts n messages on their way.
func (f *fixture) queue(channel string, n int) {
	f.t.Helper()
	f.must(f.DB.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		for i := range n {
			id := fmt.Sprintf("thu-%03d", i)
			err := f.store.insertDelivery(ctx, tx, &delivery{
				ID: id, Bucket: id, Channel: channel, Unit: event.CentreUnit, Level: "high", Subject: "Cảnh báo", State: stateWaiting, CreatedAt: f.now, NextAt: f.now,
				Message: notify.Message{ID: id, To: "truc@so-noi-vu.example", Subject: "Cảnh báo số " + strconv.Itoa(i), Text: "Đăng nhập đáng ngờ.\n", At: f.now},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (f *fixture) inState(state string) int {
	f.t.Helper()
	n, err := f.DB.NewSelect().Table("notification_deliveries").Where("state = ?", state).Count(context.Background())
	f.must(err)
	return int(n)
}

var messageID = regexp.MustCompile(`(?m)^Message-ID: <(.*)@tinh\.example>$`)

// perMail counts how often each message was delivered.
func perMail(delivered []string) map[string]int {
	times := map[string]int{}
	for _, text := range delivered {
		if id := messageID.FindStringSubmatch(text); id != nil {
			times[id[1]]++
		}
	}
	return times
}

func TestAMailServerThatAsksToComeLaterGetsTheMailLater(t *testing.T) {
	f, s, channel := mailing(t)
	s.Hold(true)
	f.queue(channel, 1)
	f.must(f.round(context.Background()))
	list, err := f.Deliveries(as("admin"), DeliveryFilter{Limit: 10})
	f.must(err)
	if d := list[0]; d.State != stateWaiting || d.Attempts != 1 || d.Code != notify.CodeBusy || !d.NextAt.After(f.now) {
		t.Fatalf("after a 451: %+v", d)
	}
	s.Hold(false)
	f.now = f.now.Add(time.Minute)
	f.must(f.round(context.Background()))
	if f.inState(stateSent) != 1 {
		t.Fatalf("after the second attempt it is not sent\n%s", s.Log())
	}
	if got := perMail(s.WaitFor(1)); got["thu-000"] != 1 || len(got) != 1 {
		t.Errorf("delivered %v", got)
	}
}

// The mail server is killed in the middle of the queue and comes back, and so is
// the node's sender. Nothing may be lost. A mail may come twice if the server
// took it and was killed, or the sender was, before the word of that was heard:
// at most those that were under way together.
func TestNothingIsLostWhenTheMailServerAndTheNodeAreRestarted(t *testing.T) {
	f, s, channel := mailing(t)
	const mails = 60
	f.queue(channel, mails)
	restarted := make(chan struct{})
	go func() {
		defer close(restarted)
		for end := time.Now().Add(time.Minute); len(s.Delivered()) < 10 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		s.Kill()
		s.Restart()
	}()
	f.must(f.round(context.Background()))
	f.must(f.round(context.Background()))
	<-restarted

	stopping, stop := context.WithCancel(context.Background())
	go func() {
		defer stop()
		for end := time.Now().Add(time.Minute); len(s.Delivered()) < mails/2 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
	}()
	for end := time.Now().Add(2 * time.Minute); stopping.Err() == nil && time.Now().Before(end); {
		f.now = f.now.Add(time.Minute)
		if err := f.round(stopping); err != nil && stopping.Err() == nil {
			t.Fatal(err)
		}
	}
	<-stopping.Done()
	f.start()
	f.must(f.Load(context.Background()))
	for end := time.Now().Add(2 * time.Minute); f.inState(stateSent) < mails && time.Now().Before(end); {
		f.now = f.now.Add(10 * time.Minute)
		f.must(f.round(context.Background()))
	}
	if n := f.inState(stateSent); n != mails {
		t.Fatalf("%d of %d mails are sent\n%s", n, mails, s.Log())
	}
	var times map[string]int
	for end := time.Now().Add(2 * time.Minute); len(times) < mails && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		times = perMail(s.Delivered())
	}
	if len(times) != mails {
		t.Errorf("%d of %d mails arrived", len(times), mails)
	}
	again := 0
	for _, n := range times {
		again += n - 1
	}
	if most := 2 * sendTogether; again > most {
		t.Errorf("%d mails came again, at most the %d under way may", again, most)
	}
}

// loopback lets the senders of the tests reach a server on this machine.
func loopback() notify.Env {
	return notify.Env{
		Guard: notify.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Timeout: time.Minute, Hello: "lachan.example", Now: time.Now,
	}
}
