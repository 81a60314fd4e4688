package metrics

import (
	"bytes"
	"os"
	"strconv"

	"spate/reactor"
)

// processIO is where Linux says what a process has read and written. It counts
// what the page cache did not have, whoever of the process asked for it, a
// sendfile(2) as well; other systems have no such file.
const processIO = "/proc/self/io"

// storageFamilies is what the process cost its disks.
func storageFamilies(path string) []family {
	one := func(name, field, help string) family {
		return family{name: name, kind: counter, help: help, engine: func(_ *reactor.Stats, to sink) {
			if text, err := os.ReadFile(path); err == nil {
				if n, ok := ioField(text, field); ok {
					to.count(n)
				}
			}
		}}
	}
	return []family{
		one("spate_storage_read_bytes_total", "read_bytes", "What the process had storage read, as the page cache had it not (Linux)."),
		one("spate_storage_written_bytes_total", "write_bytes", "What the process had storage write (Linux)."),
	}
}

// ioField is the number behind a name in lines of "name: number".
func ioField(text []byte, name string) (int64, bool) {
	for line := range bytes.Lines(text) {
		if key, value, ok := bytes.Cut(bytes.TrimSpace(line), []byte(": ")); ok && string(key) == name {
			n, err := strconv.ParseInt(string(value), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
