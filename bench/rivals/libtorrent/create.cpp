// create CONTENT OUT PIECE_LENGTH: makes a .torrent of version 1.
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <libtorrent/bencode.hpp>
#include <libtorrent/create_torrent.hpp>

#include "libtorrent.hpp"

namespace fs = std::filesystem;

int create(arguments const& args)
{
	if (args.size() != 3) throw std::runtime_error("create: CONTENT OUT PIECE_LENGTH");
	lt::file_storage files;
	lt::add_files(files, args[0]);
	lt::create_torrent torrent(files, std::stoi(args[2]), lt::create_torrent::v1_only);
	lt::set_piece_hashes(torrent, fs::path(args[0]).parent_path().string());
	std::vector<char> bytes;
	lt::bencode(std::back_inserter(bytes), torrent.generate());
	std::ofstream out(args[1], std::ios::binary);
	out.write(bytes.data(), std::streamsize(bytes.size()));
	out.close();
	if (!out) throw std::runtime_error(args[1] + ": cannot be written");
	return 0;
}
