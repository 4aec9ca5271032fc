package httpapi_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/module"
)

// roleNames are the columns of the table of permissions.
var roleNames = map[module.Role]string{
	module.RoleAdministrator:   "Quản trị",
	module.RoleAnalyst:         "Chuyên viên giám sát",
	module.RoleCoordinator:     "Điều phối viên",
	module.RoleLeader:          "Lãnh đạo trung tâm",
	module.RoleSecurityOfficer: "Cán bộ ATTT đơn vị",
	module.RoleUnitHead:        "Người đứng đầu đơn vị",
	module.RoleAppraiser:       "Cán bộ thẩm định",
	module.RoleAuditor:         "Kiểm toán",
	module.RoleService:         "Dịch vụ (mã API)",
	module.RoleIngest:          "Gửi log (mã gửi)",
	module.RoleGuest:           "Khách mời (liên kết)",
}

const permissionsHead = `# Quyền hạn · Permissions

Một quyền gồm ba phần: **vai trò, hành động, nhánh đơn vị**. Vai trò cho biết được làm gì; đơn vị của tài khoản cho biết được làm với ai: với chính đơn vị đó và các đơn vị trực thuộc, riêng tài khoản của trung tâm thì với mọi đơn vị. Không có trong bảng là không được phép. Hành động ghi *trung tâm* liên quan đến toàn hệ thống, chỉ tài khoản thuộc trung tâm mới làm được. Đối tượng ngoài phạm vi được trả lời như thể không tồn tại.

*A permission is (role, action, subtree of units). What is not in the table is denied. Actions marked centre are for accounts of the centre. Objects outside the scope are answered like ones that do not exist. A test writes this page from the one table in internal/module/permission.go and from the API's operations.*

`

// docs/operate/permissions.md is the table in the code and nothing else.
func TestPermissionsPage(t *testing.T) {
	operations := map[string][]string{}
	for _, op := range newNode(t).operations() {
		operations[op.action] = append(operations[op.action], "`"+op.id+"`")
	}
	var b strings.Builder
	b.WriteString(permissionsHead + "| Hành động · action |")
	for _, r := range module.Roles() {
		fmt.Fprintf(&b, " %s<br>`%s` |", roleNames[r], r)
	}
	b.WriteString(" Phạm vi · scope |\n|---|" + strings.Repeat(":-:|", len(module.Roles())) + "---|\n")
	for _, a := range module.AllActions() {
		roles, centre := module.Grants(a)
		fmt.Fprintf(&b, "| `%s` |", a)
		for _, r := range module.Roles() {
			mark := " "
			if slices.Contains(roles, r) {
				mark = "✓"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		scope := "nhánh đơn vị · subtree"
		if centre {
			scope = "trung tâm · centre"
		}
		b.WriteString(" " + scope + " |\n")
	}
	b.WriteString("\n## Hành động và thao tác API · Actions and API operations\n\n")
	for _, a := range module.AllActions() {
		if ops := operations[string(a)]; ops != nil {
			slices.Sort(ops)
			fmt.Fprintf(&b, "- `%s`: %s\n", a, strings.Join(ops, ", "))
		}
	}
	golden(t, filepath.Join("..", "..", "docs", "operate", "permissions.md"), []byte(b.String()))
}
