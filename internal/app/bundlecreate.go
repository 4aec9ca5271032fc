package app

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/relay"
	"github.com/lachan-vn/lachan/internal/relay/bundle"
)

const (
	bundledName = "bundled.json" // how far earlier bundles went
	localName   = "local.token"  // opens /local/ of a running relay to who may read the folder
	localBlocks = "/local/blocks"
	localForget = "/local/forget"
)

// BundleMaker makes one bundle from a relay's data folder.
type BundleMaker struct {
	data   string
	writer *bundle.Writer
	run    string // of blocks made here
	seq    uint64
}

// NewBundle begins a bundle in w, signed with the folder's key and encrypted to
// recipient, or to the centre it was enrolled at.
func NewBundle(w io.Writer, data, recipient, version string) (*BundleMaker, error) {
	key, err := bundleKey(data, false)
	if err != nil {
		return nil, err
	}
	if recipient == "" {
		text, err := os.ReadFile(filepath.Join(data, "bundle", recipientName))
		if err != nil {
			return nil, fault.New(fault.Invalid, "it is not known whom to encrypt to: %w; enrol again, or name the centre's public key with --recipient", err)
		}
		recipient = strings.TrimSpace(string(text))
	}
	var who relay.EnrolAnswer
	if text, err := os.ReadFile(filepath.Join(data, "bundle", enrolledName)); err == nil {
		_ = json.Unmarshal(text, &who) // only told to people
	}
	writer, err := bundle.NewWriter(w, bundle.Header{Credential: who.Credential, Unit: who.Unit, Host: hostname(), Version: version}, recipient, key, time.Now())
	return &BundleMaker{data: data, writer: writer, run: rand.Text()}, err
}

// Close ends the bundle.
func (m *BundleMaker) Close() (bundle.Header, error) { return m.writer.Close() }

// Put adds a batch that never was in a spool.
func (m *BundleMaker) Put(_ context.Context, b *event.Batch) error {
	block, err := bus.Pack([]*event.Batch{b})
	if err != nil {
		return err
	}
	m.seq++
	return m.writer.Add(bundle.Entry{Block: relay.Block{Origin: bus.Origin{Run: m.run, Seq: m.seq}, Block: block},
		Events: len(b.Records), From: b.Received, To: b.Received})
}

// SpoolRange says which blocks of a spool go into a bundle.
type SpoolRange struct {
	All          bool // also what earlier bundles hold
	Since, Until time.Time
}

// AddSpool adds what the folder's spool holds and returns up to which number; by
// asking the relay that runs on it, or by itself.
func (m *BundleMaker) AddSpool(ctx context.Context, r SpoolRange, log *slog.Logger) (upTo uint64, err error) {
	after := uint64(0)
	if !r.All && r.Since.IsZero() && r.Until.IsZero() {
		if after, err = bundledUpTo(m.data); err != nil {
			return 0, err
		}
	}
	err = eachStored(ctx, m.data, after, log, func(b relay.Block) error {
		upTo = b.Origin.Seq
		info, err := bus.Inspect(b.Block)
		if err != nil {
			log.Warn("a block of the spool cannot be read and is left out", "number", b.Origin.Seq, "err", err)
			return nil
		}
		if !r.Since.IsZero() && info.Latest.Before(r.Since) || !r.Until.IsZero() && !info.Earliest.Before(r.Until) {
			return nil
		}
		return m.writer.Add(bundle.Entry{Block: b, Events: info.Records, From: info.Earliest, To: info.Latest})
	})
	return upTo, err
}

// Bundled remembers that bundles hold the spool up to a number; the bundle is
// safely on its stick.
func Bundled(data string, upTo uint64) error {
	text, err := json.Marshal(map[string]uint64{"upTo": upTo})
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(data, "bundle", bundledName), text)
}

func bundledUpTo(data string) (uint64, error) {
	text, err := os.ReadFile(filepath.Join(data, "bundle", bundledName))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var b struct {
		UpTo uint64 `json:"upTo"`
	}
	return b.UpTo, json.Unmarshal(text, &b)
}

// eachStored calls each for the blocks of the folder's spool behind after.
func eachStored(ctx context.Context, data string, after uint64, log *slog.Logger, each func(relay.Block) error) error {
	return withSpool(ctx, data, log, func(s *bus.Bus) error {
		return eachOf(ctx, s, after, each)
	}, func(ask func(string) (*http.Response, error)) error {
		res, err := ask(localBlocks + "?after=" + strconv.FormatUint(after, 10))
		if err != nil {
			return err
		}
		defer res.Body.Close()
		r := relay.NewReader(res.Body)
		if _, err := r.Head(); err != nil {
			return err
		}
		for {
			size, err := r.NextSize()
			if err != nil || size == 0 {
				return err
			}
			b, err := r.Block(size)
			if err == nil {
				err = each(b)
			}
			if err != nil {
				return err
			}
		}
	})
}

