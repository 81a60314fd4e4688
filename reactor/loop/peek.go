package loop

// Peeker is a Conn that can look ahead in what it has received, so that a
// reader who knows what is due can throw much away at once by Discard. A
// network may do without, and a Conn is asked by a type assertion.
type Peeker interface {
	Conn
	// Waiting returns how many bytes are there to be read.
	Waiting() (int, error)
	// Peek copies the bytes from off on, counted from the next one to be read,
	// into b, takes none of them, and returns how many there were: fewer than
	// len(b) where no more have come, ErrAgain for none at all. Any other error
	// says that looking ahead is not possible here.
	Peek(off int, b []byte) (int, error)
}
