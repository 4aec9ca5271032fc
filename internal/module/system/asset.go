package system

import (
	"net/netip"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Asset is something a system is made of: a machine, a device, a service or software.
// One that is of no system is its unit's.
type Asset struct {
	ID       string
	Unit     event.UnitID
	Operator event.UnitID // of the system, where that is another unit
	AssetFacts

	UpdatedAt time.Time
	UpdatedBy string
	Version   int64
}

// AssetFacts are what people write of an asset.
type AssetFacts struct {
	System      string      `json:"system" maxLength:"64" doc:"id of the system; empty: the unit's, of no system"`
	Kind        string      `json:"kind" enum:"host,device,service,software"`
	Name        string      `json:"name" maxLength:"300" doc:"empty: its hostname, product or address"`
	Vendor      string      `json:"vendor" maxLength:"200"`
	Product     string      `json:"product" maxLength:"200"`
	Release     string      `json:"release" maxLength:"100" doc:"its version"`
	CPE         string      `json:"cpe" maxLength:"500"`
	Hostname    string      `json:"hostname" maxLength:"253"`
	Address     string      `json:"address" maxLength:"45" doc:"one IP address"`
	Origin      string      `json:"origin" maxLength:"100" doc:"country it comes from"`
	Foreign     bool        `json:"foreign"`
	Donated     bool        `json:"donated" doc:"a gift or on loan: it is checked before it is put in"`
	Vietnamese  bool        `json:"vietnamese" doc:"Make in Viet Nam"`
	LicenceEnds module.Date `json:"licenceEnds" maxLength:"10"`
	Place       string      `json:"place" maxLength:"300"`
	Note        string      `json:"note" maxLength:"2000"`
}

// The kinds of asset.
var assetKinds = []string{"host", "device", "service", "software"}

const maxAssetText = 2000

func badAsset(field, format string, args ...any) error {
	return fault.New(fault.Invalid, field+": "+format, args...).WithCode("system.asset-" + codeOf(field)).OnField("body." + field)
}

// check settles the facts and refuses what cannot be so.
func (f *AssetFacts) check() error {
	for _, x := range []*string{&f.Name, &f.Vendor, &f.Product, &f.Release, &f.CPE, &f.Hostname, &f.Address, &f.Origin, &f.Place} {
		if *x = module.OneLine(*x); !module.IsText(*x, maxAssetText) {
			return badAsset("name", "is no text")
		}
	}
	f.Note = strings.TrimSpace(f.Note)
	f.Hostname = strings.ToLower(strings.TrimSuffix(f.Hostname, "."))
	if f.Kind == "" {
		f.Kind = assetKinds[0]
	}
	if !has(assetKinds, f.Kind) {
		return badAsset("kind", "one of %s", strings.Join(assetKinds, ", "))
	}
	if f.Address != "" {
		a, err := netip.ParseAddr(f.Address)
		if err != nil {
			return badAsset("address", "%q is no address; write 10.1.2.3", module.Text(f.Address, maxAddress))
		}
		f.Address = a.Unmap().WithZone("").String()
	}
	if len(f.Hostname) > maxDomain || strings.ContainsAny(f.Hostname, " \t/\\") {
		return badAsset("hostname", "%q is no name of a host", module.Text(f.Hostname, maxDomain))
	}
	if _, err := module.ParseDate(string(f.LicenceEnds), "system.bad-date", "licenceEnds"); err != nil {
		return err
	}
	if f.Name == "" {
		f.Name = first(f.Hostname, strings.TrimSpace(f.Vendor+" "+f.Product), f.Address)
	}
	if f.Name == "" {
		return badAsset("name", "say what it is: a name, a hostname, a product or an address")
	}
	return nil
}

func first(texts ...string) string {
	for _, x := range texts {
		if x != "" {
			return x
		}
	}
	return ""
}

// text is the asset on one line.
func (x *Asset) text() string {
	return line(x.Name, strings.TrimSpace(x.Vendor+" "+x.Product+" "+x.Release), x.Hostname, x.Address)
}