// eachOf walks a spool from behind after to where it ends now.
func eachOf(ctx context.Context, s *bus.Bus, after uint64, each func(relay.Block) error) error {
	contents, err := s.Contents(ctx)
	if err != nil {
		return err
	}
	if after > contents.Last {
		after = 0 // the spool was made anew
	}
	for from := after + 1; from <= contents.Last; {
		b, err := s.Next(ctx, from)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if b.Origin.Seq > contents.Last {
			return nil
		}
		if err := each(relay.Block{Origin: b.Origin, Block: b.Block}); err != nil {
			return err
		}
		from = b.Origin.Seq + 1
	}
	return nil
}

// ForgetSpool deletes the blocks of the folder's spool up to a number, which a
// bundle holds.
func ForgetSpool(ctx context.Context, data string, upTo uint64, log *slog.Logger) error {
	return withSpool(ctx, data, log, func(s *bus.Bus) error {
		return forget(ctx, s, upTo)
	}, func(ask func(string) (*http.Response, error)) error {
		res, err := ask(localForget + "?upTo=" + strconv.FormatUint(upTo, 10))
		if err != nil {
			return err
		}
		return res.Body.Close()
	})
}

func forget(ctx context.Context, s *bus.Bus, upTo uint64) error {
	var seqs []uint64
	err := eachOf(ctx, s, 0, func(b relay.Block) error {
		if b.Origin.Seq <= upTo {
			seqs = append(seqs, b.Origin.Seq)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.Remove(ctx, seqs)
}

// withSpool opens the folder's spool, or asks the relay that has it.
func withSpool(ctx context.Context, data string, log *slog.Logger, own func(*bus.Bus) error, ask func(func(string) (*http.Response, error)) error) error {
	dir, err := openDir(data, []string{"", "spool", "tls", "bundle"}, Holder{Command: "bundle create"})
	if err != nil {
		holder, readErr := ReadHolder(data)
		if fault.KindOf(err) != fault.Conflict || readErr != nil || holder.Command != "relay" {
			return err
		}
		secret, readErr := os.ReadFile(filepath.Join(data, localName))
		if readErr != nil {
			return fmt.Errorf("%w; and the running relay cannot be asked: %w", err, readErr)
		}
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		return ask(func(path string) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, holder.Server+path, nil)
			if err != nil {
				return nil, err
			}
			req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(secret)))
			res, err := client.Do(req)
			if err != nil {
				return nil, fault.New(fault.Busy, "the relay does not answer: %w", err)
			}
			if res.StatusCode != http.StatusOK {
				res.Body.Close()
				return nil, fault.New(fault.Internal, "the relay answers %s", res.Status)
			}
			return res, nil
		})
	}
	config, err := LoadRelayConfig("")
	if _, statErr := os.Stat(RelayConfigFile(data)); statErr == nil {
		config, err = LoadRelayConfig(RelayConfigFile(data))
	}
	if err != nil {
		return errors.Join(err, dir.Close())
	}
	spool, err := bus.Open(ctx, bus.Options{Dir: dir.Path("spool"), Config: config.Spool, Log: log, Forward: true})
	if err != nil {
		return errors.Join(err, dir.Close())
	}
	return errors.Join(own(spool), spool.Close(), dir.Close())
}

// local serves who may read the data folder: `lachan bundle create` beside a
// running relay.
func (r *Relay) local(mux *http.ServeMux) error {
	secret := rand.Text()
	if err := replaceFile(r.dir.Path(localName), []byte(secret+"\n")); err != nil {
		return err
	}
	guarded := func(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			got := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
			if subtle.ConstantTimeCompare([]byte(got), []byte(secret)) != 1 {
				http.Error(w, "show the token of the data folder", http.StatusUnauthorized)
				return
			}
			if err := f(w, req); err != nil && req.Context().Err() == nil {
				r.log.Error("bundle", "err", err)
				panic(http.ErrAbortHandler) // a stream that ends early must not look whole
			}
		}
	}
	number := func(req *http.Request, name string) uint64 {
		n, _ := strconv.ParseUint(req.URL.Query().Get(name), 10, 64) // 0: nothing
		return n
	}
	mux.HandleFunc("POST "+localBlocks, guarded(func(w http.ResponseWriter, req *http.Request) error {
		head, err := relay.AppendHead(nil, &relay.Report{Version: r.o.Version})
		if err != nil {
			return err
		}
		if _, err := w.Write(head); err != nil {
			return err
		}
		err = eachOf(req.Context(), r.bus, number(req, "after"), func(b relay.Block) error {
			_, err := w.Write(relay.AppendBlock(nil, b))
			return err
		})
		if err != nil {
			return err
		}
		_, err = w.Write(relay.AppendEnd(nil))
		return err
	}))
	mux.HandleFunc("POST "+localForget, guarded(func(w http.ResponseWriter, req *http.Request) error {
		return forget(req.Context(), r.bus, number(req, "upTo"))
	}))
	return nil
}
