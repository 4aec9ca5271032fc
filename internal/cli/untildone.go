package cli

import (
	"context"
	"io"
)

// untilDone is r until ctx ends. A terminal or a pipe that nobody writes to any
// more cannot be made to return from Read, so a goroutine of its own waits there;
// it ends with r, or with the program.
func untilDone(ctx context.Context, r io.Reader) io.Reader {
	read, write := io.Pipe()
	go func() {
		_, err := io.Copy(write, r)
		write.CloseWithError(err) // nil reads as io.EOF
	}()
	context.AfterFunc(ctx, func() { write.CloseWithError(ctx.Err()) })
	return read
}
