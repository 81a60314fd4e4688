package session

import (
	"spate/proto/metainfo"
	"spate/reactor"
)

// Real starts an engine on real sockets and files.
func Real(conf reactor.Config) (Engine, error) {
	e, err := reactor.New(conf)
	if err != nil {
		return nil, err
	}
	return real{e}, nil
}

// real makes reactor.Engine fit Engine.
type real struct{ *reactor.Engine }

// Add implements Engine.
func (r real) Add(meta *metainfo.Torrent, o reactor.AddOptions) (Torrent, error) {
	t, err := r.Engine.Add(meta, o)
	if err != nil {
		return nil, err // and no typed nil
	}
	return t, nil
}

// AddFolder implements Engine.
func (r real) AddFolder(o reactor.FolderOptions) (Folder, error) {
	f, err := r.Engine.AddFolder(o)
	if err != nil {
		return nil, err // and no typed nil
	}
	return f, nil
}
