package main

import (
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/sigma"
)

// ours takes the way of an event through a hunt: parser, then worker.
type ours struct {
	parser *parse.Parser
	worker *detect.Worker
	batch  event.Batch
	ev     event.Event
}

func loadOurs(rules []ruleFile, s *scoper) (engine, int) {
	files := make([]detect.File, len(rules))
	for i, r := range rules {
		files[i] = detect.File{Name: r.name, Data: r.text}
	}
	set := detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping(), Unscoped: s == nil})
	o := &ours{parser: parse.New(parse.Options{}), worker: set.NewWorker()}
	o.batch = event.Batch{Unit: "u", Input: "import", Received: time.Unix(1_800_000_000, 0), Records: make([]event.Record, 1)}
	return o, len(rules) - len(set.Rules())
}

func (o *ours) match(line []byte, hit func(id string)) {
	o.batch.Records[0].Data = line
	o.parser.Parse(&o.batch, 0, &o.ev)
	for _, r := range o.worker.Match(&o.ev) {
		hit(r.ID)
	}
	o.parser.Recycle()
}

func (o *ours) errors() int { return 0 }
