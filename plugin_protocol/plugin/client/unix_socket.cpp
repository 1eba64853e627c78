#include "unix_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ditto {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;  // macOS has an option of the socket instead
#endif

}  // namespace

UnixSocket::UnixSocket(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path.data(), path.size());
    descriptor_ = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor_ < 0) return;
    fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor_, F_SETFL, O_NONBLOCK);
#ifdef SO_NOSIGPIPE
    const int on = 1;
    setsockopt(descriptor_, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    // A local socket connects at once or not at all.
    if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        close();
}

UnixSocket::~UnixSocket() { close(); }

void UnixSocket::wait(int milliseconds, bool wants_to_write) const {
    const auto events = static_cast<short>(wants_to_write ? POLLIN | POLLOUT : POLLIN);
    pollfd entry = {descriptor_, events, 0};
    poll(&entry, 1, milliseconds);
}

size_t UnixSocket::read(uint8_t* into, size_t room) {
    if (!is_open()) return 0;
    const ssize_t bytes = recv(descriptor_, into, room, 0);
    if (bytes == 0) close();  // the peer has left
    return moved(bytes);
}

size_t UnixSocket::write(View bytes) {
    if (!is_open() || bytes.size == 0) return 0;
    return moved(send(descriptor_, bytes.data, bytes.size, no_signal));
}

size_t UnixSocket::moved(long bytes) {
    if (bytes >= 0) return static_cast<size_t>(bytes);
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) close();
    return 0;
}

void UnixSocket::close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

}  // namespace ditto
