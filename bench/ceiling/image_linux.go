package ceiling

import (
	"errors"
	"fmt"

	"spate/bench/load"
	"spate/proto/metainfo"
	"spate/proto/wire"
	"spate/reactor/pipes"
	"spate/reactor/wirecache"
)

const (
	// blockWire is the size in bytes of a block with its header.
	blockWire = wire.PieceHeaderLen + metainfo.BlockSize
	// sheetBlocks is how many blocks are laid out at a time: 32 MiB of them,
	// which is what is in memory a second time meanwhile.
	sheetBlocks = 2048
	// sheetWire is the size in bytes of such a sheet.
	sheetWire = sheetBlocks * blockWire
)

// image is the content in wire form. Block n begins at n*blockWire; only the
// last one may be shorter.
type image struct {
	info   *metainfo.Info
	blocks int
	size   int64
	lay    func(parts [][]byte, size int64) (wirecache.Memory, error)
	sheets []wirecache.Memory
}

func newImage(info *metainfo.Info, content load.Source, piped bool) (*image, error) {
	if info.PieceLength%metainfo.BlockSize != 0 {
		return nil, ErrPieceLength
	}
	m := &image{info: info, blocks: int((info.Length + metainfo.BlockSize - 1) / metainfo.BlockSize), lay: wirecache.File}
	if piped {
		m.lay = func(parts [][]byte, size int64) (wirecache.Memory, error) { return pipes.Fill(parts, size) }
	}
	m.size = info.Length + int64(m.blocks)*wire.PieceHeaderLen
	buf := make([]byte, sheetBlocks*metainfo.BlockSize)
	for from := 0; from < m.blocks; from += sheetBlocks {
		if err := m.add(content, from, buf); err != nil {
			return nil, errors.Join(err, m.close())
		}
	}
	return m, nil
}

// add lays out the sheet of the blocks from one on.
func (m *image) add(content load.Source, from int, buf []byte) error {
	var parts [][]byte
	size, off := int64(0), int64(from)*metainfo.BlockSize
	for n := from; n < min(from+sheetBlocks, m.blocks); n++ {
		r := m.request(n)
		block := buf[:r.Length]
		buf = buf[r.Length:]
		for done := 0; done < len(block); {
			file, at, in := content.Segment(off, len(block)-done)
			k, err := file.ReadAt(block[done:done+in], at)
			if k < in {
				return fmt.Errorf("content ends early: %w", err)
			}
			done += k
			off += int64(k)
		}
		parts = append(parts, wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length), block)
		size += int64(wire.PieceHeaderLen + len(block))
	}
	sheet, err := m.lay(parts, size)
	if err == nil {
		m.sheets = append(m.sheets, sheet)
	}
	return err
}

// request is the only one that block n answers.
func (m *image) request(n int) wire.Request {
	off := int64(n) * metainfo.BlockSize
	return wire.Request{
		Index: uint32(off / m.info.PieceLength), Begin: uint32(off % m.info.PieceLength),
		Length: uint32(min(metainfo.BlockSize, m.info.Length-off)),
	}
}

// find returns where the answer to a request lies, and false when there is none.
func (m *image) find(r wire.Request) (span, bool) {
	off := int64(r.Index)*m.info.PieceLength + int64(r.Begin)
	n := int(off / metainfo.BlockSize)
	if n >= m.blocks || m.request(n) != r {
		return span{}, false
	}
	begin := int64(n) * blockWire
	return span{begin, begin + wire.PieceHeaderLen + int64(r.Length)}, true
}

// at returns the sheet that holds the image from off on, where in it, and how
// many of the bytes up to end it has.
func (m *image) at(off, end int64) (sheet wirecache.Memory, in int64, n int) {
	i := off / sheetWire
	return m.sheets[i], off % sheetWire, int(min(end, (i+1)*sheetWire) - off)
}

func (m *image) close() error {
	var errs []error
	for _, s := range m.sheets {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
