package cli

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// consoleSet is so many open consoles, as far as the server can tell: each has a
// connection of its own and reads what it is sent.
type consoleSet struct {
	base     *url.URL
	messages atomic.Int64
	bytes    atomic.Int64

	wg   sync.WaitGroup
	ends []context.CancelFunc
}

const consoleTries = 20 // where the server asks to come later

// add opens one more.
func (s *consoleSet) add(ctx context.Context, token string) error {
	ctx, end := context.WithCancel(ctx)
	s.ends = append(s.ends, end)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base.JoinPath("/api/v1/live").String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	client := &http.Client{Transport: &http.Transport{}} // no deadline: a stream has no end
	for try := range consoleTries {
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		if res.StatusCode == http.StatusOK {
			s.wg.Go(func() {
				defer client.CloseIdleConnections()
				defer res.Body.Close()
				s.read(res)
			})
			return nil
		}
		res.Body.Close()
		if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable || !pause(ctx, time.Duration(try+1)*busyWait/4) {
			return fmt.Errorf("bench: a console got %s", res.Status)
		}
	}
	return fmt.Errorf("bench: a console was told to come later %d times", consoleTries)
}

func (s *consoleSet) read(res *http.Response) {
	buf := make([]byte, 32<<10)
	for {
		n, err := res.Body.Read(buf)
		s.bytes.Add(int64(n))
		s.messages.Add(int64(bytes.Count(buf[:n], []byte("\ndata: "))))
		if err != nil {
			return
		}
	}
}

// close ends all and waits for them.
func (s *consoleSet) close() {
	for _, end := range s.ends {
		end()
	}
	s.wg.Wait()
}
