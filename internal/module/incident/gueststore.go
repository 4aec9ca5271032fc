package incident

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

type guestRow struct {
	bun.BaseModel `bun:"table:incident_guests"`

	ID           string       `bun:"id,pk"`
	Incident     string       `bun:"incident"`
	Name         string       `bun:"name"`
	Organisation string       `bun:"organisation"`
	Mail         string       `bun:"mail"`
	TLP          string       `bun:"tlp"`
	Parts        string       `bun:"parts"`
	Files        string       `bun:"files"`
	At           sqldb.Micros `bun:"at"`
	ByID         string       `bun:"by_id"`
	By           string       `bun:"by_name"`
	Until        sqldb.Micros `bun:"until"`
	Link         string       `bun:"link"`
	OpenedAt     sqldb.Micros `bun:"opened_at"`
	OpenedFrom   string       `bun:"opened_from"`
	Session      string       `bun:"session"`
	Looks        int64        `bun:"looks"`
	LookedAt     sqldb.Micros `bun:"looked_at"`
	Comments     int64        `bun:"comments"`
	AgainAt      sqldb.Micros `bun:"again_at"`
	RevokedAt    sqldb.Micros `bun:"revoked_at"`
	RevokedBy    string       `bun:"revoked_by"`
}

func (r *guestRow) guest() (Guest, error) {
	g := Guest{
		ID: r.ID, Incident: r.Incident, Name: r.Name, Organisation: r.Organisation, Mail: r.Mail, TLP: TLP(r.TLP), At: r.At.Time(), ByID: r.ByID, By: r.By,
		Until: r.Until.Time(), Opened: r.OpenedAt.Time(), OpenedFrom: r.OpenedFrom, Looks: r.Looks, Looked: r.LookedAt.Time(), Comments: r.Comments,
		Revoked: r.RevokedAt.Time(), RevokedBy: r.RevokedBy, link: r.Link, session: r.Session, again: r.AgainAt.Time(),
	}
	if err := errors.Join(json.Unmarshal([]byte(r.Parts), &g.Parts), json.Unmarshal([]byte(r.Files), &g.Files)); err != nil {
		return g, fmt.Errorf("guest %s: %w", r.ID, err)
	}
	return g, nil
}

func (s store) insertGuest(ctx context.Context, tx bun.Tx, g *Guest) error {
	parts, err := json.Marshal(g.Parts)
	files, err2 := json.Marshal(g.Files)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	r := guestRow{ID: g.ID, Incident: g.Incident, Name: g.Name, Organisation: g.Organisation, Mail: g.Mail, TLP: string(g.TLP), Parts: string(parts), Files: string(files),
		At: sqldb.MicrosOf(g.At), ByID: g.ByID, By: g.By, Until: sqldb.MicrosOf(g.Until), Link: g.link}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// guests returns those invited to an incident, the newest first.
func (s store) guests(ctx context.Context, db bun.IDB, incident string) ([]Guest, error) {
	var rows []guestRow
	if err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("at DESC, id DESC").Limit(maxShares).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Guest, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].guest(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// guest returns a guest by his id; "" and an unknown one are nobody.
func (s store) guest(ctx context.Context, db bun.IDB, id string) (g Guest, ok bool, err error) {
	var r guestRow
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return g, false, nil
	}
	if err == nil {
		g, err = r.guest()
	}
	return g, err == nil, err
}

// openGuest uses a link up; false: somebody else was quicker.
func (s store) openGuest(ctx context.Context, tx bun.Tx, g *Guest) (bool, error) {
	return sqldb.One(tx.NewUpdate().Table("incident_guests").Set("opened_at = ?", sqldb.MicrosOf(g.Opened)).Set("opened_from = ?", g.OpenedFrom).Set("session = ?", g.session).
		Where("id = ?", g.ID).Where("opened_at = 0").Where("revoked_at = 0").Exec(ctx))
}

// look counts a look; false: there are none left, or the guest was revoked meanwhile.
func (s store) look(ctx context.Context, tx bun.Tx, guest string, now time.Time) (bool, error) {
	return sqldb.One(tx.NewUpdate().Table("incident_guests").Set("looks = looks + 1").Set("looked_at = ?", sqldb.MicrosOf(now)).
		Where("id = ?", guest).Where("looks < ?", maxLooks).Where("revoked_at = 0").Exec(ctx))
}

// guestSaid counts a comment; false: there are none left.
func (s store) guestSaid(ctx context.Context, tx bun.Tx, guest string) (bool, error) {
	return sqldb.One(tx.NewUpdate().Table("incident_guests").Set("comments = comments + 1").
		Where("id = ?", guest).Where("comments < ?", maxGuestTalk).Where("revoked_at = 0").Exec(ctx))
}

// shownAgain notes that a used link was shown; false: that was noted a short time ago.
func (s store) shownAgain(ctx context.Context, tx bun.Tx, guest string, now time.Time) (bool, error) {
	return sqldb.One(tx.NewUpdate().Table("incident_guests").Set("again_at = ?", sqldb.MicrosOf(now)).
		Where("id = ?", guest).Where("again_at <= ?", sqldb.MicrosOf(now.Add(-againEvery))).Exec(ctx))
}

// revokeGuest ends what a guest may see. His session is kept, so that he is told why
// it no longer opens anything.
func (s store) revokeGuest(ctx context.Context, tx bun.Tx, guest, by string, now time.Time) error {
	_, err := tx.NewUpdate().Table("incident_guests").Set("revoked_at = ?", sqldb.MicrosOf(now)).Set("revoked_by = ?", by).Where("id = ?", guest).Exec(ctx)
	return err
}

// endVisit takes a guest's session away.
func (s store) endVisit(ctx context.Context, tx bun.Tx, guest string) error {
	_, err := tx.NewUpdate().Table("incident_guests").Set("session = ''").Where("id = ?", guest).Exec(ctx)
	return err
}
