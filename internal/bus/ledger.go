package bus

import "sync"

// ledger remembers, for one process, which blocks were handed out and which were
// acknowledged. The server remembers too, but writes it to disk lazily: after it
// was restarted inside this process (see revive) it may deliver again what is
// already being worked on, or done. The ledger keeps that from the caller.
type ledger struct {
	mu    sync.Mutex
	floor uint64            // everything up to here is acknowledged
	acked map[uint64]bool   // acknowledged above floor
	out   map[uint64]string // handed out: sequence -> where to acknowledge
}

func newLedger(floor uint64) *ledger {
	return &ledger{floor: floor, acked: map[uint64]bool{}, out: map[uint64]string{}}
}

// verdict says what to do with a delivered message.
type verdict uint8

const (
	handOut     verdict = iota // new: give it to the caller
	alreadyOut                 // the caller has it; only the reply subject is new
	alreadyDone                // acknowledged before: acknowledge again
)

func (l *ledger) deliver(seq uint64, reply string) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq <= l.floor || l.acked[seq] {
		return alreadyDone
	}
	_, known := l.out[seq]
	l.out[seq] = reply
	if known {
		return alreadyOut
	}
	return handOut
}

// handedOut counts what is handed out and not acknowledged.
func (l *ledger) handedOut() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.out)
}

// reply returns where to acknowledge seq, "" if it is not handed out.
func (l *ledger) reply(seq uint64) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out[seq]
}

// done marks blocks acknowledged.
func (l *ledger) done(blocks []*Block) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range blocks {
		if _, ok := l.out[b.Seq]; ok {
			delete(l.out, b.Seq)
			l.acked[b.Seq] = true
		}
	}
}

// advance takes over the server's floor, which bounds what acked must hold. The
// floor is never inferred here: after a rewind, gaps between acknowledged blocks
// are blocks yet to come, not blocks that are gone.
func (l *ledger) advance(floor uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if floor <= l.floor {
		return
	}
	l.floor = floor
	for seq := range l.acked {
		if seq <= floor {
			delete(l.acked, seq)
		}
	}
}

// rewind forgets what is out; what is acknowledged stays so.
func (l *ledger) rewind() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.out)
}
