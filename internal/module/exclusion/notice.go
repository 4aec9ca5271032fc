package exclusion

import (
	"github.com/lachan-vn/lachan/internal/module"
)

// notices are whom a change concerns: who proposed hears what became of it, unless
// he did it himself; the rules of notification say who hears of a proposal that
// waits, and of an end that nears.
func notices(kind module.FactKind, x *Exclusion, by string) (out []module.Notice) {
	add := func(name, level, user, vi, en string) {
		out = append(out, module.Notice{Kind: name, Level: level, User: user, TitleVi: vi + ": " + x.Title, Title: en + ": " + x.Title, Object: "exclusion:" + x.ID})
	}
	toProposer := func(name, vi, en string) {
		if x.ProposedBy != "" && x.ProposedBy != by {
			add(name, "low", x.ProposedBy, vi, en)
		}
	}
	switch kind {
	case FactProposed:
		if x.State == Proposed {
			add("exclusion.proposed", "low", "", "Đề xuất ngoại lệ chờ duyệt", "An exclusion awaits a decision")
		}
	case FactApproved:
		toProposer("exclusion.decided", "Ngoại lệ đã được duyệt", "The exclusion was approved")
	case FactRejected:
		toProposer("exclusion.decided", "Đề xuất ngoại lệ bị từ chối", "The exclusion was rejected")
	case FactRevoked:
		toProposer("exclusion.decided", "Ngoại lệ đã bị thu hồi", "The exclusion was revoked")
	case FactExtended:
		toProposer("exclusion.decided", "Ngoại lệ được gia hạn", "The exclusion was extended")
	case FactExpiring:
		toProposer("exclusion.expiring", "Ngoại lệ sắp hết hiệu lực", "The exclusion is about to expire")
		add("exclusion.expiring", "low", "", "Ngoại lệ sắp hết hiệu lực", "An exclusion is about to expire")
	case FactExpired:
		toProposer("exclusion.expired", "Ngoại lệ đã hết hiệu lực", "The exclusion has expired")
	}
	return out
}
