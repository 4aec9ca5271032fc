package evtx

// displacing is what event data is called whose name is one that tells which
// event this is.
var displacing = func() (t [sysCount]string) {
	for i, s := range sysNames {
		t[i] = "EventData_" + s
	}
	return t
}()

// unique makes the names of the fields distinct: it settles who keeps a name
// that System and the event data share and joins data fields of one name to a
// list at the place of the first.
func (d *decoder) unique() error {
	for i := range d.data {
		c := &d.data[i]
		at := sysIndex(c.name)
		if at < 0 {
			continue
		}
		if identity&(1<<at) != 0 {
			c.name = displacing[at]
			continue
		}
		if d.sys[at].set {
			old := d.sys[at]
			old.name = "System_" + sysNames[at]
			d.extra = append(d.extra, old)
		}
		d.sys[at] = cell{displaced: true}
	}
	clear(d.first)
	joined := false
	tail := d.tails[:0]
	for i := range d.data {
		tail = append(tail, int32(i))
		if at, ok := d.first[d.data[i].name]; ok {
			d.data[tail[at]].next = int32(i)
			tail[at] = int32(i)
			d.data[i].set = false // part of the first
			joined = true
		} else {
			d.first[d.data[i].name] = int32(i)
		}
	}
	d.tails = tail
	if !joined {
		return nil
	}
	kept := 0
	for i := range d.data {
		if !d.data[i].set {
			continue
		}
		if d.data[i].next != 0 {
			if err := d.join(i); err != nil {
				return err
			}
		}
		d.data[kept] = d.data[i]
		kept++
	}
	d.data = d.data[:kept]
	return nil
}

// join makes the chain of fields that begins at i one list.
func (d *decoder) join(i int) error {
	start := len(d.text)
	kind := d.data[i].kind &^ List
	for j := i; ; j = int(d.data[j].next) {
		c := &d.data[j]
		if c.kind&^List != kind {
			kind = String
		}
		if j != i {
			d.text = append(d.text, 0)
		}
		d.text = append(d.text, d.text[c.off:c.end]...)
		if c.next == 0 {
			break
		}
	}
	if len(d.text) > maxRecordText {
		return errRecordText
	}
	c := &d.data[i]
	c.off, c.end, c.kind = uint32(start), uint32(len(d.text)), List|kind
	return nil
}
