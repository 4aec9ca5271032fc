package splunk

import (
	"net/http"
	"net/url"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// maxTagBytes bounds what a request says of its lines: it is stored with each.
const maxTagBytes = 1 << 10

// raw takes plain lines.
func (h *handler) raw(w http.ResponseWriter, r *http.Request, sender input.Sender) error {
	tags, ok := tagsOf(r.URL.Query())
	if !ok {
		return tagsTooLong
	}
	body, release, err := h.rc.Read(w, r)
	defer release()
	if err != nil {
		return err
	}
	c := h.rc.Begin(sender, r)
	lines := 0
	var record []byte
	err = eachLine(body, func(line []byte) error {
		lines++
		if tags == nil {
			return c.Add(r.Context(), line, event.HintText)
		}
		record = append(record[:0], `{"event":`...)
		record = input.AppendJSONString(record, line)
		record = append(append(record, tags...), '}')
		return c.AddCopy(r.Context(), record, event.HintJSON)
	})
	if err == nil {
		err = c.Flush(r.Context())
	}
	switch {
	case err != nil:
		return err
	case lines == 0:
		return noData
	}
	return nil
}

// tagsOf returns what the address says of all lines, as further members of an
// event object; nil if it says nothing.
func tagsOf(query url.Values) (tags []byte, ok bool) {
	for _, name := range []string{"time", "host", "source", "sourcetype", "index"} {
		value := query.Get(name)
		if value == "" {
			continue
		}
		tags = append(tags, `,"`...)
		tags = append(tags, name...)
		tags = append(tags, `":`...)
		if end, number := input.JSONEnd([]byte(value), 0); name == "time" && number && end == len(value) && value[0] != '{' && value[0] != '[' {
			tags = append(tags, value...)
		} else {
			tags = input.AppendJSONString(tags, value)
		}
	}
	return tags, len(tags) <= maxTagBytes
}
