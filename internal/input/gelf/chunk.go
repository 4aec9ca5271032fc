package gelf

import (
	"container/list"
	"net/netip"
	"time"
)

// Bounds of what is kept of messages whose chunks have not all come.
const (
	maxChunks    = 128             // of one message, by the specification
	chunkTime    = 5 * time.Second // from the first chunk to the last, by the specification
	chunkHeader  = 12
	maxMessage   = 1 << 20 // bytes of one message, as sent
	maxHeld      = 32 << 20
	maxHeldPeer  = 4 << 20
	maxSets      = 16 << 10
	maxSetsPeer  = 512
	setOverhead  = 256 // of a message without its bytes
	pieceExpense = 32  // of a chunk without its bytes
)

// Why a datagram or a message is dropped: the label of the counter.
const (
	dropBadChunk   = "bad-chunk"       // its header says what cannot be
	dropDuplicate  = "duplicate-chunk" // it came before
	dropTooMany    = "too-many-chunks" // more unfinished messages than are kept
	dropTooLarge   = "too-large"       // its chunks are more than maxMessage together
	dropIncomplete = "incomplete"      // chunks are missing after chunkTime; counted once a message
	dropUnfold     = "bad-compression" // it does not unfold
)

// assembly puts chunked messages together. One goroutine uses it. Memory is
// bounded in all and by peer: a peer that leaves messages unfinished takes no room
// from another until all of it is in use, and nothing for longer than chunkTime.
//
//	0x1e 0x0f  id:8 bytes  sequence:u8  count:u8  data
type assembly struct {
	sets  map[setKey]*list.Element // of *set
	order list.List                // *set, the oldest first
	peers map[netip.Addr]*held
	held  int // bytes in all
	// drop counts.
	drop func(reason string)
}

// setKey is an id as the peer chose it: of another peer it is another message.
type setKey struct {
	peer netip.Addr
	id   [8]byte
}

// set is an unfinished message.
type set struct {
	key    setKey
	until  time.Time
	pieces [][]byte // by sequence; nil: has not come
	left   int      // that have not come
	bytes  int
	taken  int // of held
}

// held is what a peer has in memory.
type held struct{ sets, bytes int }

func newAssembly(drop func(string)) *assembly {
	a := &assembly{sets: map[setKey]*list.Element{}, peers: map[netip.Addr]*held{}, drop: drop}
	a.order.Init()
	return a
}

func isChunk(packet []byte) bool {
	return len(packet) >= 2 && packet[0] == 0x1e && packet[1] == 0x0f
}

// add takes a chunk, which it copies, and returns the message if it is the last
// one missing.
func (a *assembly) add(now time.Time, peer netip.Addr, packet []byte) []byte {
	if len(packet) < chunkHeader {
		a.drop(dropBadChunk)
		return nil
	}
	key := setKey{peer: peer, id: [8]byte(packet[2:10])}
	sequence, count, data := int(packet[10]), int(packet[11]), packet[chunkHeader:]
	if count == 0 || count > maxChunks || sequence >= count {
		a.drop(dropBadChunk)
		return nil
	}
	a.expire(now)
	if a.sets[key] == nil && !a.begin(now, key, count) {
		a.drop(dropTooMany)
		return nil
	}
	element := a.sets[key]
	s := element.Value.(*set)
	switch {
	case len(s.pieces) != count:
		a.drop(dropBadChunk)
		return nil
	case s.pieces[sequence] != nil:
		a.drop(dropDuplicate)
		return nil
	case s.bytes+len(data) > maxMessage:
		a.drop(dropTooLarge)
		a.forget(element)
		return nil
	}
	if !a.take(s, len(data)+pieceExpense) {
		a.drop(dropTooMany)
		return nil
	}
	s.pieces[sequence] = append(make([]byte, 0, len(data)), data...)
	s.bytes += len(data)
	if s.left--; s.left > 0 {
		return nil
	}
	message := make([]byte, 0, s.bytes)
	for _, p := range s.pieces {
		message = append(message, p...)
	}
	a.forget(element)
	return message
}

// begin makes room for another message.
func (a *assembly) begin(now time.Time, key setKey, count int) bool {
	p := a.peers[key.peer]
	if p == nil {
		p = &held{}
	}
	if len(a.sets) >= maxSets || p.sets >= maxSetsPeer {
		return false
	}
	a.peers[key.peer] = p
	s := &set{key: key, until: now.Add(chunkTime), pieces: make([][]byte, count), left: count}
	p.sets++
	element := a.order.PushBack(s)
	a.sets[key] = element
	if !a.take(s, setOverhead+count*24) {
		a.forget(element)
		return false
	}
	return true
}

func (a *assembly) take(s *set, n int) bool {
	p := a.peers[s.key.peer]
	if a.held+n > maxHeld || p.bytes+n > maxHeldPeer {
		return false
	}
	a.held += n
	p.bytes += n
	s.taken += n
	return true
}

func (a *assembly) forget(element *list.Element) {
	s := a.order.Remove(element).(*set)
	delete(a.sets, s.key)
	a.held -= s.taken
	p := a.peers[s.key.peer]
	p.bytes -= s.taken
	if p.sets--; p.sets == 0 {
		delete(a.peers, s.key.peer)
	}
}

// expire drops the messages whose time is over.
func (a *assembly) expire(now time.Time) {
	for e := a.order.Front(); e != nil && !now.Before(e.Value.(*set).until); e = a.order.Front() {
		a.drop(dropIncomplete)
		a.forget(e)
	}
}

// unfinished is the number of messages that wait for chunks.
func (a *assembly) unfinished() int { return len(a.sets) }
