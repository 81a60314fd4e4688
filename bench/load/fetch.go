package load

import (
	"bytes"
	"net/url"
	"time"

	"spate/proto/metainfo"
	"spate/reactor/loop"
)

// fetch is a leecher of a web server: blocks are ranges of a file, requests are
// pipelined (RFC 9112, 9.3.2), and answers come in their order.
type fetch struct {
	base
	ahead    loop.Peeker // nil where there is none
	distrust int         // reads without a look ahead
	path     string
	owed     owed
	limit    int // requests under way
	blocks   int
	cursor   int           // block to ask for next
	head     []byte        // of an answer, as far as it has come
	plain    int           // length of a head but for span.digits; 0 before the first
	left     int           // bytes of the payload under way
	size     int           // all of that payload
	asked    time.Duration // when it was asked for, if that is in the sample
}

func newFetch(k base) *fetch {
	cfg, info := &k.shard.g.cfg, k.slot.torrent.Info
	f := &fetch{base: k, path: webPath(k.slot.torrent), distrust: newReads}
	f.ahead, _ = k.link.(loop.Peeker)
	f.blocks = int((info.Length + metainfo.BlockSize - 1) / metainfo.BlockSize)
	f.limit = min(cfg.Outstanding, f.blocks)
	f.owed = newOwed(f.blocks, f.limit)
	f.cursor = int(int64(f.blocks) * int64(k.slot.index) / int64(cfg.Conns))
	return f
}

// webPath is where a server has the file of a torrent.
func webPath(t *metainfo.Torrent) string { return "/" + url.PathEscape(t.Info.Name) }

func (f *fetch) active() bool { return f.greeted }

// tick implements life. There is nothing to say to a server that is waited for.
func (f *fetch) tick() error { return nil }

// flush asks for more when enough was answered.
func (f *fetch) flush() error {
	done, err := f.drain()
	if err != nil || !done || f.owed.count > f.limit-max(1, f.limit/refillShare) {
		return err
	}
	b := f.shard.buf[:0]
	for f.owed.count < f.limit {
		n := f.cursor
		if f.cursor++; f.cursor == f.blocks {
			f.cursor = 0
		}
		f.owed.set.Set(n)
		f.owed.push(n, f.shard.loop.Now())
		b = f.span(n).appendGet(b, f.path)
	}
	f.shard.buf = b
	return f.write(b)
}

// span is where block n lies in the file.
func (f *fetch) span(n int) span {
	first := int64(n) * metainfo.BlockSize
	return span{first, min(first+metainfo.BlockSize, f.slot.torrent.Info.Length) - 1}
}

// take implements life.
func (f *fetch) take(data []byte) error {
	if err := f.input(data); err != nil {
		return err
	}
	f.look(f.owed.count + 1)
	return readOn(f.skip, f.read)
}

// read reads up to n bytes and looks at each.
func (f *fetch) read(n int) (int, error) {
	f.shard.iov[0] = f.shard.room()[:n]
	n, err := f.link.Readv(f.shard.iov[:])
	if n > 0 {
		err = f.input(f.shard.iov[0][:n])
	}
	f.shard.iov[0] = nil
	return n, err
}

// input takes the next bytes of the stream.
func (f *fetch) input(data []byte) error {
	for len(data) > 0 {
		if n := min(f.left, len(data)); n > 0 {
			f.passed(n)
			data = data[n:]
			continue
		}
		before := len(f.head)
		f.head = append(f.head, data[:min(len(data), maxHead-before)]...)
		end := bytes.Index(f.head, []byte(headEnd))
		if end < 0 {
			if len(f.head) == maxHead {
				return ErrHead
			}
			return nil // all of data is in the head
		}
		head := f.head[:end+len(headEnd)]
		data = data[len(head)-before:]
		f.head = f.head[:0]
		if err := f.begin(head); err != nil {
			return err
		}
	}
	return nil
}

// begin takes the head of an answer, which is to be that of the oldest request.
func (f *fetch) begin(head []byte) error {
	got, err := decodeHead(head)
	if err != nil {
		return err
	}
	if f.owed.count == 0 || got != f.span(f.owed.at(0)) {
		return ErrRange
	}
	f.plain = len(head) - got.digits()
	f.start()
	return nil
}

// start begins the payload of the oldest request.
func (f *fetch) start() {
	n, now := f.owed.at(0), f.shard.loop.Now()
	f.asked, _ = f.owed.remove(n)
	f.size = f.span(n).length()
	f.left = f.size
	if !f.greeted {
		f.greeted = true
		f.shard.g.greeted(1, now)
		f.shard.total.Unchoke.record(now - f.slot.since)
	}
	if f.asked > 0 {
		f.shard.total.FirstByte.record(now - f.asked)
	}
}

// passed counts n bytes of the payload under way, which has as many left.
func (f *fetch) passed(n int) {
	if f.left -= n; f.left > 0 {
		return
	}
	f.slot.bytes += int64(f.size)
	if f.asked > 0 {
		f.shard.total.LastByte.record(f.shard.loop.Now() - f.asked)
	}
}

// headLen is how long the head of the answer for a span is, as long as the
// server's heads differ in nothing but its numbers.
func (f *fetch) headLen(s span) int { return f.plain + s.digits() }

// skip is that of a leecher: it throws away as many whole answers as wait in the
// socket, where the head of the last one stands in its place.
func (f *fetch) skip() (int, error) {
	if f.left == 0 || f.ahead == nil || f.distrust > 0 {
		f.distrust = max(0, f.distrust-1)
		return 0, nil
	}
	waiting, err := f.ahead.Waiting()
	if err != nil {
		return 0, err
	}
	run, off := 0, f.left
	for run+1 < f.owed.count {
		one, next := f.span(f.owed.at(run)), f.span(f.owed.at(run+1))
		size := f.headLen(one) + one.length()
		if off+size+f.headLen(next) > waiting {
			break
		}
		off += size
		run++
	}
	if run < minSkip {
		n, err := f.link.Discard(f.left)
		if err == nil {
			f.passed(n)
		}
		return n, err
	}
	last := f.span(f.owed.at(run))
	head := f.shard.room()[:f.headLen(last)]
	n, err := f.ahead.Peek(off, head)
	if err != nil || n < len(head) || !startsHere(head, last) {
		f.distrust = distrustReads
		return 0, nil
	}
	off += len(head)
	if n, err := f.link.Discard(off); n < off {
		return n, dropped(n, off, err)
	}
	for range run + 1 {
		f.passed(f.left)
		f.start()
	}
	return off, nil
}

// startsHere tells whether head is just that of an answer with a span.
func startsHere(head []byte, want span) bool {
	got, err := decodeHead(head)
	return err == nil && got == want && bytes.Index(head, []byte(headEnd)) == len(head)-len(headEnd)
}
