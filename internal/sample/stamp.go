package sample

import "time"

// A stamp's form says how a time is written: how many digits of a second, and
// the bits below.
const (
	stampT      = 1 << 4 // T between date and time
	stampZ      = 1 << 5
	stampLocal  = 1 << 6 // Vietnam's time, as is meant where no zone is named
	stampDigits = 1<<4 - 1
)

// stampForm recognises the way a time is written.
func stampForm(value string) (form uint8, ok bool) {
	m := stampExpr.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	if m[1] == "T" {
		form |= stampT
	}
	if m[3] == "Z" {
		form |= stampZ
	}
	return form | uint8(max(0, len(m[2])-1)), true
}

// clock writes one moment in many ways; what does not change within a second is
// kept.
type clock struct {
	at     time.Time
	second int64
	utc    [19]byte // 2006-01-02 15:04:05
	here   [19]byte
	nanos  uint32
	local  localStamps
}

// localStamps are those of text logs, in Vietnam's time.
type localStamps struct {
	second                          int64
	syslog, access, date, timeOfDay string
}

func (c *clock) set(at time.Time) {
	c.at = at
	c.nanos = uint32(at.Nanosecond())
	if s := at.Unix(); s != c.second {
		c.second = s
		at.UTC().AppendFormat(c.utc[:0], "2006-01-02 15:04:05")
		at.In(zone).AppendFormat(c.here[:0], "2006-01-02 15:04:05")
	}
}

func (c *clock) text() *localStamps {
	if l := &c.local; l.second != c.second {
		at := c.at.In(zone)
		*l = localStamps{second: c.second, syslog: at.Format("Jan _2 15:04:05"), access: at.Format("02/Jan/2006:15:04:05 -0700"), date: at.Format("2006-01-02"), timeOfDay: at.Format("15:04:05")}
	}
	return &c.local
}

func (c *clock) append(dst []byte, form uint8) []byte {
	if form&stampLocal != 0 {
		dst = append(dst, c.here[:]...)
	} else {
		dst = append(dst, c.utc[:]...)
	}
	if form&stampT != 0 {
		dst[len(dst)-9] = 'T'
	}
	if n := int(form & stampDigits); n > 0 {
		dst = append(dst, '.')
		f := c.nanos
		for i := uint32(100_000_000); n > 0 && i > 0; i /= 10 {
			dst = append(dst, byte('0'+f/i%10))
			n--
		}
	}
	if form&stampZ != 0 {
		dst = append(dst, 'Z')
	}
	return dst
}

const (
	upperHex = "0123456789ABCDEF"
	lowerHex = "0123456789abcdef"
)

// appendHex writes the lowest digits of x.
func appendHex(dst []byte, x uint64, digits int, alphabet string) []byte {
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, alphabet[x>>(4*i)&15])
	}
	return dst
}

// hexDigits is how many digits x has without leading zeros.
func hexDigits(x uint64) int {
	n := 1
	for x >>= 4; x != 0; x >>= 4 {
		n++
	}
	return n
}

func alphabet(form uint8) string {
	if form&1 != 0 {
		return lowerHex
	}
	return upperHex
}
