// A stream socket to a path, which never waits but in wait().
#pragma once

#include <string>

#include "bytes.hpp"

namespace ditto {

class UnixSocket {
  public:
    explicit UnixSocket(const std::string& path);  // is_open() says whether it worked
    ~UnixSocket();
    UnixSocket(const UnixSocket&) = delete;
    UnixSocket& operator=(const UnixSocket&) = delete;

    bool is_open() const { return descriptor_ >= 0; }

    // Until there is something to read, or room to write where that is wanted.
    void wait(int milliseconds, bool wants_to_write) const;

    // How many bytes were taken or given, at once; closes the socket where the peer is gone.
    size_t read(uint8_t* into, size_t room);
    size_t write(View bytes);

  private:
    size_t moved(long bytes);
    void close();

    int descriptor_ = -1;
};

}  // namespace ditto
