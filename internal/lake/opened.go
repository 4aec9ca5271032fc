package lake

import (
	"container/list"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/format"

	"github.com/lachan-vn/lachan/internal/query"
)

// openSegment is an open file with its footer, shared by all that read it; only
// segmentReader has state of its own.
type openSegment struct {
	seg     *segment
	file    readableFile
	meta    *format.FileMetaData
	index   *segmentIndex
	names   []string // of seg.fields, as events have them, folded
	columns []int32  // of seg.fields, in the file; -1: not there
	first   []int64  // number in the file of each row group's first row
	bytes   int64    // about what it takes in memory

	onlyNulls sync.Map // of chunkOf: rows with nothing but null, as far as counted

	refs int // under openSegments.mu
	gone bool
	at   *list.Element
}

// use turns the reader to an open segment.
func (r *segmentReader) use(o *openSegment) {
	r.r, r.meta = o.file, o.meta
	r.index, r.indexOf = o.index, o.meta
	r.gramsOf = nil
	r.names, r.namesOf = nil, nil
}

// column finds a field's column.
func (o *openSegment) column(folded string) (col int, c fieldColumn, ok bool) {
	i, ok := slices.BinarySearchFunc(o.seg.fields, folded, func(f fieldColumn, n string) int { return strings.Compare(f.folded, n) })
	if !ok || o.columns[i] < 0 {
		return 0, c, false
	}
	return int(o.columns[i]), o.seg.fields[i], true
}

// openSegments keeps files open and footers in memory, the least recently used
// going first: reading the footers of a month costs more than most searches.
type openSegments struct {
	l        *Lake
	maxBytes int64
	maxFiles int

	mu    sync.Mutex
	known map[*segment]*openSegment
	order list.List // of *openSegment, the least recently used at the front
	bytes int64
}

// Limits of what openSegments keeps that nobody reads just now.
const (
	maxOpenBytes = 64 << 20
	maxOpenFiles = 256
)

func newOpenSegments(l *Lake) *openSegments {
	return &openSegments{l: l, maxBytes: maxOpenBytes, maxFiles: maxOpenFiles, known: map[*segment]*openSegment{}}
}

// get opens a segment, which the caller holds; give it back with put.
func (c *openSegments) get(s *segment) (*openSegment, error) {
	c.mu.Lock()
	if o := c.known[s]; o != nil {
		o.refs++
		c.order.MoveToBack(o.at)
		c.mu.Unlock()
		return o, nil
	}
	c.mu.Unlock()
	o, err := c.open(s)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	if other := c.known[s]; other != nil { // somebody was faster
		other.refs++
		c.mu.Unlock()
		return other, o.file.Close()
	}
	o.refs = 1
	o.at = c.order.PushBack(o)
	c.known[s] = o
	c.bytes += o.bytes
	closing := c.shrink()
	c.mu.Unlock()
	return o, closing()
}

// hold makes o be held n times more.
func (c *openSegments) hold(o *openSegment, n int) {
	c.mu.Lock()
	o.refs += n
	c.mu.Unlock()
}

func (c *openSegments) open(s *segment) (*openSegment, error) {
	f, err := c.l.fs.Open(c.l.path(s))
	if err != nil {
		return nil, err
	}
	o, err := newOpenSegment(s, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return o, nil
}

func newOpenSegment(s *segment, f readableFile) (*openSegment, error) {
	meta, err := readFooter(f, s.bytes)
	if err != nil {
		return nil, err
	}
	if meta.NumRows != s.rows { // what the manifest says also bounds what is read
		return nil, fmt.Errorf("%w: %d rows instead of %d", errSegment, meta.NumRows, s.rows)
	}
	o := &openSegment{seg: s, file: f, meta: meta, names: make([]string, len(s.fields)), columns: make([]int32, len(s.fields)), first: make([]int64, len(meta.RowGroups))}
	byName := make(map[string]int32, len(meta.Schema))
	for i, el := range meta.Schema[1+coreColumns:] {
		byName[el.Name] = int32(coreColumns + i)
	}
	for i, field := range s.fields {
		o.columns[i], o.names[i] = -1, query.Fold(fieldName(field.folded))
		if col, ok := byName[field.name]; ok {
			o.columns[i] = col
		}
	}
	if o.index, err = readIndex(&segmentReader{r: f, meta: meta}); err != nil {
		o.index = new(segmentIndex) // it only saves work
	}
	row := int64(0)
	for i := range meta.RowGroups {
		o.first[i] = row
		row += meta.RowGroups[i].NumRows
	}
	const perChunk = 512 // a column chunk's metadata and what it points to
	o.bytes = 4096 + int64(len(meta.RowGroups))*int64(len(meta.Schema))*perChunk
	return o, nil
}

func (c *openSegments) put(o *openSegment) error {
	c.mu.Lock()
	o.refs--
	closing := c.shrink()
	if o.refs == 0 && o.gone {
		before := closing
		closing = func() error { return errors.Join(before(), o.file.Close()) }
	}
	c.mu.Unlock()
	return closing()
}

// shrink lets go of what is too much; c.mu is held, what it returns is not to be
// called with it.
func (c *openSegments) shrink() func() error {
	var closed []*openSegment
	for e := c.order.Front(); e != nil && (c.bytes > c.maxBytes || c.order.Len() > c.maxFiles); {
		o := e.Value.(*openSegment)
		e = e.Next()
		if o.refs == 0 {
			c.forget(o)
			closed = append(closed, o)
		}
	}
	return func() (err error) {
		for _, o := range closed {
			err = errors.Join(err, o.file.Close())
		}
		return err
	}
}

func (c *openSegments) forget(o *openSegment) {
	delete(c.known, o.seg)
	c.order.Remove(o.at)
	c.bytes -= o.bytes
	o.gone = true
}

// drop forgets a segment that is dead or broken.
func (c *openSegments) drop(s *segment) error {
	c.mu.Lock()
	o := c.known[s]
	if o != nil {
		c.forget(o)
		if o.refs > 0 {
			o = nil // the last put closes it
		}
	}
	c.mu.Unlock()
	if o == nil {
		return nil
	}
	return o.file.Close()
}

func (c *openSegments) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	for e := c.order.Front(); e != nil; e = c.order.Front() {
		o := e.Value.(*openSegment)
		c.forget(o)
		err = errors.Join(err, o.file.Close())
	}
	return err
}
