package obligation

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Addressee is a recipient of the catalogue and where it is reached.
type Addressee struct {
	Recipient
	Address string // mail address, code in the document system, street; "" not entered yet
	Channel string // the way it takes papers; one of channels, "" not said
	Contact string // whom to ask for
	Note    string
	Version int64 // 0: nothing was entered yet
}

type recipientRow struct {
	bun.BaseModel `bun:"table:recipients"`

	ID      string `bun:"id,pk"`
	Address string `bun:"address"`
	Channel string `bun:"channel"`
	Contact string `bun:"contact"`
	Note    string `bun:"note"`
	Version int64  `bun:"version"`
}

func (s store) recipients(ctx context.Context, db bun.IDB) (map[string]recipientRow, error) {
	var rows []recipientRow
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, err
	}
	byID := map[string]recipientRow{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	return byID, nil
}

// saveRecipient returns false where somebody else saved it meanwhile.
func (s store) saveRecipient(ctx context.Context, tx bun.Tx, r *recipientRow) (bool, error) {
	return sqldb.One(tx.NewInsert().Model(r).On("CONFLICT (id) DO UPDATE").
		Set("address = EXCLUDED.address, channel = EXCLUDED.channel, contact = EXCLUDED.contact, note = EXCLUDED.note, version = EXCLUDED.version").
		Where("recipient_row.version = EXCLUDED.version - 1").Exec(ctx))
}

// Addressees returns the recipients of the catalogue with their addresses, in the
// order of the catalogue. Errors: Denied.
func (s *Service) Addressees(ctx context.Context) ([]Addressee, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionObligationRead); err != nil {
		return nil, err
	}
	rows, err := s.store.recipients(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	list := []Addressee{}
	for _, r := range s.book.Load().Bodies {
		x := rows[r.ID]
		list = append(list, Addressee{r, x.Address, x.Channel, x.Contact, x.Note, x.Version})
	}
	return list, nil
}

// Readdress enters where a recipient is reached. Errors: Denied, NotFound,
// Conflict recipient.changed, Invalid.
func (s *Service) Readdress(ctx context.Context, a Addressee) (Addressee, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionDutyManage); err != nil {
		return Addressee{}, err
	}
	known, ok := s.book.Load().Recipients[a.ID]
	if !ok {
		return Addressee{}, fault.New(fault.NotFound, "no recipient %q in the catalogue", a.ID).WithCode("recipient.unknown")
	}
	a.Recipient = known
	a.Address, a.Contact, a.Note = strings.TrimSpace(a.Address), strings.TrimSpace(a.Contact), strings.TrimSpace(a.Note)
	bad := func(field, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).WithCode("recipient." + field).OnField("body." + field)
	}
	if a.Channel != "" && !slices.Contains(channels, a.Channel) {
		return Addressee{}, bad("channel", "no channel %q; one of %v", a.Channel, channels)
	}
	if a.Channel != "" && a.Address == "" {
		return Addressee{}, bad("address", "say at which address it is reached by that channel")
	}
	for field, text := range map[string]string{"address": a.Address, "contact": a.Contact} {
		if len([]rune(text)) > maxName || strings.ContainsAny(text, "\r\n") {
			return Addressee{}, bad(field, "one line of at most %d letters", maxName)
		}
	}
	if len([]rune(a.Note)) > maxText {
		return Addressee{}, bad("note", "at most %d letters", maxText)
	}
	a.Version++
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		ok, err := s.store.saveRecipient(ctx, tx, &recipientRow{ID: a.ID, Address: a.Address, Channel: a.Channel, Contact: a.Contact, Note: a.Note, Version: a.Version})
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "somebody else changed the recipient; read it again").WithCode("recipient.changed")
		}
		if err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "recipient.save", Object: "recipient:" + a.ID, Detail: map[string]string{
			"address": a.Address, "channel": a.Channel, "contact": a.Contact, "note": a.Note,
		}})
	})
	return a, err
}

// AddresseeView is a recipient of the catalogue and where it is reached.
type AddresseeView struct {
	ID      string `json:"id"`
	Vi      string `json:"vi"`
	Name    string `json:"name"`
	Address string `json:"address" doc:"empty: not entered yet, and nothing can be sent to it"`
	Channel string `json:"channel" enum:",official-mail,document-system,portal,courier,fax,phone,exercise,other"`
	Contact string `json:"contact"`
	Note    string `json:"note"`
	Version int64  `json:"version" doc:"send it back with a change"`
}

func addresseeView(a Addressee) AddresseeView {
	return AddresseeView{a.ID, a.Vi, a.En, a.Address, a.Channel, a.Contact, a.Note, a.Version}
}

func (s *Service) recipientRoutes(api huma.API) {
	type recipientList struct {
		Body struct {
			Items []AddresseeView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionObligationRead, "list-recipients", http.MethodGet, "/recipients", "To whom duties are discharged, and where they are reached"),
		func(ctx context.Context, _ *struct{}) (*recipientList, error) {
			found, err := s.Addressees(ctx)
			if err != nil {
				return nil, err
			}
			out := &recipientList{}
			out.Body.Items = make([]AddresseeView, len(found))
			for i, a := range found {
				out.Body.Items[i] = addresseeView(a)
			}
			return out, nil
		})
	type saveRecipient struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Address string `json:"address" maxLength:"200"`
			Channel string `json:"channel" enum:",official-mail,document-system,portal,courier,fax,phone,exercise,other"`
			Contact string `json:"contact,omitempty" maxLength:"200"`
			Note    string `json:"note,omitempty" maxLength:"4000"`
			Version int64  `json:"version" doc:"0 where nothing was entered yet"`
		}
	}
	type recipient struct{ Body AddresseeView }
	huma.Register(api, op(module.ActionDutyManage, "save-recipient", http.MethodPut, "/recipients/{id}", "Enter where a recipient is reached"),
		func(ctx context.Context, in *saveRecipient) (*recipient, error) {
			b := &in.Body
			a, err := s.Readdress(ctx, Addressee{Recipient: Recipient{ID: in.ID}, Address: b.Address, Channel: b.Channel, Contact: b.Contact, Note: b.Note, Version: b.Version})
			if err != nil {
				return nil, err
			}
			return &recipient{addresseeView(a)}, nil
		})
}
