package metainfo

import (
	"crypto/sha1"
	"errors"
	"fmt"

	"spate/proto/bencode"
)

// ErrV2 says that a torrent has no version 1 part.
var ErrV2 = errors.New("a torrent of version 2 only (BEP 52), which is not supported")

// Optional keys have fields of type any, so that one of an unexpected type
// does not spoil the rest.

// torrentDict is a .torrent file.
type torrentDict struct {
	Info         bencode.Raw `bencode:"info"`
	Announce     any         `bencode:"announce"`
	AnnounceList any         `bencode:"announce-list"`
	URLList      any         `bencode:"url-list"`
	Comment      any         `bencode:"comment"`
	CommentUTF8  any         `bencode:"comment.utf-8"`
	CreatedBy    any         `bencode:"created by"`
	CreationDate any         `bencode:"creation date"`
}

// infoDict is an info dictionary.
type infoDict struct {
	Name        any        `bencode:"name"`
	NameUTF8    any        `bencode:"name.utf-8"`
	PieceLength any        `bencode:"piece length"`
	Pieces      any        `bencode:"pieces"`
	Length      any        `bencode:"length"`
	Files       []fileDict `bencode:"files"`
	Attr        any        `bencode:"attr"`
	Private     any        `bencode:"private"`
	Source      any        `bencode:"source"`
	MetaVersion any        `bencode:"meta version"`
}

// fileDict is one entry of "files".
type fileDict struct {
	Length   any `bencode:"length"`
	Path     any `bencode:"path"`
	PathUTF8 any `bencode:"path.utf-8"`
	Attr     any `bencode:"attr"`
}

// Parse reads a .torrent file. The result keeps nothing of data. Errors are
// one line that says what is wrong, ErrV2 among them.
func Parse(data []byte) (*Torrent, error) {
	var d torrentDict
	err := bencode.Unmarshal(data, &d, bencode.ForMetainfo())
	switch {
	case errors.Is(err, bencode.ErrType):
		return nil, errors.New("not a dictionary")
	case err != nil:
		return nil, err
	case d.Info == nil:
		return nil, errors.New(`no "info"`)
	}
	info, err := ParseInfo(d.Info)
	if err != nil {
		return nil, fmt.Errorf("info: %w", err)
	}
	t := &Torrent{
		InfoHash:  sha1.Sum(d.Info),
		InfoBytes: d.Info,
		Info:      info,
		Tiers:     parseTiers(d.AnnounceList, d.Announce),
		WebSeeds:  parseWebSeeds(d.URLList),
		Comment:   line(pick(d.CommentUTF8, d.Comment)),
		CreatedBy: line(d.CreatedBy),
	}
	if at, ok := d.CreationDate.(int64); ok && at > 0 {
		t.CreationDate = at
	}
	return t, nil
}

// ParseInfo reads an info dictionary, of which it keeps nothing. Its errors
// lack the "info: " that those of Parse have.
func ParseInfo(info []byte) (*Info, error) {
	files, _, err := bencode.Lookup(info, "files", bencode.ForMetainfo())
	switch {
	case errors.Is(err, bencode.ErrType):
		return nil, errors.New("not a dictionary")
	case err != nil:
		return nil, err
	}
	// Two bytes can be a file, which takes 64 once it is decoded.
	if n, err := bencode.Len(files, bencode.ForMetainfo()); err == nil && n > MaxFiles {
		return nil, fmt.Errorf("%d files, more than %d", n, MaxFiles)
	}
	var d infoDict
	if err := bencode.Unmarshal(info, &d, bencode.ForMetainfo()); err != nil {
		return nil, errors.New(`"files" is not a list of dictionaries`)
	}
	if version, _ := d.MetaVersion.(int64); version > 1 && d.Pieces == nil {
		return nil, ErrV2
	}
	i := &Info{Source: line(d.Source)}
	name, ok := pick(d.NameUTF8, d.Name).(string)
	if !ok {
		return nil, unexpected("name", d.Name, "a string")
	}
	if i.Name = safeName(name); i.Name == "" {
		i.Name = Hash(sha1.Sum(info)).String()
	}
	if d.Private != nil {
		private, err := integer("private", d.Private)
		if err != nil {
			return nil, err
		}
		i.Private = private != 0
	}
	if err := i.setFiles(&d); err != nil {
		return nil, err
	}
	if err := i.setPieces(&d); err != nil {
		return nil, err
	}
	return i, nil
}

// setPieces fills in the pieces, which must be those of i.Length.
func (i *Info) setPieces(d *infoDict) (err error) {
	if i.PieceLength, err = integer("piece length", d.PieceLength); err != nil {
		return err
	}
	if i.PieceLength < 1 || i.PieceLength > MaxPieceLength {
		return fmt.Errorf(`"piece length" is %d, not 1 to %d`, i.PieceLength, MaxPieceLength)
	}
	var ok bool
	if i.pieces, ok = d.Pieces.(string); !ok {
		return unexpected("pieces", d.Pieces, "a string")
	}
	if len(i.pieces)%hashSize != 0 {
		return fmt.Errorf(`"pieces" is %d bytes, not a multiple of %d`, len(i.pieces), hashSize)
	}
	n := int64(i.NumPieces())
	if n > MaxPieces {
		return fmt.Errorf("%d pieces, more than %d", n, MaxPieces)
	}
	if want := (i.Length-1)/i.PieceLength + 1; n != want {
		return fmt.Errorf(`"pieces" has %d hashes, but %d bytes in pieces of %d make %d`, n, i.Length, i.PieceLength, want)
	}
	return nil
}

// integer is the value of a key that must be an integer.
func integer(key string, v any) (int64, error) {
	n, ok := v.(int64)
	if !ok {
		return 0, unexpected(key, v, "an integer")
	}
	return n, nil
}

// unexpected is the error for a key whose value is not what it must be.
func unexpected(key string, v any, want string) error {
	switch v.(type) {
	case nil:
		return fmt.Errorf("no %q", key)
	case string:
		return fmt.Errorf("%q is a string, not %s", key, want)
	case int64:
		return fmt.Errorf("%q is an integer, not %s", key, want)
	case []any:
		return fmt.Errorf("%q is a list, not %s", key, want)
	default:
		return fmt.Errorf("%q is a dictionary, not %s", key, want)
	}
}
