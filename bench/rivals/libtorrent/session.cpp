// session --listen HOST:PORT --data DIR --state DIR --torrents FILE --disk default|posix
//
// Runs the torrents that FILE names, one path a line, until SIGTERM. What a
// torrent's state was is kept in DIR/NAME.resume, and a later start goes on
// from there.
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <stdexcept>

#include <libtorrent/alert_types.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/read_resume_data.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/write_resume_data.hpp>

#include "libtorrent.hpp"

namespace fs = std::filesystem;

namespace {

// Beyond what any measurement asks for.
constexpr int many = 12'000;

using options = std::map<std::string, std::string>;

options parse(arguments const& args)
{
	options o;
	for (std::size_t i = 0; i + 1 < args.size(); i += 2) o[args[i]] = args[i + 1];
	for (auto const* name : {"--listen", "--data", "--state", "--torrents", "--disk"})
		if (o.count(name) == 0) throw std::runtime_error(std::string(name) + " is missing");
	return o;
}

lt::session_params params(options const& o)
{
	lt::settings_pack s;
	s.set_str(s.listen_interfaces, o.at("--listen"));
	// Nothing but trackers and TCP.
	for (auto off : {s.enable_dht, s.enable_lsd, s.enable_upnp, s.enable_natpmp,
			s.enable_incoming_utp, s.enable_outgoing_utp})
		s.set_bool(off, false);
	// Serve everyone at once. All peers of a test have addresses of this machine.
	s.set_int(s.connections_limit, many);
	s.set_int(s.unchoke_slots_limit, many);
	s.set_int(s.listen_queue_size, 3000);
	s.set_int(s.max_peerlist_size, 0);
	s.set_bool(s.allow_multiple_connections_per_ip, true);
	// Errors, and the answers to what is asked for below.
	s.set_int(s.alert_mask, lt::alert_category::error | lt::alert_category::storage);
	s.set_int(s.alert_queue_size, 100'000);
	lt::session_params p(s);
	if (o.at("--disk") == "posix") p.disk_io_constructor = lt::posix_disk_io_constructor;
	return p;
}

fs::path resume_file(options const& o, fs::path const& torrent)
{
	return fs::path(o.at("--state")) / torrent.filename().replace_extension(".resume");
}

lt::add_torrent_params load(options const& o, fs::path const& torrent)
{
	std::ifstream in(resume_file(o, torrent), std::ios::binary);
	lt::add_torrent_params p;
	if (in) {
		std::vector<char> const bytes{std::istreambuf_iterator<char>(in), {}};
		p = lt::read_resume_data(bytes);
	} else {
		p.ti = std::make_shared<lt::torrent_info>(torrent.string());
		p.max_connections = many;
		p.max_uploads = many;
	}
	p.save_path = o.at("--data");
	// The torrent runs whatever libtorrent thinks of its activity.
	p.flags &= ~(lt::torrent_flags::auto_managed | lt::torrent_flags::paused);
	return p;
}

// save asks all torrents for their state, and writes what they answer.
void save(lt::session& ses, std::map<lt::torrent_handle, fs::path> const& files)
{
	ses.pause();
	for (auto const& [torrent, file] : files)
		torrent.save_resume_data(lt::torrent_handle::save_info_dict);
	for (std::size_t answers = 0; answers < files.size();) {
		ses.wait_for_alert(lt::seconds(1));
		std::vector<lt::alert*> alerts;
		ses.pop_alerts(&alerts);
		for (auto* a : alerts) {
			if (auto const* saved = lt::alert_cast<lt::save_resume_data_alert>(a)) {
				auto const bytes = lt::write_resume_data_buf(saved->params);
				std::ofstream out(files.at(saved->handle), std::ios::binary);
				out.write(bytes.data(), std::streamsize(bytes.size()));
				++answers;
			} else if (lt::alert_cast<lt::save_resume_data_failed_alert>(a)) {
				std::cout << a->message() << std::endl;
				++answers;
			}
		}
	}
}

} // namespace

int session(arguments const& args)
{
	auto const o = parse(args);
	// The library's threads inherit the mask, so that this one gets the signals.
	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, nullptr);

	lt::session ses(params(o));
	std::map<lt::torrent_handle, fs::path> files;
	std::ifstream list(o.at("--torrents"));
	for (std::string torrent; std::getline(list, torrent);)
		files[ses.add_torrent(load(o, torrent))] = resume_file(o, torrent);

	for (timespec const second{1, 0}; sigtimedwait(&ends, nullptr, &second) < 0;) {
		std::vector<lt::alert*> alerts;
		ses.pop_alerts(&alerts);
		for (auto const* a : alerts)
			if (a->category() & lt::alert_category::error) std::cout << a->message() << std::endl;
	}
	save(ses, files);
	return 0;
}
