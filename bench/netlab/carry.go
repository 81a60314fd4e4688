package netlab

import (
	"io"
	"sync"
	"time"
)

// Limits of a direction that is held in this process.
const (
	// maxOnWay bounds the packets between two ends, for lines without a rate:
	// half a second at a million packets a second is no longer one machine.
	// At 2 KiB each that is 128 MiB in the worst case.
	maxOnWay = 64 << 10
	// packetRoom is that of one packet in bytes: a frame, and a tag.
	packetRoom = 2 << 10
	// early is how much before its time a packet may go: timers of the system
	// are no finer, and one wake-up serves all packets within it.
	early = 100 * time.Microsecond
)

// packet is what is on its way.
type packet struct {
	due    time.Duration
	buffer *[packetRoom]byte
	length int
}

// carrier brings packets from one end of a line to the other.
type carrier struct {
	from  io.Reader // one packet a read
	to    io.Writer // one packet a write
	wire  wire
	begin time.Time
	onWay chan packet
	spare sync.Pool // of *[packetRoom]byte
}

func newCarrier(from io.Reader, to io.Writer, w wire) *carrier {
	return &carrier{
		from: from, to: to, wire: w, begin: time.Now(), onWay: make(chan packet, maxOnWay),
		spare: sync.Pool{New: func() any { return new([packetRoom]byte) }},
	}
}

// run carries until from fails, as it does once it is closed.
func (c *carrier) run() {
	var given sync.WaitGroup
	given.Go(c.give)
	c.take()
	close(c.onWay)
	given.Wait()
}

// take reads packets and says when they are due.
func (c *carrier) take() {
	for {
		buffer := c.spare.Get().(*[packetRoom]byte)
		n, err := c.from.Read(buffer[:])
		if err != nil {
			return
		}
		due, ok := c.wire.pass(time.Since(c.begin), n)
		if ok {
			select {
			case c.onWay <- packet{due, buffer, n}:
				continue
			default: // too many: lost
			}
		}
		c.spare.Put(buffer)
	}
}

// give writes packets when they are due. One that the other end does not take
// is lost, as on any line.
func (c *carrier) give() {
	for p := range c.onWay {
		if wait := p.due - time.Since(c.begin); wait > early {
			time.Sleep(wait)
		}
		_, _ = c.to.Write(p.buffer[:p.length])
		c.spare.Put(p.buffer)
	}
}
