//go:build unix

package bus

import (
	"os"

	"golang.org/x/sys/unix"
)

// diskSpace returns the bytes free to us and the size of the disk dir is on.
func diskSpace(dir string) (free, total int64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	size := int64(st.Bsize) //nolint:unconvert // narrower on some systems
	return int64(st.Bavail) * size, int64(st.Blocks) * size, nil
}

// lockFile takes an exclusive lock that dies with the process.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
