package metainfo

import (
	"errors"
	"fmt"
	"math"

	"spate/proto/bencode"
)

// checkInfo says what is wrong with an info dictionary, and allocates nothing
// for that: two bytes can be a file, which takes a hundred once it is made.
func checkInfo(v bencode.View) error {
	if v.Type() != bencode.Dictionary {
		return errNoDict
	}
	d := lookInfo(v)
	files, err := countFiles(d.files)
	if err != nil {
		return err
	}
	if version, _ := d.metaVersion.Int(); version > 1 && d.pieces == nil {
		return ErrV2
	}
	if name := pick(d.nameUTF8, d.name); name.Type() != bencode.String {
		return unexpected("name", d.name, bencode.String)
	}
	if _, ok := d.private.Int(); !ok && d.private != nil {
		return unexpected("private", d.private, bencode.Integer)
	}
	length, err := d.checkLength(files)
	if err != nil {
		return err
	}
	return d.checkPieces(length)
}

// countFiles is the number of files in "files", which need not be there.
func countFiles(files bencode.View) (n int, err error) {
	ok := files == nil || files.Type() == bencode.List
	for f := range files.Elements() {
		ok = ok && f.Type() == bencode.Dictionary
		n++
	}
	switch {
	case n > MaxFiles:
		return 0, fmt.Errorf("%d files, more than %d", n, MaxFiles)
	case !ok:
		return 0, errors.New(`"files" is not a list of dictionaries`)
	}
	return n, nil
}

// checkLength checks the files, of which there are that many in the list, and
// returns the sum of their lengths.
func (d *infoDict) checkLength(files int) (sum int64, err error) {
	switch {
	case d.length == nil && files == 0:
		return 0, errors.New(`no "length", and no "files"`)
	case d.length != nil && files > 0:
		return 0, errors.New(`both "length" and "files"`)
	case d.length != nil:
		sum, err = checkFile(d.length, makeFlags(d.attr), 0)
	default:
		sum, err = d.checkFiles()
	}
	if err == nil && sum == 0 {
		err = errors.New("no content: the files are empty")
	}
	return sum, err
}

// checkFiles checks the list of files and returns the sum of their lengths.
func (d *infoDict) checkFiles() (sum int64, err error) {
	n := 0
	for v := range d.files.Elements() {
		n++
		f := lookFile(v)
		flags := makeFlags(f.attr)
		length, err := checkFile(f.length, flags, sum)
		if err == nil {
			err = f.checkPath(flags.Pad)
		}
		if err != nil {
			return 0, fmt.Errorf("file %d: %w", n, err)
		}
		sum += length
	}
	return sum, nil
}

// checkFile checks a file that lies behind offset bytes of others, and returns
// its length.
func checkFile(length bencode.View, flags File, offset int64) (int64, error) {
	n, ok := length.Int()
	switch {
	case length == nil && flags.Symlink: // BEP 47: links may lack a length
		return 0, nil
	case !ok:
		return 0, unexpected("length", length, bencode.Integer)
	case n < 0:
		return 0, fmt.Errorf(`"length" is %d`, n)
	case n > math.MaxInt64-offset:
		return 0, fmt.Errorf("the files take more than %d bytes", int64(math.MaxInt64))
	}
	return n, nil
}

// checkPath checks the path of a file of several.
func (d *fileDict) checkPath(pad bool) error {
	elements := d.elements()
	if elements == nil {
		if pad && d.path == nil { // BEP 47: padding may lack a path
			return nil
		}
		return unexpected("path", d.path, "a list of strings")
	}
	n := 1 // the folder round the files
	for e := range elements.Elements() {
		if name, _ := e.Text(); !empty(name) {
			n++
		}
	}
	if n > MaxPathElements {
		return fmt.Errorf("a path of %d elements, more than %d", n, MaxPathElements)
	}
	return nil
}

// checkPieces checks the pieces, which must be those of length bytes.
func (d *infoDict) checkPieces(length int64) error {
	size, ok := d.pieceLength.Int()
	if !ok {
		return unexpected("piece length", d.pieceLength, bencode.Integer)
	}
	if size < 1 || size > MaxPieceLength {
		return fmt.Errorf(`"piece length" is %d, not 1 to %d`, size, MaxPieceLength)
	}
	pieces, ok := d.pieces.Text()
	if !ok {
		return unexpected("pieces", d.pieces, bencode.String)
	}
	if len(pieces)%hashSize != 0 {
		return fmt.Errorf(`"pieces" is %d bytes, not a multiple of %d`, len(pieces), hashSize)
	}
	n := int64(len(pieces) / hashSize)
	if n > MaxPieces {
		return fmt.Errorf("%d pieces, more than %d", n, MaxPieces)
	}
	if want := (length-1)/size + 1; n != want {
		return fmt.Errorf(`"pieces" has %d hashes, but %d bytes in pieces of %d make %d`, n, length, size, want)
	}
	return nil
}

// unexpected is the error for a key whose value is not what it must be.
func unexpected(key string, v bencode.View, want any) error {
	if v == nil {
		return fmt.Errorf("no %q", key)
	}
	return fmt.Errorf("%q is %v, not %v", key, v.Type(), want)
}
