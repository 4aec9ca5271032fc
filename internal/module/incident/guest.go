package incident

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Guest is somebody without an account who may look at a part of one incident for a
// while: the operator of the system, an expert who was asked.
//
// He gets a link that is shown once, to whoever made it, and works once: what opens
// it is a session bound to this guest, which is all its holder may use. Link and
// session are random; only their hashes are kept. Everything ends at Until, when he
// is revoked, and as soon as the incident may no longer be shown to him. What he may
// see is worked out at every look, so that a mark set later counts at once.
type Guest struct {
	ID           string
	Incident     string
	Name         string
	Organisation string
	Mail         string // "" not known; nothing is sent there
	TLP          TLP    // the most that is shown
	Parts        []GuestPart
	Files        []string // ids of those that are shown
	At           time.Time
	ByID         string
	By           string
	Until        time.Time
	Opened       time.Time // when the link was used; zero: not yet
	OpenedFrom   string    // network address
	Looks        int64
	Looked       time.Time
	Comments     int64
	Revoked      time.Time
	RevokedBy    string

	link    string // hash
	session string // hash; "" none
	again   time.Time
}

// GuestPart is a part of an incident that a guest is shown.
type GuestPart string

// The parts besides files, which are chosen one by one.
const (
	GuestOverview    GuestPart = "overview"
	GuestTimeline    GuestPart = "timeline"
	GuestObservables GuestPart = "observables"
)

var guestParts = []GuestPart{GuestOverview, GuestTimeline, GuestObservables}

// Limits of guests.
const (
	usualGuestHours = 72
	maxGuestHours   = 7 * 24
	maxGuests       = 50  // of an incident, at a time
	maxGuestFiles   = 50  // shown to one
	maxLooks        = 200 // of one, downloads among them: each is a line of the timeline
	maxGuestTalk    = 50  // comments of one
	maxGuestText    = 4000
	// againEvery is how often it is noted that a used link is shown again.
	againEvery = time.Hour
)

// GuestState is how far a guest is.
type GuestState string

// The states of a guest.
const (
	GuestWaiting GuestState = "waiting" // the link was not used yet
	GuestOpen    GuestState = "open"
	GuestLeft    GuestState = "left" // ended the session himself
	GuestExpired GuestState = "expired"
	GuestRevoked GuestState = "revoked"
)

func (g *Guest) state(now time.Time) GuestState {
	switch {
	case !g.Revoked.IsZero():
		return GuestRevoked
	case !now.Before(g.Until):
		return GuestExpired
	case g.Opened.IsZero():
		return GuestWaiting
	case g.session == "":
		return GuestLeft
	}
	return GuestOpen
}

// over tells why a guest may no longer look; nil: he may. Errors: Unauthenticated,
// with a code for each reason.
func (g *Guest) over(i *Incident, now time.Time) error {
	switch g.state(now) {
	case GuestRevoked:
		return fault.New(fault.Unauthenticated, "the invitation was withdrawn; ask the centre if you need to look again").WithCode("guest.revoked")
	case GuestExpired:
		return fault.New(fault.Unauthenticated, "the invitation has expired; ask the centre for a new link").WithCode("guest.expired")
	}
	if forGuests(i) != nil || !i.TLP.Within(g.TLP) {
		return fault.New(fault.Unauthenticated, "the incident is no longer shown to guests; ask the centre").WithCode("guest.closed")
	}
	return nil
}

// forGuests tells why an incident is not shown to anybody outside; nil: it may be.
// Errors: Conflict.
func forGuests(i *Incident) error {
	switch {
	case i.Secrecy != "":
		return fault.New(fault.Conflict, "the matter bears a state-secrecy mark: nobody outside is shown anything of it here").WithCode("incident.secret")
	case i.MergedInto != "":
		return fault.New(fault.Conflict, "the incident was merged into another; work on that one").WithCode("incident.merged")
	case i.Drill:
		return fault.New(fault.Conflict, "a drill is shown to nobody outside").WithCode("incident.guest-drill")
	case i.TLP == Red:
		return fault.New(fault.Conflict, "the incident is TLP:RED: only those who are named see it; lower its mark first").WithCode("incident.guest-red")
	}
	return nil
}

