package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Promises of what a .torrent may cost.
const (
	// hostileBytes is the size of each hostile .torrent, or a little less.
	hostileBytes = 16 << 20
	// refusedMemory is the most that refusing one may take, in bytes, beyond
	// what a tiny torrent does.
	refusedMemory = 64 << 20
	// refusedCPU is the most that it may take of the processors.
	refusedCPU = 5 * time.Second
)

// hostile is a .torrent that is refused.
type hostile struct {
	what string
	make func() string
	want string // in the error
}

// fill is as many of a part as fit, between a head and a tail; each is told its
// number, and an empty one is the last.
func fill(head, tail string, part func(n int) string) string {
	var b strings.Builder
	b.Grow(hostileBytes)
	b.WriteString(head)
	for n := 0; ; n++ {
		p := part(n)
		if p == "" || b.Len()+len(p)+len(tail) > hostileBytes {
			break
		}
		b.WriteString(p)
	}
	b.WriteString(tail)
	return b.String()
}

// always is a part for fill.
func always(part string) func(int) string { return func(int) string { return part } }

const (
	// infoHead and infoTail enclose the rest of an info dictionary.
	infoHead = "d4:infod"
	infoTail = "4:name1:t12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee"
	// oneFile is the rest that makes it sound.
	oneFile = "6:lengthi5e"
)

// text is a string in bencoding.
func text(s string) string { return strconv.Itoa(len(s)) + ":" + s }

var hostiles = []hostile{
	{"lists in lists", func() string { return fill("", "", always("l")) }, "more than 300 levels"},
	{"dictionaries in dictionaries", func() string { return fill("", "", always("d1:a")) }, "more than 300 levels"},
	{"empty strings", func() string { return fill("d1:al", "e"+infoHead[1:]+oneFile+infoTail, always("0:")) }, "more than 8000000 tokens"},
	{"empty dictionaries", func() string { return fill("d1:al", "e"+infoHead[1:]+infoTail, always("de")) }, "more than 8000000 tokens"},
	{"files of nothing", func() string {
		return fill(infoHead+"5:filesl", "e"+infoTail, func(n int) string {
			if n < 7_900_000 {
				return "de"
			}
			return ""
		})
	}, "more than 1000000"},
	{"pieces for fewer files", func() string {
		return fill(infoHead+"5:filesl", "e"+infoTail, func(n int) string { return "d6:lengthi9e4:pathl" + text(strconv.Itoa(n)) + "ee" })
	}, `"pieces" has 1 hashes`},
	{"lengths whose sum overflows", func() string {
		return fill(infoHead+"5:filesl", strings.Repeat("d6:lengthi4611686018427387904e4:pathl1:aee", 2)+"e"+infoTail,
			always("d6:lengthi1e4:pathl1:aee"))
	}, "the files take more than 9223372036854775807 bytes"},
	{"a negative length at the end", func() string {
		return fill(infoHead+"5:filesl", "d6:lengthi-1e4:pathl1:aeee"+infoTail, always("d6:lengthi1e4:pathl1:aee"))
	}, `"length" is -1`},
	{"a path of millions", func() string {
		return fill(infoHead+"5:filesld6:lengthi1e4:pathl", "eee"+infoTail, always("1:a"))
	}, "more than 256"},
	{"paths that are no text", func() string {
		return fill(infoHead+"5:filesl", "d6:lengthi1e4:pathli1eeee"+infoTail, always("d6:lengthi1e4:pathl2:..ee"))
	}, `"path" is a list, not a list of strings`},
	{"trackers by the million", func() string { return fill("d13:announce-listl", "e4:infodee", always("l8:http://ae")) }, `no "name"`},
	{"a comment of 16 MiB", func() string {
		return "d7:comment" + text(strings.Repeat("\x1b\xff", hostileBytes/2-100)) + infoHead[1:] + infoTail
	}, `no "length", and no "files"`},
	{"a name of 16 MiB", func() string {
		return "d4:infod6:lengthi5e4:name" + text(strings.Repeat("\xff", hostileBytes-100)) + "12:piece lengthi0e6:pieces0:ee"
	}, `"piece length" is 0`},
	{"hashes for nothing", func() string {
		return "d4:infod6:lengthi5e4:name1:t12:piece lengthi16384e6:pieces" + text(strings.Repeat("a", 16_777_000)) + "ee"
	}, `hashes, but 5 bytes`},
	{"hashes cut off", func() string {
		return "d4:infod6:lengthi5e4:name1:t12:piece lengthi16384e6:pieces" + text(strings.Repeat("a", 16_777_001)) + "ee"
	}, "not a multiple of 20"},
	{"a string longer than the file", func() string { return "d4:info2147483647:" + strings.Repeat("a", hostileBytes-100) }, "string of 2147483647 bytes"},
	{"a length of its own", func() string { return strings.Repeat("9", hostileBytes) }, "number beyond 2147483647"},
	{"keys by the million", func() string {
		return fill("d", "e", func(n int) string { return "8:" + strconv.Itoa(10_000_000+n) + "le" })
	}, "more than 1048576 keys"},
	{"a key twice among a million", func() string {
		return fill("d", "8:100000000:e", func(n int) string {
			if n < 1<<20-1 {
				return "8:" + strconv.Itoa(10_000_000+n*7_654_321%(1<<24)) + "0:"
			}
			return ""
		})
	}, "twice"},
	{"keys out of order, in pieces", func() string { return fill("d1:al", "e4:infodee", always("d1:ble1:alee")) }, `no "name"`},
	{"leading zeros at the end", func() string { return fill("d1:al", "i01eee", always("i7e")) }, "leading zero"},
	{"a number beyond 64 bits", func() string { return fill("d1:al", "i99999999999999999999eee", always("3:abc")) }, "number beyond 9223372036854775807"},
	{"bytes behind", func() string { return "de" + strings.Repeat("e", hostileBytes-2) }, "bytes behind the value"},
}

