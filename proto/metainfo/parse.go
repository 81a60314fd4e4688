package metainfo

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"

	"spate/proto/bencode"
)

// ErrV2 says that a torrent has no version 1 part.
var ErrV2 = errors.New("a torrent of version 2 only (BEP 52), which is not supported")

// errNoDict refuses what is bencoded, but no dictionary.
var errNoDict = errors.New("not a dictionary")

// Everything is looked at in place, and an info dictionary is checked as a
// whole before anything is made of it: what is refused costs next to nothing.
// Optional keys of an unexpected type do not spoil the rest.

// torrentDict is a .torrent file.
type torrentDict struct {
	info, announce, announceList, urlList         bencode.View
	comment, commentUTF8, createdBy, creationDate bencode.View
}

// infoDict is an info dictionary.
type infoDict struct {
	name, nameUTF8, pieceLength, pieces, length, files bencode.View
	attr, private, source, metaVersion                 bencode.View
}

// fileDict is one entry of "files".
type fileDict struct {
	length, path, pathUTF8, attr bencode.View
}

func lookTorrent(v bencode.View) (d torrentDict) {
	for key, value := range v.Entries() {
		switch string(key) {
		case "info":
			d.info = value
		case "announce":
			d.announce = value
		case "announce-list":
			d.announceList = value
		case "url-list":
			d.urlList = value
		case "comment":
			d.comment = value
		case "comment.utf-8":
			d.commentUTF8 = value
		case "created by":
			d.createdBy = value
		case "creation date":
			d.creationDate = value
		}
	}
	return d
}

func lookInfo(v bencode.View) (d infoDict) {
	for key, value := range v.Entries() {
		switch string(key) {
		case "name":
			d.name = value
		case "name.utf-8":
			d.nameUTF8 = value
		case "piece length":
			d.pieceLength = value
		case "pieces":
			d.pieces = value
		case "length":
			d.length = value
		case "files":
			d.files = value
		case "attr":
			d.attr = value
		case "private":
			d.private = value
		case "source":
			d.source = value
		case "meta version":
			d.metaVersion = value
		}
	}
	return d
}

func lookFile(v bencode.View) (d fileDict) {
	for key, value := range v.Entries() {
		switch string(key) {
		case "length":
			d.length = value
		case "path":
			d.path = value
		case "path.utf-8":
			d.pathUTF8 = value
		case "attr":
			d.attr = value
		}
	}
	return d
}

// Parse reads a .torrent file. The result keeps nothing of data. Errors are
// one line that says what is wrong, ErrV2 among them.
func Parse(data []byte) (*Torrent, error) {
	v, err := bencode.Look(data, bencode.ForMetainfo())
	switch {
	case err != nil:
		return nil, err
	case v.Type() != bencode.Dictionary:
		return nil, errNoDict
	}
	d := lookTorrent(v)
	if d.info == nil {
		return nil, errors.New(`no "info"`)
	}
	if err := checkInfo(d.info); err != nil {
		return nil, fmt.Errorf("info: %w", err)
	}
	t := &Torrent{
		InfoHash:  sha1.Sum(d.info),
		InfoBytes: bytes.Clone(d.info),
		Tiers:     parseTiers(d.announceList, d.announce),
		WebSeeds:  parseWebSeeds(d.urlList),
		Comment:   line(pick(d.commentUTF8, d.comment)),
		CreatedBy: line(d.createdBy),
	}
	t.Info = makeInfo(t.InfoBytes)
	if at, ok := d.creationDate.Int(); ok && at > 0 {
		t.CreationDate = at
	}
	return t, nil
}

// ParseInfo reads an info dictionary, of which it keeps nothing. Its errors
// lack the "info: " that those of Parse have.
func ParseInfo(info []byte) (*Info, error) {
	v, err := bencode.Look(info, bencode.ForMetainfo())
	if err == nil {
		err = checkInfo(v)
	}
	if err != nil {
		return nil, err
	}
	i := makeInfo(v)
	i.pieces = bytes.Clone(i.pieces)
	return i, nil
}

// makeInfo makes an Info of a dictionary that was checked, whose pieces stay
// in place.
func makeInfo(v bencode.View) *Info {
	d := lookInfo(v)
	i := &Info{Source: line(d.source)}
	name, _ := pick(d.nameUTF8, d.name).Text()
	if i.Name = safeName(name); i.Name == "" {
		i.Name = Hash(sha1.Sum(v)).String()
	}
	if private, ok := d.private.Int(); ok {
		i.Private = private != 0
	}
	i.PieceLength, _ = d.pieceLength.Int()
	i.pieces, _ = d.pieces.Text()
	i.setFiles(&d)
	return i
}
