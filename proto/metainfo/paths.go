package metainfo

// paths is the tree of a torrent's stored files, which keeps names apart: rules
// 6 and 7 of the package comment. Every name costs one look into each table,
// however many collide, so that a hostile list of files takes linear time.
type paths struct {
	fold    folder
	taken   map[entry]bool   // names in use
	folders map[entry]branch // by the name that the folder was to have
	next    map[entry]int    // the number to try, by the name that is numbered
	last    int              // the last folder's id
}

// entry is what a name in a folder is told apart by.
type entry struct {
	branch int    // the folder's id
	key    string // the name, folded
}

// branch is a folder in use. Names that fold to the same are one folder, so that
// what lies in either is kept apart, but each keeps its spelling.
type branch struct {
	id      int
	renamed string // how all of them are called, or empty
}

func newPaths() *paths {
	return &paths{newFolder(), map[entry]bool{}, map[entry]branch{}, map[entry]int{}, 0}
}

// add places a file and returns where: in path, whose names it changes where
// they are taken. path must be safe elements, at least one.
func (p *paths) add(path []string) []string {
	last := len(path) - 1
	name := path[last]
	at, size := 0, len(path)-1
	for i, name := range path[:last] {
		want := entry{at, p.fold.key(name)}
		b, ok := p.folders[want]
		if !ok {
			p.last++
			b.id = p.last
			if got := p.claim(at, name); got != name {
				b.renamed = got
			}
			p.folders[want] = b
		}
		at = b.id
		if b.renamed != "" {
			path[i] = b.renamed
		}
		size += len(path[i])
	}
	path[last] = p.claim(at, name)
	if size+len(path[last]) > MaxPathBytes && len(path) > 2 {
		return p.add([]string{path[0], name})
	}
	return path
}

// claim takes the name wanted in a folder, or one made of it when that is taken.
func (p *paths) claim(branch int, want string) string {
	if e := (entry{branch, p.fold.key(want)}); !p.taken[e] {
		p.taken[e] = true
		return want
	}
	// Long names are cut before they are counted, so that all that become
	// the same by the cut share one count.
	base := shorten(want, MaxNameBytes-numberRoom)
	count := entry{branch, p.fold.key(base)}
	for n := max(p.next[count], 2); ; n++ {
		name := numbered(base, n)
		if e := (entry{branch, p.fold.key(name)}); !p.taken[e] {
			p.taken[e] = true
			p.next[count] = n + 1
			return name
		}
	}
}
