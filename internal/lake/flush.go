package lake

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/lachan-vn/lachan/internal/event"
)

// Rows of a row group, within which a column has one dictionary.
const (
	groupRows  = 1 << 16
	groupBytes = 96 << 20 // of raw records; a group of long records ends earlier
)

// order returns the rows of s for one file in the order of every segment: by
// unit, so that a reader of few units skips the others' row groups; then by
// shape, host, time and ID. Records of one shape are of one kind: their fields
// fill runs of rows, and row groups that hold none of a field are skipped.
func (s *Segment) order(skewed bool) []uint32 {
	units, hosts := s.core[colUnit].ranks(s.Len(), 1), s.core[colHost].ranks(s.Len(), 1)
	shapes := s.core[colShape].ranks(s.Len(), rareShape)
	perm := make([]uint32, 0, s.Len())
	for i := range s.ids {
		if s.skewed[i] == skewed {
			perm = append(perm, uint32(i))
		}
	}
	slices.SortFunc(perm, func(a, b uint32) int {
		if c := cmp.Compare(units[a], units[b]); c != 0 {
			return c
		}
		if c := cmp.Compare(shapes[a], shapes[b]); c != 0 {
			return c
		}
		if c := cmp.Compare(hosts[a], hosts[b]); c != 0 {
			return c
		}
		if c := cmp.Compare(s.times[a], s.times[b]); c != 0 {
			return c
		}
		return slices.Compare(s.ids[a][:], s.ids[b][:])
	})
	return perm
}

// rareShape is how many rows of a file a shape must have for them to stand
// together; the others stand where those without a shape do, by host and time.
const rareShape = 16

// ranks returns for each row the place of its value among all; 0 for absent ones
// and those of fewer rows than atLeast.
func (c *column) ranks(rows, atLeast int) []uint32 {
	counts := make([]int, c.dict.len())
	for _, id := range c.ids {
		counts[id]++
	}
	rank, _ := c.dict.ranking(counts, atLeast)
	out := make([]uint32, rows)
	for i, row := range c.rows {
		out[row] = rank[c.ids[i]+1]
	}
	return out
}

// ranking returns the place of each entry + 1, under its number + 1, and the
// entries in order. Entries counted fewer times than atLeast have no place.
func (d *dict) ranking(counts []int, atLeast int) (rank []uint32, sorted []string) {
	order := make([]uint32, 0, d.len())
	for i, n := range counts {
		if n >= atLeast {
			order = append(order, uint32(i))
		}
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return strings.Compare(bytesAsString(d.get(a)), bytesAsString(d.get(b)))
	})
	rank = make([]uint32, d.len()+1)
	for i, id := range order {
		rank[id+1] = uint32(i) + 1
		sorted = append(sorted, string(d.get(id)))
	}
	return rank, sorted
}

// writeTo writes the given rows of s, in their order, as a Parquet file.
func (s *Segment) writeTo(w io.Writer, e *encoder, z *zstd.Encoder, perm []uint32) (size int64, sum []byte, err error) {
	return s.write(w, e, z, perm, fileForm{index: len(perm) >= indexedFlush})
}

func (s *Segment) write(w io.Writer, e *encoder, z *zstd.Encoder, perm []uint32, f fileForm) (size int64, sum []byte, err error) {
	fields := s.sortedFields()
	f.version = s.version
	for _, c := range fields {
		f.fields = append(f.fields, c.name)
	}
	e.begin(w, z, f)
	const elsewhere = ^uint32(0)
	places := make([]uint32, s.Len()) // of each row in the group under way
	cells := make([]uint32, 0, min(len(perm), s.groupRows))
	var (
		times = make([]int64, 0, cap(cells))
		ids   = make([]event.ID, 0, cap(cells))
		bools = make([]bool, 0, cap(cells))
	)
	for from := 0; from < len(perm); {
		group := perm[from:s.groupEnd(perm, from)]
		from += len(group)
		for i := range places {
			places[i] = elsewhere
		}
		for i, row := range group {
			places[row] = uint32(i)
		}
		e.startGroup(len(group))
		texts := func(c *column, stats bool) {
			cells = cells[:len(group)]
			clear(cells)
			for i, row := range c.rows {
				if at := places[row]; at != elsewhere {
					cells[at] = c.ids[i] + 1
				}
			}
			e.texts(cells, &c.dict, c.plain, stats)
		}
		for i, c := range s.core {
			switch i {
			case colID:
				ids = ids[:0]
				for _, row := range group {
					ids = append(ids, s.ids[row])
				}
				e.eventIDs(ids)
			case colTime, colReceived:
				src := s.times
				if i == colReceived {
					src = s.received
				}
				times = times[:0]
				for _, row := range group {
					times = append(times, src[row])
				}
				e.int64s(times)
			case colSkewed:
				bools = bools[:0]
				for _, row := range group {
					bools = append(bools, s.skewed[row])
				}
				e.bools(bools)
			default:
				texts(c, i == colUnit || i == colHost)
			}
		}
		for _, c := range fields {
			texts(c, false)
		}
		e.endGroup()
	}
	return e.finish()
}

// groupEnd returns where the row group that starts at from ends.
func (s *Segment) groupEnd(perm []uint32, from int) int {
	to, size := from, 0
	for ; to < len(perm) && to-from < s.groupRows && size < groupBytes; to++ {
		size += int(s.kept[perm[to]])
	}
	return to
}
