#include <exception>
#include <iostream>

#include <libtorrent/version.hpp>

#include "libtorrent.hpp"

int main(int argc, char** argv)
try {
	std::string const command = argc > 1 ? argv[1] : "";
	arguments const args(argv + (argc > 1 ? 2 : 1), argv + argc);
	if (command == "session") return session(args);
	if (command == "create") return create(args);
	if (command == "version") {
		std::cout << lt::version() << '\n';
		return 0;
	}
	std::cerr << "libtorrent: session, create or version?\n";
	return 2;
}
catch (std::exception const& e) {
	std::cerr << "libtorrent: " << e.what() << '\n';
	return 1;
}
