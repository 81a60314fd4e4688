//go:build !linux

package disk

// readNow needs preadv2(2).
func (*Handle) readNow([][]byte, int64) (int, bool) { return 0, false }

// arrived does not know.
func (*Handle) arrived(int64, int) bool { return false }
