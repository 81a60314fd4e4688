package catalog

import (
	"fmt"
	"unsafe"

	"spate/disk/journal"
	"spate/proto/metainfo"
)

// MaxRows bounds a table: 10 million torrents take 1.5 GB.
const MaxRows = 10_000_000

// ID names a row: the rows are numbered from 0 as they come.
type ID int32

// State is where a row stands; see the package comment.
type State uint8

// The states of a row.
const (
	// Checking: its content is being read.
	Checking State = iota
	// Resting: it is complete, and nothing but the row is in memory.
	Resting
	// Waking: it was asked for, and is being loaded.
	Waking
	// Awake: the engine has a torrent for it.
	Awake
	// Settling: the loops are giving that torrent back.
	Settling
	// Gone: it has ended, and is not found any more.
	Gone
	numStates
)

var stateNames = [...]string{"checking", "resting", "waking", "awake", "settling", "gone"}

// String is the state's name.
func (s State) String() string { return stateNames[s] }

// next has, by state, those that may follow.
var next = [numStates]uint8{
	Checking: 1<<Resting | 1<<Gone,
	Resting:  1<<Waking | 1<<Checking | 1<<Gone,
	Waking:   1<<Awake | 1<<Resting | 1<<Checking | 1<<Gone,
	Awake:    1<<Settling | 1<<Gone,
	Settling: 1<<Resting | 1<<Awake | 1<<Gone,
}

// Row is a torrent. Its state is changed by Table.Move alone.
type Row struct {
	// Hash is the info-hash.
	Hash metainfo.Hash
	// Folder is the number of the folder that the torrent comes from.
	Folder uint16
	state  State
	// Served says that it was complete once in this session.
	Served bool
	// Changed says that the Record does not have the totals of this session.
	Changed bool
	// Failed says that it ended by an error.
	Failed bool
	// Name is its number among the names of its folder.
	Name int32
	// Place is where its Record lies in the folder's journal.
	Place journal.Place
	// Announce names it to the announcer, 0 where nobody is told of it.
	Announce uint64
	// Length is the content's, in bytes.
	Length int64
	// Uploaded and Downloaded are payload bytes of this session, up to the last
	// time it came to rest.
	Uploaded, Downloaded int64
}

// State is where the row stands.
func (r *Row) State() State { return r.state }

// Table is rows, found by info-hash. The zero value is empty.
type Table struct {
	rows   []Row
	index  map[metainfo.Hash]ID
	counts [numStates]int
}

// Grow makes room for n more rows, so that filling a table leaves no garbage.
func (t *Table) Grow(n int) {
	if want := len(t.rows) + n; want > cap(t.rows) {
		t.rows = append(make([]Row, 0, want), t.rows...)
	}
	if len(t.index) == 0 {
		t.index = make(map[metainfo.Hash]ID, n)
	}
}

// Add adds a row in state Checking or Resting. It returns false, and the row
// that is there, when the table has the info-hash already, and false and -1
// when it is full.
func (t *Table) Add(r Row, s State) (ID, bool) {
	if id, twice := t.index[r.Hash]; twice {
		return id, false
	}
	if len(t.rows) >= MaxRows {
		return -1, false
	}
	if t.index == nil {
		t.index = make(map[metainfo.Hash]ID)
	}
	id := ID(len(t.rows))
	r.state = s
	t.rows = append(t.rows, r)
	t.index[r.Hash] = id
	t.counts[s]++
	return id, true
}

// Find returns the row of an info-hash.
func (t *Table) Find(h metainfo.Hash) (ID, bool) {
	id, ok := t.index[h]
	return id, ok
}

// At returns a row, valid until the next Add.
func (t *Table) At(id ID) *Row { return &t.rows[id] }

// Move brings a row to another state. That there is no way is the caller's
// error, and panics.
func (t *Table) Move(id ID, to State) {
	r := &t.rows[id]
	if next[r.state]&(1<<to) == 0 {
		panic(fmt.Sprintf("catalog: row is %v and cannot become %v", r.state, to))
	}
	t.counts[r.state]--
	t.counts[to]++
	r.state = to
	if to == Gone {
		delete(t.index, r.Hash)
	}
}

// Rows is the number of rows there ever were: IDs are below it.
func (t *Table) Rows() int { return len(t.rows) }

// Len is the number of rows that are not Gone.
func (t *Table) Len() int { return len(t.rows) - t.counts[Gone] }

// Count is the number of rows in a state.
func (t *Table) Count(s State) int { return t.counts[s] }

// indexBytes is what the index takes for a row: key, value and control byte, at
// seven eighths full when it is full and half that when it has just grown.
const indexBytes = 40

// MostBytes is about what a table of MaxRows takes.
const MostBytes = MaxRows * (int64(unsafe.Sizeof(Row{})) + indexBytes)

// Bytes is the memory that the table takes, about.
func (t *Table) Bytes() int64 {
	return int64(cap(t.rows))*int64(unsafe.Sizeof(Row{})) + int64(len(t.index))*indexBytes
}
