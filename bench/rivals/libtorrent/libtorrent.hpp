// The commands of the program. Each takes its arguments and returns an exit code.
#pragma once

#include <string>
#include <vector>

using arguments = std::vector<std::string>;

int session(arguments const& args);
int create(arguments const& args);
