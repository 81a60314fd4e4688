package metainfo

// paths is the tree of a torrent's stored files, which keeps names apart: rule
// 5 of the package comment. Every name costs one look into each table, however
// many collide, so that a hostile list of files takes linear time.
type paths struct {
	taken   map[entry]bool // by the name in use
	folders map[entry]folder
	next    map[entry]int // the number to try, by the name that is numbered
	last    int           // the last folder's id
}

// entry is a name in a folder.
type entry struct {
	folder int // its id
	name   string
}

// folder is a folder as it is in use; the table has it by the name it was to have.
type folder struct {
	id   int
	name string
}

func newPaths() *paths {
	return &paths{map[entry]bool{}, map[entry]folder{}, map[entry]int{}, 0}
}

// add places a file and writes the names that it and its folders got into
// path, which must be safe elements, at least one.
func (p *paths) add(path []string) {
	at := 0
	for i, name := range path[:len(path)-1] {
		want := entry{at, name}
		f, ok := p.folders[want]
		if !ok {
			p.last++
			f = folder{p.last, p.claim(want)}
			p.folders[want] = f
		}
		at, path[i] = f.id, f.name
	}
	i := len(path) - 1
	path[i] = p.claim(entry{at, path[i]})
}

// claim takes the wanted name, or one made of it when that is taken.
func (p *paths) claim(want entry) string {
	if !p.taken[want] {
		p.taken[want] = true
		return want.name
	}
	// Long names are cut before they are counted, so that all that become
	// the same by the cut share one count.
	base := entry{want.folder, shorten(want.name, MaxNameBytes-numberRoom)}
	for n := max(p.next[base], 2); ; n++ {
		e := entry{want.folder, numbered(base.name, n)}
		if !p.taken[e] {
			p.taken[e] = true
			p.next[base] = n + 1
			return e.name
		}
	}
}