// TestHostileTorrents: a .torrent of up to 16 MiB that is refused is refused by
// one line, by any command, and costs at most 64 MiB and 5 s of processor.
func TestHostileTorrents(t *testing.T) {
	l := parallel(t)
	tiny := l.path("tiny.torrent")
	l.must(os.WriteFile(tiny, []byte(infoHead+oneFile+infoTail), 0o644))
	base := l.spend("info", tiny)
	if base.Code != 0 {
		l.Fatalf("a tiny torrent: %+v", base)
	}
	commands := [][]string{{"info"}, {"check", "-d", l.dir}, {"get", "-d", l.dir}, {"seed", "-d", l.dir}}
	var most spent
	for i, h := range hostiles {
		path := l.path(fmt.Sprintf("%d.torrent", i))
		data := h.make()
		if len(data) > hostileBytes {
			l.Fatalf("%s: %d bytes", h.what, len(data))
		}
		l.must(os.WriteFile(path, []byte(data), 0o644))
		args := commands[i%len(commands)]
		s := l.spend(append([]string{args[0], path}, args[1:]...)...)
		l.must(os.Remove(path))
		memory := (s.Memory - base.Memory) << 10
		if s.Code != 1 || strings.Count(s.Said, "\n") != 1 || !strings.Contains(s.Said, h.want) || len(s.Said) > 400 {
			l.Errorf("%s: %s: exit code %d, said %q; want one line with %q", h.what, args[0], s.Code, s.Said, h.want)
		}
		if memory > refusedMemory || s.CPU > refusedCPU {
			l.Errorf("%s: %d MiB and %v of processor", h.what, memory>>20, s.CPU)
		}
		l.Logf("%-32s %5.1f MiB %7v %s", h.what, float64(memory)/(1<<20), s.CPU.Round(time.Millisecond), strings.TrimSpace(s.Said))
		most.Memory, most.CPU = max(most.Memory, memory), max(most.CPU, s.CPU)
	}
	l.Logf("at most %.1f MiB and %v of processor", float64(most.Memory)/(1<<20), most.CPU)
}

// TestLargeTorrents: what a sound torrent costs is bounded by its size, also
// when all its names have to be told apart.
func TestLargeTorrents(t *testing.T) {
	l := parallel(t)
	tiny := l.path("tiny.torrent")
	l.must(os.WriteFile(tiny, []byte(infoHead+oneFile+infoTail), 0o644))
	base := l.spend("info", tiny)
	// listed is a torrent of files of one byte each, in one piece.
	listed := func(most int, name func(n int) string) string {
		return fill(infoHead+"5:filesl", fmt.Sprintf("e4:name1:t12:piece lengthi%de6:pieces20:aaaaaaaaaaaaaaaaaaaaee", 1<<24), func(n int) string {
			if n == most {
				return ""
			}
			return "d6:lengthi1e4:pathl" + text(name(n)) + "ee"
		})
	}
	check := func(what, data string, most int64) {
		t.Helper()
		path := l.path("large.torrent")
		l.must(os.WriteFile(path, []byte(data), 0o644))
		s := l.spend("info", path)
		memory := (s.Memory - base.Memory) << 10
		if s.Code != 0 || memory > most {
			l.Errorf("%s: %+v, %d MiB; want at most %d MiB", what, s, memory>>20, most>>20)
		}
		l.Logf("%-24s %5.1f MiB of torrent: %5.1f MiB %v", what, float64(len(data))/(1<<20), float64(memory)/(1<<20), s.CPU.Round(time.Millisecond))
	}
	check("100,000 files", listed(100_000, func(n int) string { return fmt.Sprintf("a file with the number %06d", n) }), 96<<20)
	check("100,000 of one name", listed(100_000, func(int) string { return "one name for all" }), 96<<20)
	check("as many files as fit", listed(-1, strconv.Itoa), 320<<20)
	check("as many hashes as fit", infoHead+"6:lengthi838400e4:name1:t12:piece lengthi1e6:pieces"+text(strings.Repeat("a", 20*838_400))+"ee", 96<<20)
}
