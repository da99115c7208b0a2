package mirror

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/oura-go/sdk/oura"
)

// readAll reads the collections, as many side by side as the options say. The caller's goroutine is one of the readers,
// and the only one unless Parallel is given. failures are those of single collections; err has ended the work.
func (s *syncing) readAll(ctx context.Context, chosen []oura.Collection) (failures []error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	left := make(chan oura.Collection, len(chosen))
	for _, c := range chosen {
		left <- c
	}
	close(left)
	read := func() {
		for c := range left {
			failed := s.readOne(ctx, c)
			if failed == nil {
				continue
			}
			fatal := !skippable(failed) || ctx.Err() != nil
			s.mu.Lock()
			switch {
			case !fatal:
				failures = append(failures, failed)
			case err == nil:
				err = failed
			}
			s.mu.Unlock()
			if fatal {
				cancel() // the others stop where they are, and the next Sync goes on there
				return
			}
		}
	}
	var others readers
	for range min(s.options.parallel, len(chosen)) - 1 {
		others.start(read, cancel)
	}
	defer others.end() // nothing runs on, whatever the caller's own code does in read
	defer cancel()
	read()
	others.Wait()
	return failures, err
}

// readOne reads a collection and notes what it did.
func (s *syncing) readOne(ctx context.Context, c oura.Collection) error {
	p := &passing{syncing: s, collection: c, kind: kindOf(c.Path), state: s.states[c.Path]}
	p.report.Collection = c.Path
	if p.state == nil {
		p.state = new(state)
	}
	p.report.Err = p.run(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.Collections = append(s.report.Collections, p.report)
	s.plan.parts[c.Path] = 1
	if p.report.Err != nil {
		return fmt.Errorf("oura/mirror: %s: %w", c.Path, p.report.Err)
	}
	return nil
}

// readers are goroutines that call the user's code. If that panics, or ends its goroutine as a failed test does, the
// caller's goroutine does the same.
type readers struct {
	sync.WaitGroup
	once sync.Once
	ends func()
}

func (r *readers) start(read, cancel func()) {
	r.Go(func() {
		ends := runtime.Goexit // unless it panics, or returns
		defer func() {
			if reason := recover(); reason != nil {
				ends = func() { panic(reason) }
			}
			if ends != nil {
				r.once.Do(func() { r.ends = ends })
				cancel()
			}
		}()
		read()
		ends = nil
	})
}

func (r *readers) end() {
	r.Wait()
	if r.ends != nil {
		r.ends()
	}
}
