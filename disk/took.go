package disk

import "time"

// Op is a kind of job, for Config.Took.
type Op uint8

// The kinds of jobs.
const (
	// OpQueue: a read, warm or open waits for a reader.
	OpQueue Op = iota
	// OpRead: a range of a piece is read.
	OpRead
	// OpWarm: a range is brought into memory.
	OpWarm
	// OpOpen: a file is opened for a loop.
	OpOpen
	// OpHash: a piece put waits for company and a hasher, and is hashed.
	OpHash
	// OpWrite: a piece is written.
	OpWrite
	// OpSync: a file is made durable.
	OpSync
	// Ops is the number of kinds.
	Ops
)

// String is the kind's name.
func (o Op) String() string {
	return [Ops]string{"queue", "read", "warm", "open", "hash", "write", "sync"}[o]
}

// start is when a job begins that is to be measured.
func (d *Disk) start() (at time.Time) {
	if d.cfg.Took != nil {
		at = time.Now()
	}
	return at
}

// took tells that a job which began then has ended; the next may begin at the
// time returned.
func (d *Disk) took(op Op, began time.Time) (now time.Time) {
	if d.cfg.Took != nil {
		now = time.Now()
		d.cfg.Took(op, now.Sub(began))
	}
	return now
}
