package sim

import (
	"io"
	"math/bits"
	"strconv"
	"time"
)

// kind is what a line of the event log tells.
type kind uint8

const (
	evStart kind = iota
	evStop
	evListen
	evDial
	evDialFailed
	evOpened
	evMoved
	evSegment
	evReadable
	evWritable
	evReset
	evClosed
	evPut
	evRead
	evWarm
	evAcquire
	evSync
	evAnnounce
	evNote
)

// kindNames are the words of the log, by kind.
var kindNames = [...]string{
	evStart:      "start",
	evStop:       "stop",
	evListen:     "listen",
	evDial:       "dial",
	evDialFailed: "dial-failed",
	evOpened:     "opened",
	evMoved:      "moved",
	evSegment:    "segment",
	evReadable:   "readable",
	evWritable:   "writable",
	evReset:      "reset",
	evClosed:     "closed",
	evPut:        "put",
	evRead:       "read",
	evWarm:       "warm",
	evAcquire:    "acquire",
	evSync:       "sync",
	evAnnounce:   "announce",
	evNote:       "note",
}

// Log is the record of a world: every notable event with its virtual time, as
// a running hash and, when asked for, as text. Two runs with equal sums and
// equal counts did the same.
type Log struct {
	sum   uint64
	lines uint64
	out   io.Writer
	buf   []byte
}

// Sum is the hash of all lines so far. It is no cryptographic one.
func (l *Log) Sum() uint64 { return l.sum }

// Lines is the number of lines so far.
func (l *Log) Lines() uint64 { return l.lines }

// mix folds x into the hash.
func (l *Log) mix(x uint64) {
	hi, lo := bits.Mul64(l.sum^x^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	l.sum = hi ^ lo
}

// add appends a line: who did what, with two numbers that depend on the kind
// (most often a connection and a size in bytes) and a text.
func (l *Log) add(now time.Duration, host int, k kind, id, n int, text string) {
	l.lines++
	if l.out != nil {
		l.write(now, host, k, id, n, text)
	}
	l.mix(uint64(now))
	l.mix(uint64(host)<<8 | uint64(k))
	l.mix(uint64(id))
	l.mix(uint64(n))
	for ; len(text) >= 8; text = text[8:] {
		l.mix(uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
			uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56)
	}
	for i := range len(text) {
		l.mix(uint64(text[i]))
	}
}

// write puts a line out as text: seconds, host, event, connection, number and
// what there is to say. An error of the writer does not stop the world.
func (l *Log) write(now time.Duration, host int, k kind, id, n int, text string) {
	b := strconv.AppendFloat(l.buf[:0], now.Seconds(), 'f', 9, 64)
	b = append(b, " h"...)
	b = strconv.AppendInt(b, int64(host), 10)
	b = append(b, ' ')
	b = append(b, kindNames[k]...)
	b = append(b, " c"...)
	b = strconv.AppendInt(b, int64(id), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(n), 10)
	if text != "" {
		b = append(b, ' ')
		b = append(b, text...)
	}
	b = append(b, '\n')
	l.buf = b
	_, _ = l.out.Write(l.buf)
}
