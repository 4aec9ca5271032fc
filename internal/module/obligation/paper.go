package obligation

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// hearPaper takes the step that an official document took for the obligation it
// discharges, with the same proof. A step that somebody entered by hand before
// stands; the paper is then noted beside it.
func (s *Service) hearPaper(ctx context.Context, f module.Fact) error {
	paper, err := module.ReadPaper(f)
	if err != nil {
		// It will not become readable: it is said, and the facts behind it go on.
		s.Log.ErrorContext(ctx, "a step of a document could not be read; its obligation stays as it is", "fact", f.ID, "error", err)
		return nil
	}
	if paper.Obligation == "" {
		return nil
	}
	ctx = module.WithPrincipal(ctx, module.System())
	told := false
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		told = false
		o, ok, err := s.store.one(ctx, tx, paper.Obligation)
		if err != nil {
			return err
		}
		if !ok || o.Drill != paper.Drill || o.Unit != paper.Unit {
			s.Log.WarnContext(ctx, "a document names an obligation that is not its own; nothing was noted", "document", paper.ID, "obligation", paper.Obligation)
			return nil
		}
		steps, err := s.store.steps(ctx, tx, o.ID)
		if err != nil || slices.ContainsFunc(steps, func(x Step) bool { return x.ID == f.ID }) {
			return err // heard before
		}
		do := paperStep(&paper, &o, lastChange(steps))
		// The clock of a final report may start after its paper was signed for.
		do.At = later(do.At, o.StartedAt)
		if do.At.After(s.Now()) {
			do.At = s.Now()
		}
		if _, err := s.record(ctx, tx, &o, steps, do, Step{ID: f.ID, ByID: paper.By, By: paper.ByName}); fault.KindOf(err) == fault.Invalid && err != nil {
			s.Log.ErrorContext(ctx, "a step of a document does not fit its obligation; nothing was noted", "document", paper.ID, "obligation", o.ID, "error", err)
			return nil
		} else if err != nil {
			return err
		}
		told = true
		return nil
	})
	if err == nil && told {
		s.Wake()
	}
	return err
}

// paperStep is the step that follows from how far the paper is; a note where the
// obligation is past it already.
func paperStep(p *module.Paper, o *Obligation, last *Step) Do {
	do := Do{Verb: Note, At: p.At, Note: paperNotes[p.State] + " " + p.Number + ": " + p.Title, Proof: ProofOfSending{
		Channel: p.Channel, Receiver: p.Receiver, Number: p.Number, File: p.File, Hash: p.Hash, Size: p.Size, Receipt: p.Receipt,
	}}
	do.Note = module.Text(do.Note, maxText)
	switch {
	case p.State == module.PaperApproved && o.State == Pending:
		do.Verb = Prepare
	case p.State == module.PaperSent && o.State.Open():
		do.Verb = Send
	case p.State == module.PaperAcknowledged && o.State == Sent:
		do.Verb = Acknowledge
	case p.State == module.PaperWithdrawn && o.State == Prepared && last != nil && last.Proof.Number == p.Number:
		do.Verb = Back
	}
	return do
}

var paperNotes = map[module.PaperState]string{
	module.PaperApproved: "Văn bản đã được duyệt", module.PaperSent: "Văn bản đã được gửi", module.PaperAcknowledged: "Nơi nhận đã xác nhận văn bản",
	module.PaperWithdrawn: "Văn bản đã bị thu hồi",
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
