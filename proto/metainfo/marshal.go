package metainfo

import "spate/proto/bencode"

// outTorrent is what is written of a torrent.
type outTorrent struct {
	Announce     string      `bencode:"announce,omitempty"`
	AnnounceList [][]string  `bencode:"announce-list,omitempty"`
	Comment      string      `bencode:"comment,omitempty"`
	CreatedBy    string      `bencode:"created by,omitempty"`
	CreationDate int64       `bencode:"creation date,omitempty"`
	Info         bencode.Raw `bencode:"info"`
	URLList      []string    `bencode:"url-list,omitempty"`
}

// Marshal is the torrent as a .torrent file, with InfoBytes as they are. Keys
// that Parse does not read are not kept.
func (t *Torrent) Marshal() ([]byte, error) {
	out := outTorrent{
		Comment: t.Comment, CreatedBy: t.CreatedBy, CreationDate: t.CreationDate,
		Info: t.InfoBytes, URLList: t.WebSeeds,
	}
	if len(t.Tiers) > 0 && len(t.Tiers[0]) > 0 {
		out.Announce = t.Tiers[0][0]
	}
	if len(t.Tiers) > 1 || len(t.Tiers) == 1 && len(t.Tiers[0]) > 1 {
		out.AnnounceList = t.Tiers
	}
	return bencode.Marshal(out)
}
