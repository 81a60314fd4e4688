package metainfo

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// setFiles fills in the files and their sum. i.Name must be there.
func (i *Info) setFiles(d *infoDict) error {
	switch {
	case d.Length == nil && len(d.Files) == 0:
		return errors.New(`no "length", and no "files"`)
	case d.Length != nil && len(d.Files) > 0:
		return errors.New(`both "length" and "files"`)
	}
	i.MultiFile = d.Length == nil
	if i.MultiFile {
		if err := i.listFiles(d.Files); err != nil {
			return err
		}
	} else {
		f, err := i.addFile(d.Length, d.Attr)
		if err != nil {
			return err
		}
		// A lone file is what the torrent is for, whatever it is called.
		f.Pad, f.Path = false, []string{i.Name}
	}
	if i.Length == 0 {
		return errors.New("no content: the files are empty")
	}
	return nil
}

// listFiles fills in the files of a torrent that has a list of them.
func (i *Info) listFiles(list []fileDict) error {
	i.Files = make([]File, 0, len(list))
	tree := newPaths()
	for n := range list {
		d := &list[n]
		f, err := i.addFile(d.Length, d.Attr)
		if err == nil {
			err = f.setPath(i.Name, d)
		}
		if err != nil {
			return fmt.Errorf("file %d: %w", n+1, err)
		}
		if !f.Pad {
			tree.add(f.Path)
		}
	}
	return nil
}

// addFile appends a file without a path, which lies behind those before it.
func (i *Info) addFile(length, attr any) (*File, error) {
	f := File{Offset: i.Length}
	flags, _ := attr.(string)
	f.Pad = strings.Contains(flags, "p")
	f.Executable = strings.Contains(flags, "x")
	f.Hidden = strings.Contains(flags, "h")
	f.Symlink = strings.Contains(flags, "l")
	// Links may lack a length (BEP 47).
	if length != nil || !f.Symlink {
		var err error
		if f.Length, err = integer("length", length); err != nil {
			return nil, err
		}
	}
	if f.Length < 0 {
		return nil, fmt.Errorf(`"length" is %d`, f.Length)
	}
	if f.Length > math.MaxInt64-i.Length {
		return nil, fmt.Errorf("the files take more than %d bytes", int64(math.MaxInt64))
	}
	// A link that claims a range of the content would leave a hole in it.
	f.Symlink = f.Symlink && f.Length == 0
	i.Length += f.Length
	i.Files = append(i.Files, f)
	return &i.Files[len(i.Files)-1], nil
}

// setPath fills in a path of safe elements below the folder root.
func (f *File) setPath(root string, d *fileDict) error {
	elements, ok := texts(d.PathUTF8)
	for _, e := range elements {
		ok = ok && utf8.ValidString(e)
	}
	if !ok {
		elements, ok = texts(d.Path)
	}
	switch {
	case ok:
	case f.Pad && d.Path == nil: // BEP 47: padding may lack a path
		elements = []string{".pad", strconv.FormatInt(f.Length, 10)}
	default:
		return unexpected("path", d.Path, "a list of strings")
	}
	f.Path = append(make([]string, 0, 1+len(elements)), root)
	for _, e := range elements {
		if e = safeName(e); e != "" {
			f.Path = append(f.Path, e)
		}
	}
	if len(f.Path) == 1 {
		f.Path = append(f.Path, substitute)
	}
	if len(f.Path) > MaxPathElements {
		return fmt.Errorf("a path of %d elements, more than %d", len(f.Path), MaxPathElements)
	}
	return nil
}

// texts is v as a list of strings, if it is one with something in it.
func texts(v any) ([]string, bool) {
	list, _ := v.([]any)
	out := make([]string, len(list))
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, len(out) > 0
}
