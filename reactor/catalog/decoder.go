package catalog

import (
	"spate/disk/fields"
	"spate/disk/vfs"
)

// minFile is the least that a file takes, in bytes.
const minFile = 1 + 1 + 8

// decoder takes the fields of a Record.
type decoder struct{ fields.Decoder }

// count takes a number of fields that have at least size bytes each, and so is
// no larger than what follows.
func (d *decoder) count(size int) int {
	n := d.Number()
	if n > int64(d.Left()/size) {
		d.Fail()
		return 0
	}
	return int(n)
}

func (d *decoder) text() []byte { return d.Take(d.count(1)) }

func (d *decoder) stamp() vfs.Stamp {
	return vfs.Stamp{Size: d.Signed(), ModTime: d.Int64()}
}
