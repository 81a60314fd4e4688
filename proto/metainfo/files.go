package metainfo

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"spate/proto/bencode"
)

// setFiles fills in the files and their sum, from a dictionary that was
// checked. i.Name must be there.
func (i *Info) setFiles(d *infoDict) {
	if d.length != nil {
		f := i.addFile(d.length, d.attr)
		// A lone file is what the torrent is for, whatever it is called.
		f.Pad, f.Path = false, []string{i.Name}
		return
	}
	i.MultiFile = true
	n, _ := countFiles(d.files)
	i.Files = make([]File, 0, n)
	tree := newPaths()
	for v := range d.files.Elements() {
		d := lookFile(v)
		f := i.addFile(d.length, d.attr)
		f.Path = d.makePath(i.Name, f.Length)
		if !f.Pad {
			f.Path = tree.add(f.Path)
		}
	}
}

// addFile appends a file without a path, which lies behind those before it.
func (i *Info) addFile(length, attr bencode.View) *File {
	f := makeFlags(attr)
	f.Offset = i.Length
	f.Length, _ = length.Int()
	// A link that claims a range of the content would leave a hole in it.
	f.Symlink = f.Symlink && f.Length == 0
	i.Length += f.Length
	i.Files = append(i.Files, f)
	return &i.Files[len(i.Files)-1]
}

// makeFlags is a File of nothing but attributes (BEP 47).
func makeFlags(attr bencode.View) (f File) {
	flags, _ := attr.Text()
	f.Pad = bytes.IndexByte(flags, 'p') >= 0
	f.Executable = bytes.IndexByte(flags, 'x') >= 0
	f.Hidden = bytes.IndexByte(flags, 'h') >= 0
	f.Symlink = bytes.IndexByte(flags, 'l') >= 0
	return f
}

// makePath is the path of a file of that length, in safe elements below the
// folder root.
func (d *fileDict) makePath(root string, length int64) []string {
	elements := d.elements()
	if elements == nil {
		return []string{root, ".pad", strconv.FormatInt(length, 10)}
	}
	n := 1
	for range elements.Elements() {
		n++
	}
	path := append(make([]string, 0, min(max(n, 2), MaxPathElements)), root)
	for e := range elements.Elements() {
		if name, _ := e.Text(); !empty(name) {
			path = append(path, safeName(name))
		}
	}
	if len(path) == 1 {
		path = append(path, substitute)
	}
	return path
}

// elements is the list of strings that counts as the file's path, nil when
// there is none.
func (d *fileDict) elements() bencode.View {
	switch {
	case texts(d.pathUTF8, utf8.Valid):
		return d.pathUTF8
	case texts(d.path, func([]byte) bool { return true }):
		return d.path
	}
	return nil
}

// texts tells whether v is a list of one string or more that are all good.
func texts(v bencode.View, good func([]byte) bool) bool {
	n := 0
	for e := range v.Elements() {
		if text, ok := e.Text(); !ok || !good(text) {
			return false
		}
		n++
	}
	return n > 0
}
