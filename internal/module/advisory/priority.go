package advisory

import (
	"context"
	"time"
)

// Priority is what the catalogues say of a CVE.
type Priority struct {
	Title  string
	KEV    bool
	KEVDue time.Time
	EPSS   float64 // 0 without Scored
	Scored bool
}

// Priorities returns what is known of CVEs, those nothing is known of left out. What is
// published is for everybody: it checks no permission.
func (s *Service) Priorities(ctx context.Context, cves []string) (map[string]Priority, error) {
	found := make(map[string]Priority, len(cves))
	scores, err := s.store.scores(ctx, s.DB, cves)
	if err != nil {
		return nil, err
	}
	for id, x := range scores {
		found[id] = Priority{EPSS: scoreOf(x[0]), Scored: true}
	}
	known, err := s.store.vulnerabilities(ctx, s.DB, cves)
	if err != nil {
		return nil, err
	}
	for id, r := range known {
		p := found[id]
		p.Title, p.KEV, p.KEVDue = r.Title, r.KEV, r.KEVDue.Time()
		if r.EPSS != notScored {
			p.EPSS, p.Scored = scoreOf(r.EPSS), true
		}
		found[id] = p
	}
	return found, nil
}