// check completes an invitation to i and returns what is wrong with it. Errors:
// Conflict, Invalid.
func (g *Guest) check(i *Incident, hours int) error {
	if err := forGuests(i); err != nil {
		return err
	}
	g.Name, g.Organisation, g.Mail = strings.TrimSpace(g.Name), strings.TrimSpace(g.Organisation), strings.TrimSpace(g.Mail)
	if n := len([]rune(g.Name)); n == 0 || n > maxTitle {
		return bad("name", "guest-name", "say in at most %d letters who the guest is", maxTitle)
	}
	if n := len([]rune(g.Organisation)); n == 0 || n > maxTitle {
		return bad("organisation", "guest-organisation", "say in at most %d letters whom the guest works for", maxTitle)
	}
	if g.Mail != "" {
		if a, err := mail.ParseAddress(g.Mail); err != nil || a.Address != g.Mail || len(g.Mail) > maxTitle {
			return bad("mail", "guest-mail", "%q is no mail address", g.Mail)
		}
	}
	switch {
	case !slices.Contains(marks, g.TLP) || g.TLP == Red:
		return bad("tlp", "guest-tlp", "a guest is shown at most TLP:%s", AmberStrict)
	case !i.TLP.Within(g.TLP):
		return bad("tlp", "tlp-below", "the incident is TLP:%s, which a guest up to TLP:%s is not shown", i.TLP, g.TLP)
	case hours < 1 || hours > maxGuestHours:
		return bad("hours", "guest-hours", "between 1 and %d hours", maxGuestHours)
	case len(g.Parts) == 0 && len(g.Files) == 0:
		return bad("parts", "guest-parts", "choose at least one part or file to show")
	case len(g.Files) > maxGuestFiles:
		return bad("files", "too-many", "at most %d files", maxGuestFiles)
	}
	for _, part := range g.Parts {
		if !slices.Contains(guestParts, part) {
			return bad("parts", "guest-parts", "no part %q; one of %v", part, guestParts)
		}
	}
	slices.Sort(g.Parts)
	slices.Sort(g.Files)
	g.Parts, g.Files = slices.Compact(g.Parts), slices.Compact(g.Files)
	return nil
}

// sees tells whether a part was chosen.
func (g *Guest) sees(part GuestPart) bool { return slices.Contains(g.Parts, part) }

// guestEntry tells whether a guest is shown a line of the timeline: what was written
// into it, the phases, and his own comments. What people say to one another, who
// else looks and what was done with files is not for him.
func (g *Guest) guestEntry(e *Entry) bool {
	if e.Struck != "" || !e.TLP.Within(g.TLP) {
		return false
	}
	switch e.Kind {
	case "note":
		return g.sees(GuestTimeline)
	case "opened", "phase":
		return g.sees(GuestTimeline)
	case "comment":
		return e.ByID == g.principal("").ID
	}
	return false
}

// principal is the guest as who acts: somebody of no unit, who may do what guests
// may and nothing else.
func (g *Guest) principal(address string) module.Principal {
	return module.Principal{ID: "guest:" + g.ID, Name: "guest:" + g.ID, DisplayName: g.Name + " (" + g.Organisation + ")", Role: module.RoleGuest,
		Address: address, Only: []module.Action{module.ActionGuest}}
}

// newGuestSecret makes 256 random bits for guest id. What is handed out names the
// guest too, so that the row is found without a search for the secret.
func newGuestSecret(id string) (shown, hash string) {
	var b [32]byte
	rand.Read(b[:]) // never fails since Go 1.24
	shown = id + "." + hex.EncodeToString(b[:])
	return shown, guestHash(shown)
}

func guestHash(shown string) string {
	sum := sha256.Sum256([]byte(shown))
	return hex.EncodeToString(sum[:])
}

// maxGuestSecret is longer than any secret that is handed out.
const maxGuestSecret = 200

// guestOf is the guest a secret names; "" it is none.
func guestOf(shown string) string {
	id, secret, ok := strings.Cut(shown, ".")
	if !ok || len(shown) > maxGuestSecret || id == "" || secret == "" {
		return ""
	}
	return id
}

// matches compares in a time that does not tell where the first difference is. Of a
// hash that is not there nothing matches.
func matches(hash, shown string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(guestHash(shown))) == 1
}
