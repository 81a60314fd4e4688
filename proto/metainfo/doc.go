package metainfo
